// RemoteStore: the store of a farm that goes on serving, read over its API (GET /v1/store/...). What writes answers
// kUnsupported. Thread-safe: as many requests at once as there are callers.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

class RemoteStore {
 public:
  virtual ~RemoteStore() = default;
  virtual BlobStore& blobs() = 0;
  virtual PhotoIndex& index() = 0;
  virtual JobStore& jobs() = 0;
};

// `url` as farm_url() answers it. The token of the environment goes with every request.
Result<std::unique_ptr<RemoteStore>> open_remote_store(const std::string& url);

}  // namespace tintype
