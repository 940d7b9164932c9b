#include "gateway/photos/photo_upload.h"

#include <format>

namespace tintype {
namespace {

// Ids are 22 random bits in a millisecond: to collide this often, something else is wrong.
constexpr int kIdTries = 8;
constexpr std::size_t kCopyPieceBytes = 256 << 10;

struct FreshBlob {
  BlobKey key;
  std::unique_ptr<BlobWriter> writer;
};

Result<FreshBlob> create_blob(BlobStore& blobs, const Clock& clock, const std::string& owner, std::uint64_t size_hint) {
  for (int i = 0; i < kIdTries; ++i) {
    BlobKey key{owner, SortableId::make(clock.now_ms()), 0, "original"};
    auto writer = blobs.create(key, size_hint);
    if (writer) return FreshBlob{std::move(key), std::move(*writer)};
    if (writer.error().code != ErrorCode::kAlreadyExists) return fail(writer.error());
  }
  return fail(ErrorCode::kUnavailable, "no free photo id was found; try again");
}

Status copy_blob(BlobStore& blobs, const BlobKey& from, BlobWriter& to) {
  TT_ASSIGN(const auto reader, blobs.open(from));
  Bytes piece(kCopyPieceBytes);
  for (std::uint64_t offset = 0; offset < reader->size();) {
    TT_ASSIGN(const std::size_t size, reader->read(offset, piece.mutable_view()));
    if (size == 0) return fail(ErrorCode::kCorruptData, std::format("{} ends early", from.to_string()));
    TT_TRY(to.write(piece.view().first(size)));
    offset += size;
  }
  TT_TRY(to.commit());
  return {};
}

}  // namespace

Result<UploadReceipt> receipt_of_existing(PhotoIndex& index, const std::string& owner, PhotoId photo,
                                          const std::string& sha256) {
  auto existing = index.get(owner, photo);
  if (!existing && existing.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kUnavailable, "the photo that had this Idempotency-Key was deleted just now; send it again");
  }
  if (!existing) return fail(existing.error());
  const HeavyRow& heavy = existing->heavy;
  if (!sha256.empty() && sha256 != heavy.sha256) {
    return fail(
        ErrorCode::kConflict,
        std::format("this Idempotency-Key was used for other bytes (photo {}); use a new key", photo.to_string()));
  }
  return UploadReceipt{photo, heavy.job.id, existing->light.bytes, heavy.sha256, true};
}

Result<std::unique_ptr<PhotoUpload>> PhotoUpload::start(const UploadServices& services, UploadOrder order) {
  TT_ASSIGN(FreshBlob blob, create_blob(services.blobs, services.clock, order.owner, order.size_hint));
  std::unique_ptr<PhotoUpload> upload(new PhotoUpload(services, std::move(order)));
  upload->key_ = std::move(blob.key);
  upload->writer_ = std::move(blob.writer);
  return upload;
}

Status PhotoUpload::write(ByteView piece) {
  sha_.update(piece);
  bytes_ += piece.size();
  return writer_->write(piece);
}

Result<UploadReceipt> PhotoUpload::finish() {
  const Sha256 sha = sha_.finish();
  if (order_.expected_sha && *order_.expected_sha != sha) {
    return fail(ErrorCode::kInvalidArgument, std::format("the bytes that came have the SHA-256 {}, not the one in "
                                                         "Repr-Digest; send the file again",
                                                         to_hex(sha)));
  }
  TT_TRY(writer_->commit());
  writer_.reset();

  const UnixMs now = services_.clock.now_ms();
  Photo photo;
  photo.light.photo = key_.photo;
  photo.light.taken_at_ms = key_.photo.time_ms();
  photo.light.bytes = bytes_;
  photo.heavy.file_name = order_.file_name;
  photo.heavy.content_type = order_.content_type;
  photo.heavy.sha256 = to_hex(sha);
  photo.heavy.original_key = key_.to_string();
  photo.heavy.idempotency_key = order_.idempotency_key;
  photo.heavy.job = Job{.id = order_.job.value_or(SortableId::make(now)),
                        .generation = 0,
                        .job_class = order_.job_class,
                        .owner = order_.owner,
                        .photo = key_.photo,
                        .recipe = order_.recipe,
                        .batch = order_.batch,
                        .trace_id = order_.trace_id,
                        .enqueued_at_ms = now,
                        .deadline_ms = order_.deadline_ms,
                        .asked_by = order_.asked_by};

  for (int i = 0; i < kIdTries; ++i) {
    auto created = services_.index.create(order_.owner, photo);
    if (created && !created->existed) {
      UploadReceipt receipt{photo.light.photo, photo.heavy.job.id, bytes_, photo.heavy.sha256, false};
      if (const Status enqueued = enqueue(photo.heavy.job); !enqueued) receipt.not_enqueued = enqueued.error();
      return receipt;
    }
    if (created) {
      // Somebody else used the key meanwhile: their photo is the one, this blob is nobody's.
      remove_own_blob();
      return receipt_of_existing(services_.index, order_.owner, created->photo, photo.heavy.sha256);
    }
    // Of any other failure it is not known whether the row is there: then the blob stays, and the sweeper,
    // which asks the index, removes it if it is nobody's.
    if (created.error().code != ErrorCode::kAlreadyExists) return fail(created.error());
    TT_TRY(move_to_new_id(photo));
  }
  return fail(ErrorCode::kUnavailable, "no free photo id was found; try again");
}

Status PhotoUpload::move_to_new_id(Photo& photo) {
  TT_ASSIGN(FreshBlob blob, create_blob(services_.blobs, services_.clock, order_.owner, bytes_));
  TT_TRY(copy_blob(services_.blobs, key_, *blob.writer));
  remove_own_blob();
  key_ = std::move(blob.key);
  photo.light.photo = key_.photo;
  photo.light.taken_at_ms = key_.photo.time_ms();
  photo.heavy.original_key = key_.to_string();
  photo.heavy.job.photo = key_.photo;
  return {};
}

// Best effort: what stays is the sweeper's.
void PhotoUpload::remove_own_blob() {
  if (const Status removed = services_.blobs.remove(key_); !removed) {
    services_.log.warning("blob_not_removed", {{"blob", key_.to_string()}, {"error", removed.error().to_string()}});
  }
}

// The photo is safe: neither a missing record nor a queue that is down is the uploader's business.
Status PhotoUpload::enqueue(const Job& job) {
  JobRecord record;
  record.job = job;
  record.bytes_in = bytes_;
  record.updated_at_ms = job.enqueued_at_ms;
  if (const Status kept = services_.jobs.put(record); !kept) {
    services_.log.warning("job_record_not_kept", {{"job", job.id}, {"error", kept.error().to_string()}});
  }
  const Status published = services_.publisher.publish(job);  // counted and logged there
  services_.log.info(
      "photo_uploaded",
      {{"photo", job.photo}, {"job", job.id}, {"owner", job.owner}, {"bytes", bytes_}, {"trace", job.trace_id}});
  return published;
}

}  // namespace tintype
