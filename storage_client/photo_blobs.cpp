#include "storage_client/photo_blobs.h"

#include <algorithm>
#include <format>

namespace tintype {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr int kRowsAPage = 1000;

}  // namespace

std::vector<NamedBlob> blobs_of(const Photo& photo) {
  std::vector<NamedBlob> blobs{{photo.heavy.original_key, photo.heavy.sha256, photo.light.bytes, true}};
  for (const Variant& variant : photo.heavy.manifest.variants) {
    if (!std::ranges::contains(blobs, variant.blob_key, &NamedBlob::key))
      blobs.push_back({variant.blob_key, variant.sha256, variant.bytes, false});
  }
  return blobs;
}

Result<BlobDigest> digest_of(BlobStore& store, const BlobKey& key,
                             const std::function<Status(ByteView piece)>& on_piece) {
  TT_ASSIGN(const auto reader, store.open(key));
  Sha256Stream digest;
  Bytes piece(static_cast<std::size_t>(std::clamp<std::uint64_t>(reader->size(), 1, kPieceBytes)));
  std::uint64_t done = 0;
  while (done < reader->size()) {
    TT_ASSIGN(const std::size_t got, reader->read(done, piece.mutable_view()));
    if (got == 0) {
      return fail(ErrorCode::kCorruptData, std::format("blob {}: ends after {} of its {} bytes, run tintype scrub",
                                                       key.to_string(), done, reader->size()));
    }
    const ByteView bytes = piece.view().first(got);
    digest.update(bytes);
    if (on_piece) TT_TRY(on_piece(bytes));
    done += got;
  }
  return BlobDigest{to_hex(digest.finish()), done};
}

OwnerRows::OwnerRows(PhotoIndex& index, std::string owner, ListOrder by) : index_(index), owner_(std::move(owner)) {
  query_.by = by;
  query_.limit = kRowsAPage;
}

Result<const LightRow*> OwnerRows::peek() {
  while (at_ == page_.rows.size()) {
    if (asked_ && page_.next.empty()) return nullptr;
    query_.cursor = page_.next;
    TT_ASSIGN(page_, index_.list(owner_, query_));
    at_ = 0;
    asked_ = true;
  }
  return &page_.rows[at_];
}

}  // namespace tintype
