// Marks: photos that the sweeper has to look at, over all owners, oldest first. A mark is written before the
// row that it points at and goes after it, so that no row is without its mark whatever dies; a mark counts
// only where its row says the same.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "storage_client/photo_index.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

class Marks {
 public:
  // `kind`: "incomplete" or "deleted".
  Marks(Space& space, const Clock& clock, std::string kind);

  Status put(const PhotoRef& ref, Deadline deadline);
  // What fails is left to page() to find.
  void erase(const PhotoRef& ref, Deadline deadline);

  // Asked of each mark: the reference to show, or none where the row says otherwise.
  using Verify = std::function<Result<std::optional<PhotoRef>>(const PhotoRef&)>;
  // Forgets marks that nothing stands behind, once they are older than any write under way.
  Result<RefPage> page(const std::string& after, int limit, Deadline deadline, const Verify& verify);

 private:
  std::string object_of(const PhotoRef& ref) const;

  Space& space_;
  const Clock& clock_;
  const std::string kind_;
  std::vector<std::string> objects_;
};

}  // namespace tintype::rados
