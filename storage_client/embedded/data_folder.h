// DIR itself: who has it open, and which version of the format it holds.
#pragma once

#include <string>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype::embedded {

// 1: the first. 2: FORMAT also names the store, by a random id, so that backups of two stores are never mixed.
// 3: counts of photos by month (month_counts.h).
inline constexpr int kFormatVersion = 3;

// Makes DIR if it is missing and takes DIR/LOCK, which holds our pid, until the descriptor is closed or this process
// ends. kAlreadyExists names the process that has it.
Result<UniqueFd> lock_folder(const std::string& dir);

// Writes DIR/FORMAT into a new store, or brings an older one to our version, step by step, each step whole on the disk
// before the next. kUnsupported if it is newer than we are, kCorruptData if it is missing from a store or says nothing.
// Call with the lock held, before anything else is opened.
Status open_format(const std::string& dir, Logger& log);

}  // namespace tintype::embedded
