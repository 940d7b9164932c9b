#include "core/base/error.h"

#include <cerrno>
#include <format>
#include <system_error>

namespace tintype {
namespace {

struct CodeFacts {
  ErrorCode code;
  std::string_view name;
  bool retryable;
  bool bad_picture;
};

constexpr bool kRetry = true;
constexpr bool kPicture = true;

constexpr CodeFacts kCodes[] = {
    {ErrorCode::kEmptyFile, "empty_file", !kRetry, kPicture},
    {ErrorCode::kNotAnImage, "not_an_image", !kRetry, kPicture},
    {ErrorCode::kUnsupportedImage, "unsupported_image", !kRetry, kPicture},
    {ErrorCode::kTruncatedImage, "truncated_image", !kRetry, kPicture},
    {ErrorCode::kCorruptImage, "corrupt_image", !kRetry, kPicture},
    {ErrorCode::kImageTooLarge, "image_too_large", !kRetry, kPicture},
    {ErrorCode::kTimedOut, "timed_out", kRetry, !kPicture},
    {ErrorCode::kOutOfMemory, "out_of_memory", kRetry, !kPicture},
    {ErrorCode::kWorkerCrashed, "worker_crashed", kRetry, !kPicture},
    {ErrorCode::kWorkerLied, "worker_lied", kRetry, !kPicture},
    {ErrorCode::kUnavailable, "unavailable", kRetry, !kPicture},
    {ErrorCode::kInvalidArgument, "invalid_argument", !kRetry, !kPicture},
    {ErrorCode::kNotFound, "not_found", !kRetry, !kPicture},
    {ErrorCode::kAlreadyExists, "already_exists", !kRetry, !kPicture},
    {ErrorCode::kConflict, "conflict", kRetry, !kPicture},
    {ErrorCode::kDenied, "denied", !kRetry, !kPicture},
    {ErrorCode::kQueueFull, "queue_full", kRetry, !kPicture},
    {ErrorCode::kRateLimited, "rate_limited", kRetry, !kPicture},
    {ErrorCode::kStorageFull, "storage_full", kRetry, !kPicture},
    {ErrorCode::kCancelled, "cancelled", !kRetry, !kPicture},
    {ErrorCode::kUnsupported, "unsupported", !kRetry, !kPicture},
    {ErrorCode::kIo, "io", kRetry, !kPicture},
    {ErrorCode::kCorruptData, "corrupt_data", !kRetry, !kPicture},
    {ErrorCode::kInternal, "internal", !kRetry, !kPicture},
};

consteval bool table_follows_the_enum() {
  for (std::size_t i = 0; i < std::size(kCodes); ++i) {
    if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
  }
  return kCodes[std::size(kCodes) - 1].code == ErrorCode::kInternal;
}
static_assert(table_follows_the_enum());

// A code that is no enumerator (a cast from bytes) reads as kInternal.
const CodeFacts& facts_of(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  return kCodes[index < std::size(kCodes) ? index : std::size(kCodes) - 1];
}

}  // namespace

std::string_view error_name(ErrorCode code) { return facts_of(code).name; }

ErrorCode error_code_from_name(std::string_view name) {
  for (const CodeFacts& facts : kCodes) {
    if (facts.name == name) return facts.code;
  }
  return ErrorCode::kInternal;
}

bool is_retryable(ErrorCode code) { return facts_of(code).retryable; }

bool is_bad_picture(ErrorCode code) { return facts_of(code).bad_picture; }

std::string Error::to_string() const { return std::format("{}: {}", error_name(code), message); }

Error error_from_errno(int err, std::string_view doing) {
  ErrorCode code = ErrorCode::kIo;
  std::string_view remedy;
  switch (err) {
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kStorageFull;
      remedy = "; free some space there";
      break;
    case ENOENT:
      code = ErrorCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
      code = ErrorCode::kDenied;
      remedy = "; check its owner and permissions";
      break;
    case ENOMEM:
      code = ErrorCode::kOutOfMemory;
      break;
    default:
      break;
  }
  return {code, std::format("{} failed: {}{}", doing, std::generic_category().message(err), remedy)};
}

}  // namespace tintype
