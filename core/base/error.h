// The one error type of the project: a code for machines, a sentence for people.
//
// Every code has a stable snake_case name (it appears in JSON, logs and metrics) and says whether trying the
// same thing again can help. Edges (HTTP, queue, exit status) map codes by one table each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tintype {

enum class ErrorCode : std::uint8_t {
  // What is wrong with a picture. Never retried: the same bytes give the same answer.
  kEmptyFile,         // no bytes at all
  kNotAnImage,        // bytes of some other kind (text, zeros, PDF, SVG, ...)
  kUnsupportedImage,  // a picture we know of, in a coding we do not take (arithmetic JPEG, 12 bit, ...)
  kTruncatedImage,    // the data ends before the picture does
  kCorruptImage,      // the data contradicts itself
  kImageTooLarge,     // more pixels (width x height x frames) or bytes than the limit

  // What went wrong while working. Retried.
  kTimedOut,       // did not end before its deadline
  kOutOfMemory,    // hit its memory limit
  kWorkerCrashed,  // the process that did the work died
  kWorkerLied,     // the process that did the work answered something impossible
  kUnavailable,    // a service (queue, store, farm) cannot be reached now

  // What was asked.
  kInvalidArgument,
  kNotFound,
  kAlreadyExists,
  kConflict,     // compare-and-set lost: somebody else changed it
  kDenied,       // not yours, or not allowed
  kQueueFull,    // back-pressure: come again later
  kRateLimited,  // over what this caller may ask for: come again later
  kStorageFull,  // no space left
  kCancelled,    // asked to stop
  kUnsupported,  // not in this build, or not on this machine

  kIo,           // the operating system refused a read or write
  kCorruptData,  // what we stored ourselves does not read back as written
  kInternal,     // a bug of ours
};

// "truncated_image" and so on. Stable: part of the API.
std::string_view error_name(ErrorCode code);

// The code with that name, kInternal if there is none (a newer peer's code).
ErrorCode error_code_from_name(std::string_view name);

// True if the same request may succeed later without being changed.
bool is_retryable(ErrorCode code);

// True for the codes that blame the picture itself.
bool is_bad_picture(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // one sentence: what, why, remedy

  // "truncated_image: the data ends ..."
  std::string to_string() const;
};

// An Error for errno `err`: maps ENOSPC/EDQUOT, ENOENT, EACCES/EPERM, ENOMEM, else kIo. `doing` reads like
// "writing /data/x".
Error error_from_errno(int err, std::string_view doing);

}  // namespace tintype
