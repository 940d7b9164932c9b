// The store in this process's memory: the model that the conformance suite compares others with, and the store
// of scheduler tests.
#pragma once

#include <memory>

#include "core/base/clock.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct MemoryStore {
  std::unique_ptr<BlobStore> blobs;
  std::unique_ptr<PhotoIndex> index;
  std::unique_ptr<JobStore> jobs;
};

// `clock` must outlive it.
MemoryStore make_memory_store(const Clock& clock);

}  // namespace tintype
