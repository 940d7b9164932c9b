// The store of a farm that runs whole on one machine: RocksDB for index, jobs and small blobs; files for
// originals. One process owns a data folder at a time (a lock file says which).
//
//   DIR/FORMAT            store format version; a newer one is refused
//   DIR/LOCK
//   DIR/db/               RocksDB
//   DIR/originals/ab/...  one fsynced file an original
//   DIR/packs/...         small blobs, many a file
//   DIR/incoming/         uploads under way; emptied at open
//   DIR/snapshot/         a copy as of one moment, made of links; there while a backup is taken
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct EmbeddedStoreConfig {
  std::string dir;
  std::uint64_t cache_bytes = 64ull << 20;
  std::uint64_t write_buffer_bytes = 16ull << 20;
  std::uint64_t packed_blob_limit_bytes = 1ull << 20;  // larger blobs are files of their own
  std::uint64_t min_free_bytes = 256ull << 20;         // below it new blobs are refused (kStorageFull)...
  std::uint64_t resume_free_bytes = 0;                 // ...until so much is free; 0: a quarter more than that

  std::uint64_t resume_at_bytes() const {
    return resume_free_bytes > 0 ? resume_free_bytes : min_free_bytes + min_free_bytes / 4;
  }
  Status validate() const;
};

// The three seams over one database; they stay valid as long as this lives.
class EmbeddedStore {
 public:
  virtual ~EmbeddedStore() = default;
  virtual BlobStore& blobs() = 0;
  virtual PhotoIndex& index() = 0;
  virtual JobStore& jobs() = 0;

  // Makes DIR/snapshot, whose path it answers: all that a store folder needs, as of one moment, in hard links. Uploads,
  // reads and deletes go on; space that deletes free is given back when the snapshot is dropped. kAlreadyExists while
  // there is one. Opening the store drops one that was left behind.
  virtual Result<std::string> take_snapshot() = 0;
  virtual Status drop_snapshot() = 0;  // Ok also when there is none
};

// kAlreadyExists when another process has it open (the message names its pid).
Result<std::unique_ptr<EmbeddedStore>> open_embedded_store(const EmbeddedStoreConfig& config, const Clock& clock,
                                                           Logger& log);

}  // namespace tintype
