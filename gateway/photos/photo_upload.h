// PhotoUpload: one photo on its way in: bytes to a blob, then index, job record, queue.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/job/recipe.h"
#include "gateway/jobs/job_publisher.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct UploadOrder {
  std::string owner;
  std::string file_name;
  std::string content_type;
  std::string idempotency_key;         // empty: none
  std::optional<Sha256> expected_sha;  // what the client says the bytes are
  Recipe recipe;
  JobClass job_class = JobClass::kUpload;
  std::string batch;
  std::string trace_id;
  std::uint64_t size_hint = 0;
  std::string asked_by;      // Job::asked_by
  std::optional<JobId> job;  // none: a new one
  UnixMs deadline_ms = 0;    // Job::deadline_ms
};

struct UploadReceipt {
  PhotoId photo;
  JobId job;
  std::uint64_t bytes = 0;
  std::string sha256;
  bool existed = false;                    // the idempotency key was used before
  std::optional<Error> not_enqueued = {};  // why the queue did not take the job now
};

// Where uploads go; everything outlives the uploads.
struct UploadServices {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  JobPublisher& publisher;
  const Clock& clock;
  Logger& log;
};

// Destroyed before finish() answered Ok: nothing of it remains. One thread at a time.
class PhotoUpload {
 public:
  // kStorageFull when the store has no room.
  static Result<std::unique_ptr<PhotoUpload>> start(const UploadServices& services, UploadOrder order);

  Status write(ByteView piece);
  // The photo is durable and listed when this answers Ok, whether or not the queue took its job. kConflict
  // when the idempotency key belongs to other bytes; kInvalidArgument when the bytes are not what the client
  // said they are.
  Result<UploadReceipt> finish();

 private:
  PhotoUpload(const UploadServices& services, UploadOrder order) : services_(services), order_(std::move(order)) {}

  Status move_to_new_id(Photo& photo);
  void remove_own_blob();
  Status enqueue(const Job& job);

  const UploadServices services_;
  const UploadOrder order_;
  BlobKey key_;
  std::unique_ptr<BlobWriter> writer_;
  Sha256Stream sha_;
  std::uint64_t bytes_ = 0;
};

// The receipt of the photo that was made under an idempotency key; kConflict as above. `sha256` (hex) may be
// empty: not known yet.
Result<UploadReceipt> receipt_of_existing(PhotoIndex& index, const std::string& owner, PhotoId photo,
                                          const std::string& sha256);

}  // namespace tintype
