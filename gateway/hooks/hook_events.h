// What hooks are told: S3 event notifications (as Amazon, MinIO and Ceph's RGW send them) and tusd's hook
// requests (version 2). Pure; takes hostile text (fuzzed).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace tintype {

inline constexpr std::size_t kMaxHookBytes = 1 << 20;

struct S3Event {
  bool created = false;  // else: nothing to fetch
  std::string bucket;
  std::string key;  // decoded
  std::string version;
  std::string etag;  // without quotes
  std::string sequencer;
};
Result<std::vector<S3Event>> parse_s3_events(std::string_view json);

struct TusdHook {
  std::string type;    // "pre-create", "post-finish"
  std::string upload;  // empty in pre-create
  std::uint64_t size = 0;
  bool size_is_deferred = false;
  bool is_partial = false;  // of a concatenation: no file of its own
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string storage;  // "filestore", "s3store"
  std::string path;
  std::string bucket;
  std::string key;

  // "" if there is none.
  std::string_view find(std::string_view name) const;
};
Result<TusdHook> parse_tusd_hook(std::string_view json);

}  // namespace tintype
