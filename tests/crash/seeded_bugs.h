// Bugs planted on purpose between the gateway and the index, to show that the checker sees them.
#pragma once

#include <memory>
#include <string_view>

#include "storage_client/photo_index.h"

namespace tintype::crash {

enum class Bug : std::uint8_t {
  kNone,
  kEarlyAcknowledgement,  // "created" is answered before it is so
  kLostTombstone,         // a delete is remembered by this process alone
  kStaleCache,            // writes go around the cache, which is never told
  kWrongRange,            // `to` is taken as inclusive
  kDoubleCommit,          // idempotency keys are forgotten
};

std::string_view name_of(Bug bug);
Bug bug_named(std::string_view name);

// `index` (the cache before `store`) with that bug; both must outlive the answer.
std::unique_ptr<PhotoIndex> with_bug(Bug bug, PhotoIndex& index, PhotoIndex& store);

}  // namespace tintype::crash
