// Decorators that make any store fail on purpose: before the call reaches it (nothing happened), after (it happened,
// but the caller is told it did not), or by its deadline (nothing happened). For tests of everything that stands on a
// store.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

enum class InjectedFault : std::uint8_t { kNone, kBefore, kAfter, kLate };

// Asked once a call, with the method's name ("commit_manifest", "put_all", ...). Called from any thread.
using FaultPlan = std::function<InjectedFault(std::string_view method)>;

// The wrapped store must outlive the decorator. Injected errors are kUnavailable; kLate is kTimedOut.
std::unique_ptr<BlobStore> make_failing(BlobStore& store, FaultPlan plan);
std::unique_ptr<PhotoIndex> make_failing(PhotoIndex& store, FaultPlan plan);
std::unique_ptr<JobStore> make_failing(JobStore& store, FaultPlan plan);

}  // namespace tintype
