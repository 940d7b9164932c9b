#include "storage_client/embedded/database.h"

#include <format>

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include "storage_client/embedded/adding_numbers.h"
#include "storage_client/embedded/rows.h"

namespace tintype::embedded {
namespace {

constexpr std::array<const char*, kFamilyCount> kFamilyNames = {"index", "jobs", "blobs"};

constexpr std::uint64_t kSmoothBytes = 512 << 10;
constexpr std::int64_t kBackgroundBytesPerSecond = 64 << 20;
constexpr std::int64_t kRefillUs = 10'000;

class BackgroundErrors final : public rocksdb::EventListener {
 public:
  explicit BackgroundErrors(Logger& log) : log_(log) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    log_.error("store_background_error", {{"error", status->ToString()}});
  }

 private:
  Logger& log_;
};

rocksdb::DBOptions database_options(const EmbeddedStoreConfig& config, Logger& log) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_open_files = 512;
  options.max_total_wal_size = 4 * config.write_buffer_bytes;
  // A log that is overwritten in place keeps its length, so a flush need not write the inode too.
  options.recycle_log_file_num = 2;
  // What flushes and compactions write goes to the disk bit by bit: a sync of the log never waits behind all of it.
  options.bytes_per_sync = kSmoothBytes;
  options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(kBackgroundBytesPerSecond, kRefillUs));
  // Waiting writers sleep: spinning would burn the CPU that lanes encode with.
  options.enable_write_thread_adaptive_yield = false;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = 1 << 20;
  options.keep_log_file_num = 2;
  options.listeners.push_back(std::make_shared<BackgroundErrors>(log));
  return options;
}

rocksdb::ColumnFamilyOptions all_families_options(const EmbeddedStoreConfig& config) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(config.cache_bytes);
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_size = 16 * 1024;

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = config.write_buffer_bytes;
  options.max_write_buffer_number = 2;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const EmbeddedStoreConfig& config,
                                                 Logger& log) {
  const auto family_options = all_families_options(config);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  // Holds nothing, but has to exist, and with our buffer size: after a full disk RocksDB waits until the largest
  // buffer of any family would fit before it writes again.
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options);
  for (const char* name : kFamilyNames) families.emplace_back(name, family_options);
  families[1 + static_cast<std::size_t>(Family::kIndex)].options.merge_operator = make_adding_operator();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(database_options(config, log), path, families, &handles, &opened);
  std::unique_ptr<Database> database(new Database(path, std::unique_ptr<rocksdb::DB>(opened), {}));
  if (!status.ok()) return database->failure(status, "opening");
  opened->DestroyColumnFamilyHandle(handles.front());
  database->handles_.assign(handles.begin() + 1, handles.end());
  return database;
}

Database::~Database() {
  if (!db_) return;
  // Job records written since the last synced change.
  db_->SyncWAL().PermitUncheckedError();
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close().PermitUncheckedError();
}

Status Database::write(rocksdb::WriteBatch& batch, Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) return failure(status, "writing");
  return {};
}

Status Database::remove_all(Family family, const KeyRange& range) {
  const rocksdb::Status status = db_->DeleteRange(rocksdb::WriteOptions(), this->family(family), range.from, range.end);
  if (!status.ok()) return failure(status, "removing");
  return {};
}

Result<bool> Database::get(Family family, std::string_view key, rocksdb::PinnableSlice& value) {
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), this->family(family), key, &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return failure(status, "reading");
}

Result<bool> Database::contains(Family family, std::string_view key) {
  rocksdb::PinnableSlice value;
  return get(family, key, value);
}

Result<std::optional<Extent>> Database::last_extent(const KeyRange& range) const {
  const std::unique_ptr<rocksdb::Iterator> scan(db_->NewIterator(rocksdb::ReadOptions(), family(Family::kBlobs)));
  scan->SeekForPrev(range.end);
  if (!scan->status().ok()) return failure(scan->status(), "reading");
  if (!scan->Valid() || scan->key().ToStringView() < range.from) return std::nullopt;
  const auto extent = decode_extent(scan->key().ToStringView(), scan->value().ToStringView());
  if (!extent) return corrupt("a pack's row");
  return extent;
}

Status Database::checkpoint(const std::string& path) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(path);
  if (!status.ok()) return failure(status, "taking a checkpoint");
  return {};
}

std::unexpected<Error> Database::corrupt(std::string_view what) const {
  return fail(ErrorCode::kCorruptData,
              std::format("store {}: {} does not read back as it was written; stop the farm and restore the store "
                          "from a backup",
                          path_, what));
}

std::unexpected<Error> Database::failure(const rocksdb::Status& status, std::string_view doing) const {
  ErrorCode code = ErrorCode::kInternal;
  std::string_view remedy = "see LOG in that folder";
  if (status.IsCorruption()) {
    code = ErrorCode::kCorruptData;
    remedy = "stop the farm and restore the store from a backup";
  } else if (status.IsNoSpace()) {
    code = ErrorCode::kStorageFull;
    remedy = "free some space on its disk";
  } else if (status.IsIOError()) {
    code = ErrorCode::kIo;
    remedy = "check its disk, then start the farm again";
  } else if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut() || status.IsShutdownInProgress()) {
    code = ErrorCode::kUnavailable;
    remedy = "try again";
  }
  return fail(code, std::format("store {}: {} failed: {}; {}", path_, doing, status.ToString(), remedy));
}

RangeScan::RangeScan(const Database& database, Family family, KeyRange range)
    : database_(database), range_(std::move(range)), end_(range_.end) {
  if (range_.is_empty()) return;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end_;
  scan_.reset(database.db_->NewIterator(options, database.family(family)));
  scan_->Seek(range_.from);
}

Status RangeScan::status() const {
  if (!scan_ || scan_->status().ok()) return {};
  return database_.failure(scan_->status(), "reading");
}

}  // namespace tintype::embedded
