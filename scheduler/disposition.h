// What becomes of a job after an attempt: the one table from error codes to what the queue is told.
#pragma once

#include <chrono>

#include "core/base/error.h"

namespace tintype {

enum class Disposition {
  kRetry,         // the attempt counts; at the limit the job is given up
  kRetryForever,  // not the job's fault: again, later, up to a limit that only an outage of a day reaches
  kGiveUp,        // the same job will fail the same way: dead letter now
  kForget,        // nobody wants it any more: ack
};

constexpr Disposition disposition_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTimedOut:
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kWorkerCrashed:
    case ErrorCode::kWorkerLied:
    case ErrorCode::kInternal:
      return Disposition::kRetry;
    case ErrorCode::kUnavailable:
    case ErrorCode::kConflict:
    case ErrorCode::kQueueFull:
    case ErrorCode::kRateLimited:
    case ErrorCode::kStorageFull:
    case ErrorCode::kIo:
      return Disposition::kRetryForever;
    case ErrorCode::kNotFound:  // the photo was deleted
    case ErrorCode::kCancelled:
      return Disposition::kForget;
    case ErrorCode::kEmptyFile:
    case ErrorCode::kNotAnImage:
    case ErrorCode::kUnsupportedImage:
    case ErrorCode::kTruncatedImage:
    case ErrorCode::kCorruptImage:
    case ErrorCode::kImageTooLarge:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kDenied:
    case ErrorCode::kUnsupported:
    case ErrorCode::kCorruptData:
      return Disposition::kGiveUp;
  }
  return Disposition::kGiveUp;
}

// Doubles with each failure, from `first` to 32 times that: whatever was away for long, its jobs go on soon after it is
// back.
constexpr std::chrono::milliseconds retry_delay(std::chrono::milliseconds first, int failed_attempts) {
  const int doublings = failed_attempts < 1 ? 0 : failed_attempts - 1;
  return first * (1 << (doublings > 5 ? 5 : doublings));
}

}  // namespace tintype
