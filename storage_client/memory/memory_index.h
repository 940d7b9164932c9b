// The memory store's PhotoIndex: the plainest thing that keeps the contract, because others are compared with it.
// A list looks at every photo of its owner.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "storage_client/checks.h"
#include "storage_client/photo_index.h"

namespace tintype {

class MemoryIndex final : public PhotoIndex {
 public:
  explicit MemoryIndex(const Clock& clock) : clock_(clock) {}

  Result<Created> create(const std::string& owner, const Photo& photo) override;
  Result<Photo> get(const std::string& owner, PhotoId photo) override;
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override;
  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) override;
  Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) override;
  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override;
  Status set_job(const std::string& owner, PhotoId photo, const Job& job) override;
  Status renew_job(const std::string& owner, PhotoId photo, const Job& job) override;
  Status set_failed(const std::string& owner, PhotoId photo) override;
  Status remove(const std::string& owner, PhotoId photo) override;
  Result<RefPage> incomplete(const std::string& after, int limit) override;
  Result<RefPage> tombstones(const std::string& after, int limit) override;
  Status purge(const std::string& owner, PhotoId photo) override;
  Status rebuild_lists(const std::string& owner) override;
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override;

 private:
  struct Entry {
    Photo photo;
    std::optional<UnixMs> incomplete_since_ms;
  };
  struct Owner {
    std::map<PhotoId, Entry> photos;
    std::map<PhotoId, PhotoRef> tombstones;
    std::map<std::string, PhotoId> idempotency_keys;
  };

  // Call with the mutex held.
  Result<Entry*> find(const std::string& owner, PhotoId photo);

  Status change_job(const std::string& owner, PhotoId photo, const Job& job, JobChange change);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Owner> owners_;
};

}  // namespace tintype
