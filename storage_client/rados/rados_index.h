// The photo index on RADOS. A change of a photo is one compound operation on the object that has all of its
// rows, guarded by what was read before; marks and idempotency keys lie in objects of their own (marks.h,
// claims.h).
//
// A write whose answer never came is sent again. Because it is guarded, it cannot be applied twice; when it
// is refused, the rows are read back, and a token in them tells whether they are its own doing.
#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "storage_client/checks.h"
#include "storage_client/photo_index.h"
#include "storage_client/rados/claims.h"
#include "storage_client/rados/marks.h"
#include "storage_client/rados/shards.h"

namespace tintype::rados {

class RadosIndex final : public PhotoIndex {
 public:
  RadosIndex(Space& owners, Space& keys, Space& marks, const RadosStoreConfig& config, const Clock& clock, Logger& log);

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
  // Fills in what to write for a photo with these rows.
  using Edit =
      std::function<Status(const PhotoRows& rows, const LightValue& before, std::uint64_t token, Write& write)>;
  // Reads, edits, writes, until the rows did not change in between. kNotFound if there is no photo.
  Status change(const std::string& owner, PhotoId photo, Deadline deadline, const Edit& edit);

  Status change_job(const std::string& owner, PhotoId photo, const Job& job, JobChange kind);

  // The key is this photo's when it answers none; otherwise the photo that had it before.
  Result<std::optional<PhotoId>> claim(const std::string& owner, const std::string& key, PhotoId photo,
                                       Deadline deadline);
  // No photo can be created with this id any more.
  Status fence(const std::string& owner, PhotoId photo, Deadline deadline);
  Status create_rows(const std::string& owner, const Photo& photo, const std::string& job_json, UnixMs now_ms,
                     Deadline deadline);

  Space& owners_;
  const Clock& clock_;
  Logger& log_;
  const std::uint64_t creations_a_check_;
  Shards shards_;
  Claims claims_;
  Marks incomplete_;
  Marks deleted_;
};

}  // namespace tintype::rados
