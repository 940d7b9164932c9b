// What the sync layer writes down, and Survivors reads: one record for each change of the watched folder, in the order
// the changes were made. A record is a head, then its two paths, then its data. The last one may be torn by the kill.
#pragma once

#include <cstdint>

namespace tintype::crash {

enum class Kind : std::uint32_t {
  kCreate,      // file `inode` at `path`
  kMakeFolder,  // folder `inode` at `path`
  kLink,        // what is at `path` also at `path2`
  kRename,      // what is at `path` now at `path2`
  kUnlink,      // nothing at `path` any more
  kWrite,       // data at `offset` of `inode`
  kZero,        // `size` zero bytes at `offset` of `inode`, within its length
  kTruncate,    // `inode` is `size` bytes long
  kTime,        // `inode` was written at `offset` nanoseconds since 1970
  kSync,        // `inode`, a file or a folder: durable as it was after `offset` records
};

struct RecordHead {
  Kind kind = Kind::kSync;
  std::uint32_t path_bytes = 0;
  std::uint32_t path2_bytes = 0;
  std::uint32_t data_bytes = 0;
  std::uint64_t inode = 0;  // as stat(2) says; may be used again once the file is gone
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

}  // namespace tintype::crash
