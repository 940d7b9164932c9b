#include "storage_client/embedded/embedded_store.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <mutex>

#include "storage_client/embedded/data_folder.h"
#include "storage_client/embedded/database.h"
#include "storage_client/embedded/embedded_blobs.h"
#include "storage_client/embedded/embedded_index.h"
#include "storage_client/embedded/embedded_jobs.h"
#include "storage_client/embedded/month_counts.h"
#include "storage_client/embedded/original_files.h"
#include "storage_client/embedded/pack_files.h"
#include "storage_client/embedded/snapshot.h"

namespace tintype {
namespace {

using namespace embedded;

constexpr std::uint64_t kMinWriteBuffer = 1ull << 20;
constexpr std::uint64_t kMaxPackedBlob = 16ull << 20;  // a packed blob is in memory whole

class OpenStore final : public EmbeddedStore {
 public:
  OpenStore(const EmbeddedStoreConfig& config, const Clock& clock, UniqueFd lock, std::unique_ptr<OriginalFiles> files,
            std::unique_ptr<Database> database, std::unique_ptr<PackFiles> packs)
      : config_(config),
        lock_(std::move(lock)),
        files_(std::move(files)),
        database_(std::move(database)),
        packs_(std::move(packs)),
        blobs_(config_, *database_, *files_, *packs_, clock),
        index_(*database_, clock),
        jobs_(*database_) {}

  BlobStore& blobs() override { return blobs_; }
  PhotoIndex& index() override { return index_; }
  JobStore& jobs() override { return jobs_; }

  Result<std::string> take_snapshot() override {
    const std::lock_guard one_at_a_time(snapshots_);
    const auto removals = blobs_.hold_removals();
    TT_TRY(make_snapshot(config_.dir, *database_));
    packs_->hold();
    return std::filesystem::absolute(snapshot_folder(config_.dir)).string();
  }

  Status drop_snapshot() override {
    const std::lock_guard one_at_a_time(snapshots_);
    TT_TRY(remove_snapshot(config_.dir));
    return packs_->let_go();
  }

 private:
  EmbeddedStoreConfig config_;
  UniqueFd lock_;  // let go last
  std::unique_ptr<OriginalFiles> files_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<PackFiles> packs_;
  EmbeddedBlobs blobs_;
  EmbeddedIndex index_;
  EmbeddedJobs jobs_;
  std::mutex snapshots_;
};

}  // namespace

Status EmbeddedStoreConfig::validate() const {
  if (dir.empty()) return fail(ErrorCode::kInvalidArgument, "store: no folder given");
  if (write_buffer_bytes < kMinWriteBuffer) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("store: write_buffer_bytes must be at least {}", kMinWriteBuffer));
  }
  if (packed_blob_limit_bytes > kMaxPackedBlob) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("store: packed_blob_limit_bytes must be at most {}", kMaxPackedBlob));
  }
  if (resume_at_bytes() < min_free_bytes) {
    return fail(ErrorCode::kInvalidArgument, "store: resume_free_bytes must be at least min_free_bytes");
  }
  return {};
}

Result<std::unique_ptr<EmbeddedStore>> open_embedded_store(const EmbeddedStoreConfig& config, const Clock& clock,
                                                           Logger& log) {
  TT_TRY(config.validate());
  const double started = clock.steady_seconds();
  TT_ASSIGN(UniqueFd lock, lock_folder(config.dir));
  TT_TRY(open_format(config.dir, log));
  TT_ASSIGN(auto files, OriginalFiles::open(config.dir));
  TT_ASSIGN(auto database, Database::open(config.dir + "/db", config, log));
  TT_TRY(ensure_counted(*database, log));
  TT_ASSIGN(auto packs, PackFiles::open(config.dir, *database, log));
  TT_ASSIGN(const bool snapshot_left_behind, remove_snapshot(config.dir));
  if (snapshot_left_behind) TT_TRY(packs->release_gaps(*database));
  log.info("store_opened", {{"dir", config.dir}, {"seconds", clock.steady_seconds() - started}});
  return std::make_unique<OpenStore>(config, clock, std::move(lock), std::move(files), std::move(database),
                                     std::move(packs));
}

}  // namespace tintype
