// Exit codes of `tintype`, by convention; `tintype --help` lists them.
#pragma once

#include "core/base/error.h"

namespace tintype {

enum ExitCode : int {
  kExitOk = 0,
  kExitSomeFailed = 1,  // some photos failed, or a check of `doctor` did
  kExitUsage = 2,       // what was asked makes no sense
  kExitFarm = 3,        // the farm cannot be reached, did not start, or gave up
  kExitNoSpace = 4,     // not enough free space
  kExitInterrupted = 130,
};

// The one table from errors to exit codes, for commands that end with an error.
constexpr ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return kExitUsage;
    case ErrorCode::kStorageFull:
      return kExitNoSpace;
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimedOut:
      return kExitFarm;
    case ErrorCode::kCancelled:
      return kExitInterrupted;
    default:
      return kExitSomeFailed;
  }
}

}  // namespace tintype
