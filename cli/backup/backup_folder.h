// Backups as folders: DEST/<UTC time>/ holds a whole store; files that have not changed since the backup before it are
// hard links to it, so that each costs only what is new, and any may be deleted.
//
// A backup appears under its name when it is whole and on the disk; before that it is DEST/<UTC time>.partial.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace tintype {

// In a snapshot and in a backup: the folder that is not the store's, but goes beside it as DATA/access.
inline constexpr const char* kAccessInBackup = "access";

struct BackupDone {
  std::string folder;
  std::uint64_t files = 0, bytes = 0;                // of the backup
  std::uint64_t copied_files = 0, copied_bytes = 0;  // the rest is shared with the backup before
};

// Copies `store`, which nothing changes meanwhile, to a new folder in `dest`, made if it is missing.
// kInvalidArgument if `dest` holds backups of another store.
Result<BackupDone> write_backup(const std::string& store, const std::string& dest, UnixMs now_ms);

// Copies a backup (or the newest one in a folder of backups) to DATA/store and DATA/access, which must not exist, and
// checks every byte against its list. DATA/store appears last, when all is there.
Result<BackupDone> restore_backup(const std::string& source, const std::string& data);

}  // namespace tintype
