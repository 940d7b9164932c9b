// Database: RocksDB as this store uses it: three column families in one log, so that a batch over any of them is
// one step. Thread-safe. RocksDB queues concurrent synced writes and flushes them together.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>

#include "core/base/log.h"
#include "core/base/result.h"
#include "storage_client/embedded/embedded_store.h"
#include "storage_client/embedded/keys.h"

namespace tintype::embedded {

enum class Family : std::uint8_t { kIndex, kJobs, kBlobs };
inline constexpr std::size_t kFamilyCount = 3;

// kSynced: survives a power cut. kBuffered: survives this process.
enum class Durability : std::uint8_t { kSynced, kBuffered };

class Database {
 public:
  // Makes the database if there is none. `log` must outlive it.
  static Result<std::unique_ptr<Database>> open(const std::string& path, const EmbeddedStoreConfig& config,
                                                Logger& log);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<std::size_t>(family)]; }

  Status write(rocksdb::WriteBatch& batch, Durability durability);
  // Buffered: what is written and synced after it makes it durable too.
  Status remove_all(Family family, const KeyRange& range);
  // False if there is no such key. The value is pinned until `value` goes: it must go before the database.
  Result<bool> get(Family family, std::string_view key, rocksdb::PinnableSlice& value);
  Result<bool> contains(Family family, std::string_view key);
  // Several keys as of one moment; a missing one leaves its `found` false.
  template <std::size_t kCount>
  struct Values {
    std::array<rocksdb::PinnableSlice, kCount> value;
    std::array<bool, kCount> found{};
  };
  template <std::size_t kCount>
  Result<Values<kCount>> get_together(Family family, const std::array<std::string, kCount>& keys);

  // The last of a range of extents.
  Result<std::optional<Extent>> last_extent(const KeyRange& range) const;

  // A database of its own at `path`, as of one moment, in hard links where it can.
  Status checkpoint(const std::string& path);

  // For a value that does not read back as this store writes it.
  std::unexpected<Error> corrupt(std::string_view what) const;

 private:
  friend class RangeScan;
  Database(std::string path, std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> handles)
      : path_(std::move(path)), db_(std::move(db)), handles_(std::move(handles)) {}

  std::unexpected<Error> failure(const rocksdb::Status& status, std::string_view doing) const;

  std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

// Walks a range forward, as it was when the walk began.
class RangeScan {
 public:
  RangeScan(const Database& database, Family family, KeyRange range);
  RangeScan(const RangeScan&) = delete;
  RangeScan& operator=(const RangeScan&) = delete;

  bool valid() const { return !range_.is_empty() && scan_->Valid(); }
  std::string_view key() const { return scan_->key().ToStringView(); }
  std::string_view value() const { return scan_->value().ToStringView(); }
  void next() { scan_->Next(); }
  // Ask after the walk: an error also ends it.
  Status status() const;

 private:
  const Database& database_;
  KeyRange range_;
  rocksdb::Slice end_;
  std::unique_ptr<rocksdb::Iterator> scan_;
};

template <std::size_t kCount>
Result<Database::Values<kCount>> Database::get_together(Family family, const std::array<std::string, kCount>& keys) {
  std::array<rocksdb::Slice, kCount> slices;
  for (std::size_t i = 0; i < kCount; ++i) slices[i] = keys[i];
  std::array<rocksdb::Status, kCount> statuses;
  Values<kCount> values;
  db_->MultiGet(rocksdb::ReadOptions(), this->family(family), kCount, slices.data(), values.value.data(),
                statuses.data());
  for (std::size_t i = 0; i < kCount; ++i) {
    if (!statuses[i].ok() && !statuses[i].IsNotFound()) return failure(statuses[i], "reading");
    values.found[i] = statuses[i].ok();
  }
  return values;
}

}  // namespace tintype::embedded
