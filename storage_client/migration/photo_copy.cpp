// One photo of a migration.
#include <algorithm>
#include <format>

#include "storage_client/migration/migration.h"

namespace tintype {
namespace {

std::unexpected<Error> wrong_at_source(const NamedBlob& blob, std::string_view how) {
  return fail(ErrorCode::kCorruptData,
              std::format("blob {}: at the source it {}, run tintype scrub there", blob.key, how));
}

// The photo as create() is to make it: what commits set comes with them.
Photo uncommitted(Photo photo) {
  if (photo.heavy.manifest.revision > 0) --photo.heavy.manifest.revision;
  photo.light.complete = false;
  photo.light.failed = false;
  return photo;
}

LightUpdate update_to(const Photo& photo) {
  const LightRow& row = photo.light;
  LightUpdate update;
  update.taken_at_ms = row.taken_at_ms;
  update.width = row.width;
  update.height = row.height;
  update.format = row.format;
  update.complete = row.complete;
  update.failed = row.failed;
  update.thumbhash = row.thumbhash;
  update.exif_json = photo.heavy.exif_json;
  return update;
}

}  // namespace

Result<bool> Migration::is_at_target(const BlobKey& key, const NamedBlob& blob) {
  const auto info = target_.blobs.stat(key);
  if (!info && info.error().code == ErrorCode::kNotFound) return false;
  if (!info) return fail(info.error());
  const auto digest = digest_of(target_.blobs, key);
  if (!digest && digest.error().code != ErrorCode::kCorruptData) return fail(digest.error());
  if (digest && digest->sha256 == blob.sha256) return true;
  TT_TRY(target_.blobs.remove(key));
  return false;
}

Status Migration::copy_blob(const NamedBlob& blob) {
  TT_ASSIGN(const BlobKey key, BlobKey::parse(blob.key));
  TT_ASSIGN(const bool is_there, is_at_target(key, blob));
  if (is_there) {
    const std::lock_guard lock(mutex_);
    ++progress_.count.blobs_verified;
    return {};
  }
  TT_ASSIGN(const BlobInfo size, source_.blobs.stat(key));
  TT_ASSIGN(const auto writer, target_.blobs.create(key, size.size));
  TT_ASSIGN(const BlobDigest read, digest_of(source_.blobs, key, [&](ByteView piece) { return writer->write(piece); }));
  if (read.sha256 != blob.sha256) return wrong_at_source(blob, "does not have the digest that the index says");
  TT_TRY(writer->commit());
  TT_ASSIGN(const BlobDigest written, digest_of(target_.blobs, key));
  if (written.sha256 != blob.sha256) {
    TT_TRY(target_.blobs.remove(key));
    return fail(
        ErrorCode::kCorruptData,
        std::format("blob {}: reads back from the target otherwise than it was written, look at its disks", blob.key));
  }
  const std::lock_guard lock(mutex_);
  ++progress_.count.blobs_written;
  progress_.count.bytes_written += written.bytes;
  return {};
}

Status Migration::copy_blobs(const Photo& photo) {
  for (const NamedBlob& blob : blobs_of(photo)) {
    const Status copied = copy_blob(blob);
    if (copied) continue;
    if (copied.error().code != ErrorCode::kNotFound) return copied;
    // Replaced or deleted meanwhile, most likely: then the next round has it.
    return wrong_at_source(blob, "is missing");
  }
  return {};
}

Status Migration::copy_photo(const std::string& owner, PhotoId photo) {
  const auto source = source_.index.get(owner, photo);
  if (!source && source.error().code == ErrorCode::kNotFound) return {};  // deleted meanwhile
  if (!source) return fail(source.error());
  TT_TRY(copy_blobs(*source));
  const Photo first = uncommitted(*source);
  const auto created = target_.index.create(owner, first);
  if (!created && created.error().code == ErrorCode::kAlreadyExists) return update_photo(owner, photo);
  if (!created) return fail(created.error());
  if (created->existed) {
    return fail(ErrorCode::kConflict,
                std::format("photo {} of {}: its idempotency key is photo {}'s at the target, try again once that is "
                            "deleted there",
                            photo.to_string(), owner, created->photo.to_string()));
  }
  Photo made = first;
  made.light.revision = first.heavy.manifest.revision;
  return bring_up(owner, *source, made);
}

Status Migration::update_photo(const std::string& owner, PhotoId photo) {
  const auto source = source_.index.get(owner, photo);
  if (!source && source.error().code == ErrorCode::kNotFound) return {};  // deleted meanwhile
  if (!source) return fail(source.error());
  const auto target = target_.index.get(owner, photo);
  if (!target && target.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kConflict,
                std::format("photo {} of {}: it was deleted at the target and cannot come back there, though the "
                            "source has it",
                            photo.to_string(), owner));
  }
  if (!target) return fail(target.error());
  TT_TRY(copy_blobs(*source));
  TT_TRY(bring_up(owner, *source, *target));
  const auto named = blobs_of(*source);
  for (const NamedBlob& old : blobs_of(*target)) {
    if (std::ranges::contains(named, old.key, &NamedBlob::key)) continue;
    TT_ASSIGN(const BlobKey key, BlobKey::parse(old.key));
    TT_TRY(target_.blobs.remove(key));
  }
  return {};
}

// By the same steps that the source's farm took: a job, commits, a failure.
Status Migration::bring_up(const std::string& owner, const Photo& source, const Photo& target) {
  const PhotoId photo = source.light.photo;
  const std::uint64_t revision = source.light.revision;
  if (target.light.revision > revision) {
    return fail(ErrorCode::kConflict,
                std::format("photo {} of {}: its manifest is at revision {} at the target and {} at the source: "
                            "somebody works on it there",
                            photo.to_string(), owner, target.light.revision, revision));
  }
  const bool is_marked = !target.light.complete && !target.light.failed;
  const bool has_ended = source.light.complete || source.light.failed;
  if (to_json(source.heavy.job) != to_json(target.heavy.job) || (!has_ended && !is_marked)) {
    TT_TRY(target_.index.set_job(owner, photo, source.heavy.job));
  }
  Manifest manifest = source.heavy.manifest;
  for (manifest.revision = target.light.revision; manifest.revision < revision; ++manifest.revision) {
    const bool is_last = manifest.revision + 1 == revision;
    TT_TRY(target_.index.commit_manifest(owner, photo, manifest, is_last ? update_to(source) : LightUpdate{}));
  }
  // Given up without a commit, or since the last one.
  if (source.light.failed && (revision == target.light.revision || source.light.complete)) {
    TT_TRY(target_.index.set_failed(owner, photo));
  }
  return {};
}

Status Migration::delete_photo(const std::string& owner, PhotoId photo) {
  TT_ASSIGN(const bool exists, source_.index.owns_blobs(owner, photo));
  if (exists) return {};
  const Status removed = target_.index.remove(owner, photo);
  if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
  return target_.blobs.remove_photo(owner, photo);
}

}  // namespace tintype
