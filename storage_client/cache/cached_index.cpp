#include "storage_client/cache/cached_index.h"

#include <format>
#include <string>

#include "core/base/metric_names.h"
#include "storage_client/cache/bounded_cache.h"

namespace tintype {
namespace {

// Walks over all that an owner has come in larger pages, and would push out what apps show.
constexpr int kLargestKeptPage = 250;

std::string photo_key(const std::string& owner, PhotoId photo) { return owner + "/" + photo.to_string(); }

std::string page_key(const std::string& owner, const ListQuery& query) {
  return std::format("{}/{}/{}/{}/{}/{}", owner, query.by == ListOrder::kTaken ? 't' : 'u',
                     query.from_ms ? std::to_string(*query.from_ms) : "",
                     query.to_ms ? std::to_string(*query.to_ms) : "", query.limit, query.cursor);
}

// About what it takes in memory.
std::size_t size_of(const Photo& photo) {
  const HeavyRow& heavy = photo.heavy;
  return sizeof(Photo) + heavy.exif_json.size() + heavy.file_name.size() + heavy.original_key.size() + 512 +
         heavy.job.recipe.rungs.size() * sizeof(Rung) + heavy.manifest.variants.size() * (sizeof(Variant) + 200);
}

std::size_t size_of(const ListPage& page) { return sizeof(ListPage) + page.rows.size() * (sizeof(LightRow) + 32); }

std::unexpected<Error> not_at_hand() { return fail(ErrorCode::kUnavailable, "not in memory"); }

class IndexAtHand final : public PhotoIndex {
 public:
  explicit IndexAtHand(BoundedCache<Photo>& photos) : photos_(photos) {}

  Result<Photo> get(const std::string& owner, PhotoId photo) override {
    TT_ASSIGN(const auto shared, get_shared(owner, photo));
    return *shared;
  }
  Result<std::shared_ptr<const Photo>> get_shared(const std::string& owner, PhotoId photo) override {
    const std::string key = photo_key(owner, photo);
    auto shared = photos_.find(key, key);
    if (!shared) return not_at_hand();
    return shared;
  }
  Result<Created> create(const std::string&, const Photo&) override { return not_at_hand(); }
  Result<ListPage> list(const std::string&, const ListQuery&) override { return not_at_hand(); }
  Result<std::vector<MonthCount>> months(const std::string&, ListOrder) override { return not_at_hand(); }
  Result<std::optional<PhotoId>> find_idempotent(const std::string&, const std::string&) override {
    return not_at_hand();
  }
  Status commit_manifest(const std::string&, PhotoId, const Manifest&, const LightUpdate&) override {
    return not_at_hand();
  }
  Status set_job(const std::string&, PhotoId, const Job&) override { return not_at_hand(); }
  Status renew_job(const std::string&, PhotoId, const Job&) override { return not_at_hand(); }
  Status set_failed(const std::string&, PhotoId) override { return not_at_hand(); }
  Status remove(const std::string&, PhotoId) override { return not_at_hand(); }
  Result<RefPage> incomplete(const std::string&, int) override { return not_at_hand(); }
  Result<RefPage> tombstones(const std::string&, int) override { return not_at_hand(); }
  Status purge(const std::string&, PhotoId) override { return not_at_hand(); }
  Status rebuild_lists(const std::string&) override { return not_at_hand(); }
  Result<bool> owns_blobs(const std::string&, PhotoId) override { return not_at_hand(); }

 private:
  BoundedCache<Photo>& photos_;
};

class CachedIndexOver final : public CachedIndex {
 public:
  CachedIndexOver(PhotoIndex& index, const CachedIndexConfig& config, Metrics& metrics)
      : index_(index),
        pages_(config.pages_bytes, metrics.counter(metric::kCacheHits, label({{"cache", "pages"}})),
               metrics.counter(metric::kCacheMisses, label({{"cache", "pages"}}))),
        photos_(config.photos_bytes, metrics.counter(metric::kCacheHits, label({{"cache", "photos"}})),
                metrics.counter(metric::kCacheMisses, label({{"cache", "photos"}}))) {}

