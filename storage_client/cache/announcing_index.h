// A PhotoIndex that says which photo it has just changed, so that caches of other processes forget it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage_client/photo_index.h"

namespace tintype {

using AnnouncePhoto = std::function<void(const std::string& owner, PhotoId photo)>;

// `announce` is called after each change of a photo that somebody may hold, before the change's caller hears of it; also
// after one that failed, since nobody knows what a store that failed has done. It must not block, and is called on any
// thread. `index` must outlive the result.
std::unique_ptr<PhotoIndex> make_announcing(PhotoIndex& index, AnnouncePhoto announce);

}  // namespace tintype
