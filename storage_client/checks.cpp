#include "storage_client/checks.h"

#include <algorithm>
#include <format>
#include <set>

#include "core/job/job.h"

namespace tintype {
namespace {

bool is_part_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

// A leading dot would make a hidden file, or "..", of it.
bool is_valid_part(std::string_view part) {
  return !part.empty() && part.size() <= kMaxBlobPart && part.front() != '.' &&
         std::ranges::all_of(part, is_part_character);
}

}  // namespace

Status check_owner(std::string_view owner) {
  if (is_valid_owner(owner)) return {};
  return fail(ErrorCode::kInvalidArgument, "owner: must be 1 to 64 characters of A-Z a-z 0-9 _ -");
}

Status check_key(const BlobKey& key) {
  TT_TRY(check_owner(key.owner));
  if (is_valid_part(key.part)) return {};
  return fail(ErrorCode::kInvalidArgument,
              std::format("blob key: its part must be 1 to {} characters of A-Z a-z 0-9 . _ - and not start "
                          "with a dot",
                          kMaxBlobPart));
}

Status check_puts(std::span<const BlobPut> puts) {
  std::set<std::string> seen;
  for (const BlobPut& put : puts) {
    TT_TRY(check_key(put.key));
    std::string text = put.key.to_string();
    if (seen.contains(text)) return fail(ErrorCode::kInvalidArgument, std::format("blob {}: given twice", text));
    seen.insert(std::move(text));
  }
  return {};
}

Status check_page_limit(int limit) {
  if (limit >= 1 && limit <= kMaxPageLimit) return {};
  return fail(ErrorCode::kInvalidArgument, std::format("limit: {} is not within 1..{}", limit, kMaxPageLimit));
}

Status check_thumbhash(std::string_view thumbhash) {
  if (thumbhash.size() <= kMaxThumbhash) return {};
  return fail(ErrorCode::kInvalidArgument,
              std::format("thumbhash: {} bytes, at most {} are kept", thumbhash.size(), kMaxThumbhash));
}

Status check_photo(const std::string& owner, const Photo& photo) {
  TT_TRY(check_owner(owner));
  TT_TRY(check_thumbhash(photo.light.thumbhash));
  if (photo.heavy.file_name.size() > kMaxFileName) {
    return fail(ErrorCode::kInvalidArgument, std::format("file name: over {} bytes, shorten it", kMaxFileName));
  }
  if (photo.heavy.idempotency_key.size() > kMaxIdempotencyKey) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("idempotency key: over {} bytes, use a shorter one", kMaxIdempotencyKey));
  }
  return {};
}

Status check_job_change(JobChange change, bool is_incomplete, const Job& before, const Job& after) {
  if (change == JobChange::kSet) return {};
  if (!is_incomplete) {
    return fail(ErrorCode::kConflict,
                std::format("job {} of photo {} has ended", before.id.to_string(), before.photo.to_string()));
  }
  if (before.id != after.id || before.generation + 1 != after.generation) {
    return fail(ErrorCode::kConflict, std::format("photo {} has job {} by now, not the one before {}",
                                                  before.photo.to_string(), before.message_id(), after.message_id()));
  }
  return {};
}

Result<std::string> checked_job_json(const Job& job) {
  std::string json = to_json(job);
  TT_TRY(parse_job(json));
  return json;
}

}  // namespace tintype