  Result<Created> create(const std::string& owner, const Photo& photo) override {
    const std::string key = photo_key(owner, photo.light.photo);
    const std::uint64_t before = photos_.stamp(key);
    auto created = index_.create(owner, photo);
    pages_.bump(owner);
    if (created && !created->existed) {
      auto kept = std::make_shared<Photo>(photo);
      kept->light.revision = photo.heavy.manifest.revision;
      photos_.put(key, key, {kept, size_of(*kept)}, before);
    }
    return created;
  }

  PhotoIndex& at_hand() override { return at_hand_; }

  Result<Photo> get(const std::string& owner, PhotoId photo) override {
    TT_ASSIGN(const auto shared, get_shared(owner, photo));
    return *shared;
  }
  Result<std::shared_ptr<const Photo>> get_shared(const std::string& owner, PhotoId photo) override {
    const std::string key = photo_key(owner, photo);
    return photos_.get(key, key, [&]() -> Result<BoundedCache<Photo>::Loaded> {
      TT_ASSIGN(Photo read, index_.get(owner, photo));
      auto kept = std::make_shared<const Photo>(std::move(read));
      const std::size_t bytes = size_of(*kept);
      return BoundedCache<Photo>::Loaded{std::move(kept), bytes};
    });
  }

  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    if (query.limit > kLargestKeptPage) return index_.list(owner, query);
    TT_ASSIGN(const auto shared,
              pages_.get(owner, page_key(owner, query), [&]() -> Result<BoundedCache<ListPage>::Loaded> {
                TT_ASSIGN(ListPage read, index_.list(owner, query));
                auto kept = std::make_shared<const ListPage>(std::move(read));
                const std::size_t bytes = size_of(*kept);
                return BoundedCache<ListPage>::Loaded{std::move(kept), bytes};
              }));
    return *shared;
  }

  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) override {
    return index_.months(owner, by);
  }
  Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) override {
    return index_.find_idempotent(owner, key);
  }
  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override {
    return changed(owner, photo, index_.commit_manifest(owner, photo, manifest, update));
  }
  Status set_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return changed(owner, photo, index_.set_job(owner, photo, job));
  }
  Status renew_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return changed(owner, photo, index_.renew_job(owner, photo, job));
  }
  Status set_failed(const std::string& owner, PhotoId photo) override {
    return changed(owner, photo, index_.set_failed(owner, photo));
  }
  Status remove(const std::string& owner, PhotoId photo) override {
    Status removed = index_.remove(owner, photo);
    photos_.bump(photo_key(owner, photo));
    pages_.bump(owner);
    photos_.erase_with_prefix(photo_key(owner, photo));
    pages_.erase_with_prefix(owner + "/");
    return removed;
  }
  Result<RefPage> incomplete(const std::string& after, int limit) override { return index_.incomplete(after, limit); }
  Result<RefPage> tombstones(const std::string& after, int limit) override { return index_.tombstones(after, limit); }
  Status purge(const std::string& owner, PhotoId photo) override { return index_.purge(owner, photo); }
  Status rebuild_lists(const std::string& owner) override {
    Status rebuilt = index_.rebuild_lists(owner);
    pages_.bump(owner);
    return rebuilt;
  }
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override { return index_.owns_blobs(owner, photo); }

 private:
  // Also after an error: nobody knows what a store that failed has done.
  Status changed(const std::string& owner, PhotoId photo, Status status) {
    photos_.bump(photo_key(owner, photo));
    pages_.bump(owner);
    return status;
  }

  PhotoIndex& index_;
  BoundedCache<ListPage> pages_;  // grouped by owner
  BoundedCache<Photo> photos_;    // each a group of its own
  IndexAtHand at_hand_{photos_};
};

}  // namespace

std::unique_ptr<CachedIndex> make_cached(PhotoIndex& index, const CachedIndexConfig& config, Metrics& metrics) {
  return std::make_unique<CachedIndexOver>(index, config, metrics);
}

}  // namespace tintype
