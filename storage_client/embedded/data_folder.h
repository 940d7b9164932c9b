// DIR itself: who has it open, and which version of the format it holds.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype::embedded {

inline constexpr int kFormatVersion = 1;

// Makes DIR if it is missing and takes DIR/LOCK, which holds our pid, until the descriptor is closed or this process
// ends. kAlreadyExists names the process that has it.
Result<UniqueFd> lock_folder(const std::string& dir);

// Writes DIR/FORMAT into a new store; else checks it: kUnsupported if it is newer than we are, kCorruptData if it
// is missing from a store or says nothing. Call with the lock held.
Status check_format(const std::string& dir);

}  // namespace tintype::embedded
