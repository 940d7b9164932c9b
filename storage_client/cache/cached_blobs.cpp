#include "storage_client/cache/cached_blobs.h"

#include <algorithm>
#include <map>

#include "core/base/metric_names.h"
#include "storage_client/cache/bounded_cache.h"

namespace tintype {
namespace {

using Cache = BoundedCache<Bytes>;

// Blobs of one photo come and go together.
std::string group_of(const std::string& owner, PhotoId photo) { return owner + "/" + photo.to_string() + "/"; }

class MemoryReader final : public BlobReader {
 public:
  explicit MemoryReader(std::shared_ptr<const Bytes> bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_->size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= bytes_->size()) return std::size_t{0};
    const ByteView piece = bytes_->view().subspan(offset, std::min<std::uint64_t>(out.size(), bytes_->size() - offset));
    std::ranges::copy(piece, out.begin());
    return piece.size();
  }
  std::shared_ptr<const Bytes> whole() const override { return bytes_; }

 private:
  std::shared_ptr<const Bytes> bytes_;
};

std::unexpected<Error> not_at_hand() { return fail(ErrorCode::kUnavailable, "not in memory"); }

class BlobsAtHand final : public BlobStore {
 public:
  explicit BlobsAtHand(Cache& cache) : cache_(cache) {}

  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override {
    auto bytes = cache_.find(group_of(key.owner, key.photo), key.to_string());
    if (!bytes) return not_at_hand();
    return std::make_unique<MemoryReader>(std::move(bytes));
  }
  Result<std::unique_ptr<BlobWriter>> create(const BlobKey&, std::uint64_t) override { return not_at_hand(); }
  Status put_all(std::span<const BlobPut>) override { return not_at_hand(); }
  Result<BlobInfo> stat(const BlobKey&) override { return not_at_hand(); }
  Status remove(const BlobKey&) override { return not_at_hand(); }
  Status remove_photo(const std::string&, PhotoId) override { return not_at_hand(); }
  Result<BlobListing> list(const std::string&, int) override { return not_at_hand(); }
  Result<std::uint64_t> free_bytes() override { return not_at_hand(); }

 private:
  Cache& cache_;
};

class CachedBlobsOver final : public CachedBlobs {
 public:
  CachedBlobsOver(BlobStore& blobs, const CachedBlobsConfig& config, Metrics& metrics)
      : blobs_(blobs),
        limit_bytes_(config.blob_limit_bytes),
        cache_(config.max_bytes, metrics.counter(metric::kCacheHits, label({{"cache", "blobs"}})),
               metrics.counter(metric::kCacheMisses, label({{"cache", "blobs"}}))) {}

  BlobStore& at_hand() override { return at_hand_; }

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) override {
    return blobs_.create(key, size_hint);
  }

  Status put_all(std::span<const BlobPut> puts) override {
    std::map<std::string, std::uint64_t> stamps;
    for (const BlobPut& put : puts) {
      const std::string group = group_of(put.key.owner, put.key.photo);
      stamps.emplace(group, cache_.stamp(group));
    }
    const Status written = blobs_.put_all(puts);
    for (const auto& [group, before] : stamps) cache_.bump(group);  // also after an error: some may be there
    if (!written) return written;
    for (const BlobPut& put : puts) {
      if (put.bytes.size() > limit_bytes_) continue;
      const std::string group = group_of(put.key.owner, put.key.photo);
      cache_.put(group, put.key.to_string(),
                 {std::make_shared<const Bytes>(Bytes::copy_of(put.bytes)), put.bytes.size()}, stamps[group] + 1);
    }
    return {};
  }

  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override {
    std::unique_ptr<BlobReader> reader;  // of whoever loads, where it is too large to be kept
    TT_ASSIGN(auto bytes, cache_.get(group_of(key.owner, key.photo), key.to_string(), [&]() -> Result<Cache::Loaded> {
      TT_ASSIGN(reader, blobs_.open(key));
      if (reader->size() > limit_bytes_) return Cache::Loaded{};
      return read_all(*reader, key);
    }));
    if (bytes) return std::make_unique<MemoryReader>(std::move(bytes));
    if (reader) return reader;
    return blobs_.open(key);
  }

  Result<BlobInfo> stat(const BlobKey& key) override { return blobs_.stat(key); }

  Status remove(const BlobKey& key) override {
    Status removed = blobs_.remove(key);
    cache_.bump(group_of(key.owner, key.photo));
    cache_.erase_with_prefix(key.to_string());
    return removed;
  }
  Status remove_photo(const std::string& owner, PhotoId photo) override {
    Status removed = blobs_.remove_photo(owner, photo);
    cache_.bump(group_of(owner, photo));
    cache_.erase_with_prefix(group_of(owner, photo));
    return removed;
  }
  Result<BlobListing> list(const std::string& after, int limit) override { return blobs_.list(after, limit); }
  Result<std::uint64_t> free_bytes() override { return blobs_.free_bytes(); }
  Status takes_blobs() override { return blobs_.takes_blobs(); }

 private:
  static Result<Cache::Loaded> read_all(BlobReader& reader, const BlobKey& key) {
    Bytes bytes(reader.size());
    for (std::size_t have = 0; have < bytes.size();) {
      TT_ASSIGN(const std::size_t got, reader.read(have, bytes.mutable_view().subspan(have)));
      if (got == 0) return fail(ErrorCode::kCorruptData, "blob " + key.to_string() + " ends early");
      have += got;
    }
    const std::size_t size = bytes.size();
    return Cache::Loaded{std::make_shared<const Bytes>(std::move(bytes)), size};
  }

  BlobStore& blobs_;
  const std::size_t limit_bytes_;
  Cache cache_;
  BlobsAtHand at_hand_{cache_};
};

}  // namespace

std::unique_ptr<CachedBlobs> make_cached(BlobStore& blobs, const CachedBlobsConfig& config, Metrics& metrics) {
  return std::make_unique<CachedBlobsOver>(blobs, config, metrics);
}

}  // namespace tintype
