// The embedded store's PhotoIndex. Everything that one call changes goes into one synced batch.
#pragma once

#include "core/base/clock.h"
#include "storage_client/checks.h"
#include "storage_client/embedded/database.h"
#include "storage_client/embedded/rows.h"
#include "storage_client/embedded/stripes.h"
#include "storage_client/photo_index.h"

namespace tintype::embedded {

class EmbeddedIndex final : public PhotoIndex {
 public:
  EmbeddedIndex(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

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
  // kNotFound if there is no such photo.
  Result<LightRecord> read_light(const std::string& owner, PhotoId photo);
  Result<HeavyRow> read_heavy(const std::string& owner, PhotoId photo);
  // Puts `after` in the place of `before` (none: a new photo): both orderings and the mark.
  void replace_light(rocksdb::WriteBatch& batch, const std::string& owner, const LightRecord* before,
                     const LightRecord& after);
  Status change_job(const std::string& owner, PhotoId photo, const Job& job, JobChange change);
  Result<RefPage> marked(Mark mark, const std::string& after, int limit);

  Database& database_;
  const Clock& clock_;
  Stripes photos_;            // by owner and photo
  Stripes idempotency_keys_;  // by owner and key; taken before photos_
};

}  // namespace tintype::embedded
