// The store of a farm of many machines: Ceph RADOS. Any number of processes use it at once; it keeps the
// promises of the seams between them, not only within one.
//
// Pools, both replicated (size 3, min_size 2): blobs and index. docs/cluster.md tells how to make them,
// docs/adr/0010-store-on-rados.md why objects are laid out as they are.
//
// Every call ends within `call_deadline_ms`, or little after. kTimedOut from a call that writes means that it
// may or may not have happened, and is only answered where reading back could not tell within the deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "storage_client/blob_store.h"
#include "storage_client/documents.h"
#include "storage_client/failing_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

// Where a split of an owner's index stands, or the counting of its months; each is a moment at which its process may
// die.
enum class SplitStep : std::uint8_t { kFrozen, kHalfCopied, kCopied, kOpened, kMapped, kTrimmed, kCounting };

struct RadosStoreConfig {
  std::string conf_path = "/etc/ceph/ceph.conf";  // monitors and keyring
  std::string keyring;                            // with the user's key; empty: what conf_path says
  std::string user = "client.tintype";            // with rwx on both pools
  std::string blob_pool = "tintype.blobs";
  std::string index_pool = "tintype.index";
  std::string farm = "tintype";  // names its objects' namespaces: farms of other names share the pools

  std::int64_t attempt_timeout_s = 5;      // one request; then it is sent again
  std::int64_t call_deadline_ms = 20'000;  // one call of a seam, all its requests and repetitions

  std::uint64_t inline_limit_bytes = 512 << 10;  // blobs up to this share one object a photo; larger ones are chunked
  std::uint64_t bundle_limit_bytes = 64 << 20;   // of that object
  std::uint64_t chunk_bytes = 1 << 20;
  int chunks_in_flight = 8;                      // of one reader or writer
  std::uint64_t min_free_bytes = 1ull << 30;     // of the cluster, after replication: below it new blobs are refused
  std::int64_t trash_after_ms = 10 * 60 * 1000;  // chunks of a removed blob stay as long, for readers that have it open

  std::uint64_t split_above_keys = 20'000;  // an object of the index that has more is split in two

  // For tests. Asked before each request that writes: kBefore, it is not sent; kAfter, it is, and taken for
  // timed out.
  FaultPlan faults;
  // For tests. False: the split ends there, as if its process had died.
  std::function<bool(SplitStep)> split_goes_on;

  Status validate() const;
};

// The seams over one connection; they stay valid as long as this lives.
class RadosStore {
 public:
  virtual ~RadosStore() = default;
  virtual BlobStore& blobs() = 0;
  virtual PhotoIndex& index() = 0;
  virtual JobStore& jobs() = 0;
  virtual Documents& documents() = 0;
};

// kUnavailable when the monitors do not answer, kNotFound when a pool is missing, kDenied for a wrong key,
// kUnsupported in a build without librados.
Result<std::unique_ptr<RadosStore>> open_rados_store(const RadosStoreConfig& config, const Clock& clock, Logger& log);

}  // namespace tintype
