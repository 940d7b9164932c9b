#include "storage_client/memory/memory_store.h"

#include "storage_client/memory/memory_blobs.h"
#include "storage_client/memory/memory_index.h"
#include "storage_client/memory/memory_jobs.h"

namespace tintype {

MemoryStore make_memory_store(const Clock& clock) {
  return {std::make_unique<MemoryBlobs>(clock), std::make_unique<MemoryIndex>(clock), std::make_unique<MemoryJobs>()};
}

}  // namespace tintype
