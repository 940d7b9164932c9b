// BACKUP, the list in each backup: what store it is of, and every file with its digest. Written last: a folder without
// one is no backup.
//
//   tintype-backup 1 <store id>
//   <sha256, hex> <bytes> <time of writing, ns since 1970> <path in the backup>
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

inline constexpr const char* kBackupListName = "BACKUP";

struct BackedUpFile {
  std::string sha256;
  std::uint64_t bytes = 0;
  std::int64_t written_at_ns = 0;

  bool operator==(const BackedUpFile&) const = default;
};

struct BackupList {
  std::string store_id;
  std::map<std::string, BackedUpFile> files;  // by path

  bool operator==(const BackupList&) const = default;
};

std::string to_text(const BackupList& list);
// kUnsupported for a newer version, kCorruptData for anything that to_text() does not write; no path leads out.
Result<BackupList> parse_backup_list(std::string_view text);

}  // namespace tintype
