// Claims: which photo an idempotency key of an owner stands for. A claim is made before its photo is, and
// counts only while that photo is there and has this key; one whose maker died is taken over, once no photo
// can come of it any more.
//
// Kept in objects of their own, by digest of the key: a key says nothing of the object that its photo is in.
#pragma once

#include <optional>
#include <string>

#include "storage_client/photo_index.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

class Claims {
 public:
  explicit Claims(Space& keys) : keys_(keys) {}

  Result<std::optional<PhotoId>> holder(const std::string& owner, const std::string& key, Deadline deadline);
  // From `before` (none: unclaimed) to `after`. False if it was another's meanwhile.
  Result<bool> change(const std::string& owner, const std::string& key, std::optional<PhotoId> before, PhotoId after,
                      Deadline deadline);
  // Unless it stands for another photo. What fails is left to whoever wants the key next.
  void release(const std::string& owner, const std::string& key, PhotoId photo, Deadline deadline);

 private:
  Space& keys_;
};

}  // namespace tintype::rados
