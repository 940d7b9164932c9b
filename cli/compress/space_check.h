// space_check: whether what a run will write fits, before it writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/compress/photo_item.h"
#include "core/base/result.h"

namespace tintype {

struct SpaceNeed {
  std::uint64_t out_bytes = 0;   // for the results
  std::uint64_t farm_bytes = 0;  // for the data of a farm of our own
};

// An estimate from above for common photos: variants take 60 % of their sources; a farm holds the photos
// under way, or all of them if they stay, with their variants, and some room of its own.
SpaceNeed space_needed(const std::vector<PhotoItem>& items, bool own_farm, bool keep, int window);

// kStorageFull, with what is needed and what there is, if one of the folders' file systems is too full. Both
// may be the same one.
Status check_space(const SpaceNeed& need, const std::string& out_dir, const std::string& farm_dir);

}  // namespace tintype
