// `tintype backup` and `tintype restore`.
#pragma once

#include <string>

#include "cli/commands/farm_command.h"

namespace tintype {

struct BackupOptions {
  std::string place;                        // backup: where it goes; restore: where it is
  std::string data_dir = "./tintype-data";  // restore: the farm's folder to be
};

// Asks the farm for a snapshot of its store, copies it, lets it go. The farm goes on meanwhile.
int run_backup(const FarmOptions& farm, const BackupOptions& options);
int run_restore(const BackupOptions& options);

}  // namespace tintype
