// Small blobs, one after another in files of about 64 MB: DIR/packs/<8 hex>.pack.
//
// A pack is only ever appended to, and by one opening of the store; what is removed becomes a hole. Where a blob lies
// is known to the database alone, which is told after the bytes are durable: bytes it was never told of are cut off,
// and packs without blobs removed, at the next open. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/base/unique_fd.h"
#include "storage_client/embedded/database.h"

namespace tintype::embedded {

class PackFiles {
 public:
  // Makes DIR/packs if it is missing.
  static Result<std::unique_ptr<PackFiles>> open(const std::string& dir, Database& database, Logger& log);

  // One extent a blob, in order; durable.
  Result<std::vector<Extent>> append(std::span<const ByteView> blobs);

  // kCorruptData if the file ends before the extent does, or is gone.
  Result<Bytes> read(const Extent& extent) const;

  // Zeroes the bytes and gives whole blocks of them back, where the file system can make holes. Call when the
  // database knows of them no more.
  Status release(std::vector<Extent> extents);

  // A snapshot links the packs: what is released from hold() on is kept until let_go(). Call hold() while nothing is
  // being released.
  void hold();
  Status let_go();
  // Releases what lies in packs and belongs to no blob: what a process that died while holding did not.
  Status release_gaps(Database& database);

 private:
  struct Pack {
    std::uint64_t number = 0;
    UniqueFd fd;
    std::uint64_t end = 0;  // guarded by mutex_
  };

  PackFiles(std::string folder, Logger& log) : folder_(std::move(folder)), log_(log) {}

  Status settle(Database& database);
  // Warns where the file system cannot make holes.
  Status check_holes();
  std::string path_of(std::uint64_t number) const;
  // Room for `bytes` at a block's start of the pack returned.
  Result<std::pair<std::shared_ptr<Pack>, std::uint64_t>> reserve(std::uint64_t bytes);
  Status punch(std::vector<Extent> extents);
  // No more goes into this one.
  void abandon(const Pack& pack);

  std::string folder_;
  Logger& log_;
  std::mutex mutex_;
  std::shared_ptr<Pack> current_;
  std::uint64_t next_number_ = 1;
  bool held_ = false;
  std::vector<Extent> held_back_;
};

}  // namespace tintype::embedded
