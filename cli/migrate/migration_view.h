// What people see of a migration: a line while it runs, tables at its end. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/http/farm_json.h"
#include "storage_client/migration/migration.h"

namespace tintype {

// "round 1: 1,204 of 5,310 photos, 4.10 GB copied, 62.0 MB/s, 3 min 05 s left"
std::string migration_line(const Migration::Progress& progress, int round, double seconds);

struct MigrationSummary {
  MigrationCount total;  // over all rounds; `photos_at_source`, `original_bytes` and `same` of the last
  MigrationCount last;
  std::vector<MigrationProblem> problems;  // of the last round
  int rounds = 0;
  double seconds = 0;
  bool is_dry_run = false, was_stopped = false;
};

void add_round(MigrationSummary& summary, const MigrationRound& round);
std::string migration_table(const MigrationSummary& summary);
Json migration_json(const MigrationSummary& summary);

}  // namespace tintype
