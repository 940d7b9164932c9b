#include "storage_client/cache/announcing_index.h"

#include <utility>

namespace tintype {
namespace {

class AnnouncingIndex final : public PhotoIndex {
 public:
  AnnouncingIndex(PhotoIndex& index, AnnouncePhoto announce) : index_(index), announce_(std::move(announce)) {}

  // Nobody can hold a photo that has just begun to be.
  Result<Created> create(const std::string& owner, const Photo& photo) override { return index_.create(owner, photo); }

  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override {
    return announced(owner, photo, index_.commit_manifest(owner, photo, manifest, update));
  }
  Status set_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return announced(owner, photo, index_.set_job(owner, photo, job));
  }
  Status set_failed(const std::string& owner, PhotoId photo) override {
    return announced(owner, photo, index_.set_failed(owner, photo));
  }
  Status remove(const std::string& owner, PhotoId photo) override {
    return announced(owner, photo, index_.remove(owner, photo));
  }

  Result<Photo> get(const std::string& owner, PhotoId photo) override { return index_.get(owner, photo); }
  Result<std::shared_ptr<const Photo>> get_shared(const std::string& owner, PhotoId photo) override {
    return index_.get_shared(owner, photo);
  }
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override { return index_.list(owner, query); }
  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) override {
    return index_.months(owner, by);
  }
  Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) override {
    return index_.find_idempotent(owner, key);
  }
  Result<RefPage> incomplete(const std::string& after, int limit) override { return index_.incomplete(after, limit); }
  Result<RefPage> tombstones(const std::string& after, int limit) override { return index_.tombstones(after, limit); }
  Status purge(const std::string& owner, PhotoId photo) override { return index_.purge(owner, photo); }
  Status rebuild_lists(const std::string& owner) override { return index_.rebuild_lists(owner); }
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override { return index_.owns_blobs(owner, photo); }

 private:
  Status announced(const std::string& owner, PhotoId photo, Status status) {
    announce_(owner, photo);
    return status;
  }

  PhotoIndex& index_;
  const AnnouncePhoto announce_;
};

}  // namespace

std::unique_ptr<PhotoIndex> make_announcing(PhotoIndex& index, AnnouncePhoto announce) {
  return std::make_unique<AnnouncingIndex>(index, std::move(announce));
}

}  // namespace tintype
