#include "cli/migrate/migration_view.h"

#include <algorithm>
#include <format>

#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

std::uint64_t ended(const MigrationCount& count) { return count.same + count.copied + count.changed + count.failed; }

}  // namespace

std::string migration_line(const Migration::Progress& progress, int round, double seconds) {
  const MigrationCount& count = progress.count;
  if (progress.photos_to_see == 0) return std::format("round {}: listing", round);
  const std::uint64_t done = std::min(ended(count), progress.photos_to_see);
  const double pace = seconds > 0 ? static_cast<double>(count.bytes_written) / seconds : 0;
  std::string line = std::format("round {}: {} of {} photos, {} copied, {}/s", round, human_count(done),
                                 human_count(progress.photos_to_see), human_bytes(count.bytes_written),
                                 human_bytes(static_cast<std::uint64_t>(pace)));
  if (count.failed > 0) line += std::format(", {} failed", human_count(count.failed));
  if (done > 0 && done < progress.photos_to_see && seconds > 1) {
    const double left = seconds * static_cast<double>(progress.photos_to_see - done) / static_cast<double>(done);
    line += std::format(", {} left", human_duration(left));
  }
  return line;
}

void add_round(MigrationSummary& summary, const MigrationRound& round) {
  ++summary.rounds;
  summary.last = round.count;
  summary.problems = round.problems;
  summary.was_stopped = round.stopped;
  MigrationCount& total = summary.total;
  total.photos_at_source = round.count.photos_at_source;
  total.original_bytes = round.count.original_bytes;
  total.same = round.count.same;
  total.failed = round.count.failed;
  for (const auto field :
       {&MigrationCount::copied, &MigrationCount::changed, &MigrationCount::deleted, &MigrationCount::blobs_written,
        &MigrationCount::bytes_written, &MigrationCount::blobs_verified, &MigrationCount::jobs_copied}) {
    total.*field += round.count.*field;
  }
}

std::string migration_table(const MigrationSummary& summary) {
  const MigrationCount& total = summary.total;
  Table table({{"Migration"}, {"", Align::kRight}, {""}});
  const auto add = [&](const char* name, std::uint64_t count, std::string more = "") {
    table.add_row({name, human_count(count), std::move(more)});
  };
  add("Photos at the source", total.photos_at_source, human_bytes(total.original_bytes) + " of originals");
  add("the same there", total.same);
  const char *verbs[] = {"copied", "changed", "deleted"}, *plans[] = {"to be copied", "to be changed", "to be deleted"};
  const auto& words = summary.is_dry_run ? plans : verbs;
  add(words[0], total.copied);
  add(words[1], total.changed);
  add(words[2], total.deleted, "at the target, as they were at the source");
  if (!summary.is_dry_run) {
    const double pace = summary.seconds > 0 ? static_cast<double>(total.bytes_written) / summary.seconds : 0;
    add("Blobs written", total.blobs_written,
        std::format("{}, each read back; {}/s", human_bytes(total.bytes_written),
                    human_bytes(static_cast<std::uint64_t>(pace))));
    add("there from before", total.blobs_verified, "digests checked");
    add("Job records", total.jobs_copied);
  }
  add("Failed", total.failed);
  table.add_row({"Time", human_duration(summary.seconds),
                 counted(static_cast<std::uint64_t>(summary.rounds), "round", "rounds")});
  std::string text = table.to_string();
  if (summary.problems.empty()) return text;
  Table problems({{"Owner"}, {"Photo"}, {"Why"}});
  for (const MigrationProblem& problem : summary.problems)
    problems.add_row({problem.owner, problem.photo.to_string(), problem.error.message});
  return text + "\n" + problems.to_string();
}

Json migration_json(const MigrationSummary& summary) {
  const MigrationCount& total = summary.total;
  Json problems = Json::array();
  for (const MigrationProblem& problem : summary.problems) {
    problems.push_back({{"owner", problem.owner},
                        {"photo_id", problem.photo.to_string()},
                        {"code", error_name(problem.error.code)},
                        {"message", problem.error.message}});
  }
  return {{"photos", total.photos_at_source},
          {"original_bytes", total.original_bytes},
          {"same", total.same},
          {"copied", total.copied},
          {"changed", total.changed},
          {"deleted", total.deleted},
          {"failed", total.failed},
          {"blobs_written", total.blobs_written},
          {"bytes_written", total.bytes_written},
          {"blobs_verified", total.blobs_verified},
          {"jobs", total.jobs_copied},
          {"rounds", summary.rounds},
          {"seconds", summary.seconds},
          {"dry_run", summary.is_dry_run},
          {"stopped", summary.was_stopped},
          {"in_step", summary.last.is_in_step()},
          {"problems", std::move(problems)}};
}

}  // namespace tintype
