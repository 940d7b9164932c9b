#include "storage_client/embedded/embedded_store.h"

#include <algorithm>
#include <format>

#include "storage_client/embedded/data_folder.h"
#include "storage_client/embedded/database.h"
#include "storage_client/embedded/embedded_blobs.h"
#include "storage_client/embedded/embedded_index.h"
#include "storage_client/embedded/embedded_jobs.h"
#include "storage_client/embedded/original_files.h"
#include "storage_client/embedded/pack_files.h"

namespace tintype {
namespace {

using namespace embedded;

constexpr std::uint64_t kMinWriteBuffer = 1ull << 20;
constexpr std::uint64_t kMaxPackedBlob = 16ull << 20;  // a packed blob is in memory whole

class OpenStore final : public EmbeddedStore {
 public:
  OpenStore(const EmbeddedStoreConfig& config, const Clock& clock, UniqueFd lock,
            std::unique_ptr<OriginalFiles> files, std::unique_ptr<Database> database,
            std::unique_ptr<PackFiles> packs)
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

 private:
  EmbeddedStoreConfig config_;
  UniqueFd lock_;  // let go last
  std::unique_ptr<OriginalFiles> files_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<PackFiles> packs_;
  EmbeddedBlobs blobs_;
  EmbeddedIndex index_;
  EmbeddedJobs jobs_;
};

}  // namespace

Status EmbeddedStoreConfig::validate() const {
  if (dir.empty()) return fail(ErrorCode::kInvalidArgument, "store: no folder given");
  if (write_buffer_bytes < kMinWriteBuffer) {
    return fail(ErrorCode::kInvalidArgument, std::format("store: write_buffer_bytes must be at least {}", kMinWriteBuffer));
  }
  if (packed_blob_limit_bytes > kMaxPackedBlob) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("store: packed_blob_limit_bytes must be at most {}", kMaxPackedBlob));
  }
  return {};
}

Result<std::unique_ptr<EmbeddedStore>> open_embedded_store(const EmbeddedStoreConfig& config, const Clock& clock,
                                                           Logger& log) {
  TT_TRY(config.validate());
  const double started = clock.steady_seconds();
  TT_ASSIGN(UniqueFd lock, lock_folder(config.dir));
  TT_TRY(check_format(config.dir));
  TT_ASSIGN(auto files, OriginalFiles::open(config.dir));
  TT_ASSIGN(auto database, Database::open(config.dir + "/db", config, log));
  TT_ASSIGN(auto packs, PackFiles::open(config.dir, *database, log));
  log.info("store_opened", {{"dir", config.dir}, {"seconds", clock.steady_seconds() - started}});
  return std::make_unique<OpenStore>(config, clock, std::move(lock), std::move(files), std::move(database), std::move(packs));
}

}  // namespace tintype
