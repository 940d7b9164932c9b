// What every store refuses before it looks at its data, so that all of them refuse the same.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "storage_client/blob_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

inline constexpr std::size_t kMaxBlobPart = 128;
inline constexpr std::size_t kMaxFileName = 255;
inline constexpr std::size_t kMaxIdempotencyKey = 255;
inline constexpr std::size_t kMaxThumbhash = 32;
inline constexpr int kMaxPageLimit = 1000;

// All answer kInvalidArgument, naming the value and the rule.
Status check_owner(std::string_view owner);
Status check_key(const BlobKey& key);
// Every key, and that none comes twice.
Status check_puts(std::span<const BlobPut> puts);
Status check_page_limit(int limit);
Status check_thumbhash(std::string_view thumbhash);
Status check_photo(const std::string& owner, const Photo& photo);

// Which job may take the place of a photo's: any, or only the generation after it while the photo is incomplete.
enum class JobChange : std::uint8_t { kSet, kRenew };
// kConflict where the change is not allowed.
Status check_job_change(JobChange change, bool is_incomplete, const Job& before, const Job& after);

// The job's wire form, once it is certain that it reads back: a job that the queue would refuse must not wait in the
// store for the sweeper to find.
Result<std::string> checked_job_json(const Job& job);

}  // namespace tintype
