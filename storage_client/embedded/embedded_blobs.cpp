#include "storage_client/embedded/embedded_blobs.h"

#include <algorithm>
#include <format>

#include <rocksdb/write_batch.h>

#include "storage_client/checks.h"
#include "storage_client/embedded/checksum.h"
#include "storage_client/embedded/embedded_writer.h"

namespace tintype::embedded {
namespace {

constexpr Family kBlobs = Family::kBlobs;
constexpr char kFileCursor = 'f';
constexpr char kPackedCursor = 'p';

class PackedReader final : public BlobReader {
 public:
  explicit PackedReader(Bytes bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_.size(); }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count = std::min<std::uint64_t>(out.size(), bytes_.size() - offset);
    std::copy_n(bytes_.data() + offset, count, out.data());
    return count;
  }

 private:
  Bytes bytes_;
};

}  // namespace

struct EmbeddedBlobs::Change {
  rocksdb::WriteBatch batch;
  std::vector<Extent> freed;
};

Result<std::uint64_t> EmbeddedBlobs::free_bytes() { return free_bytes_at(config_.dir); }

Status EmbeddedBlobs::check_space(std::uint64_t bytes) {
  TT_ASSIGN(const std::uint64_t free, free_bytes());
  if (watermark_.allows(free, bytes)) return {};
  return fail(ErrorCode::kStorageFull,
              std::format("store {}: {} MB free, {} MB are kept free and uploads go on at {} MB; delete photos or give "
                          "it a larger disk",
                          config_.dir, free >> 20, config_.min_free_bytes >> 20, config_.resume_at_bytes() >> 20));
}

Result<std::optional<PackedBlob>> EmbeddedBlobs::find_packed(const BlobKey& key) {
  rocksdb::PinnableSlice value;
  TT_ASSIGN(const bool found, database_.get(kBlobs, blob_key(key), value));
  if (!found) return std::nullopt;
  const auto blob = decode_packed_blob(value.ToStringView());
  if (!blob) return database_.corrupt("the row of blob " + key.to_string());
  return blob;
}

Status EmbeddedBlobs::check_absent(const BlobKey& key) {
  TT_ASSIGN(const auto packed, find_packed(key));
  TT_ASSIGN(const auto file, files_.stat(key));
  if (!packed && !file) return {};
  return fail(ErrorCode::kAlreadyExists, std::format("blob {} exists already", key.to_string()));
}

Result<std::vector<PackedBlob>> EmbeddedBlobs::append(std::span<const BlobPut> puts) {
  std::vector<ByteView> views;
  for (const BlobPut& put : puts) views.push_back(put.bytes);
  if (views.empty()) return std::vector<PackedBlob>();
  TT_ASSIGN(const auto extents, packs_.append(views));
  const UnixMs now_ms = clock_.now_ms();
  std::vector<PackedBlob> blobs;
  for (std::size_t i = 0; i < puts.size(); ++i) blobs.push_back({extents[i], now_ms, checksum(puts[i].bytes)});
  return blobs;
}

void EmbeddedBlobs::remember(Change& change, const BlobKey& key, const PackedBlob& blob) {
  change.batch.Put(database_.family(kBlobs), blob_key(key), encode(blob));
  if (blob.extent.size > 0) {  // an empty one starts where the next one does
    change.batch.Put(database_.family(kBlobs), extent_key(blob.extent), encode(blob.extent));
  }
}

Status EmbeddedBlobs::forget(Change& change, const BlobKey& key) {
  TT_ASSIGN(const auto blob, find_packed(key));
  if (!blob) return {};
  change.batch.Delete(database_.family(kBlobs), blob_key(key));
  if (blob->extent.size == 0) return {};
  change.batch.Delete(database_.family(kBlobs), extent_key(blob->extent));
  change.freed.push_back(blob->extent);
  return {};
}

Status EmbeddedBlobs::apply(Change& change) {
  if (change.batch.Count() == 0) return {};
  TT_TRY(database_.write(change.batch, Durability::kSynced));
  return packs_.release(std::move(change.freed));
}

Result<std::unique_ptr<BlobWriter>> EmbeddedBlobs::create(const BlobKey& key, std::uint64_t size_hint) {
  TT_TRY(check_key(key));
  TT_TRY(check_space(size_hint));
  TT_TRY(check_absent(key));
  auto writer = std::make_unique<EmbeddedWriter>(*this, key);
  if (!is_small(size_hint)) TT_TRY(writer->spill());
  return writer;
}

Result<BlobInfo> EmbeddedBlobs::commit_small(const BlobKey& key, ByteView bytes) {
  const BlobPut put{key, bytes};
  TT_ASSIGN(const auto blobs, append(std::span(&put, 1)));
  const auto lock = photos_.lock(key.owner, key.photo.value);
  if (auto absent = check_absent(key); !absent) {
    TT_TRY(packs_.release({blobs.front().extent}));
    return fail(std::move(absent).error());
  }
  Change change;
  remember(change, key, blobs.front());
  TT_TRY(apply(change));
  return blobs.front().info();
}

Result<BlobInfo> EmbeddedBlobs::commit_large(const BlobKey& key, NewFile& file) {
  TT_TRY(file.flush(clock_.now_ms()));
  const auto lock = photos_.lock(key.owner, key.photo.value);
  TT_TRY(check_absent(key));
  return files_.publish(file, key, NewFile::Existing::kKeep);
}

Status EmbeddedBlobs::put_all(std::span<const BlobPut> puts) {
  TT_TRY(check_puts(puts));
  std::uint64_t bytes = 0;
  std::vector<BlobPut> small;
  std::vector<std::pair<BlobKey, NewFile>> large;
  std::vector<std::size_t> stripes;
  for (const BlobPut& put : puts) {
    bytes += put.bytes.size();
    stripes.push_back(Stripes::stripe_of(put.key.owner, put.key.photo.value));
  }
  TT_TRY(check_space(bytes));
  for (const BlobPut& put : puts) {
    if (is_small(put.bytes.size())) {
      small.push_back(put);
      continue;
    }
    TT_ASSIGN(NewFile file, files_.start());
    TT_TRY(file.write(put.bytes));
    TT_TRY(file.flush(clock_.now_ms()));
    large.emplace_back(put.key, std::move(file));
  }
  TT_ASSIGN(const auto blobs, append(small));

  const std::shared_lock removing(removals_);
  const auto locks = photos_.lock_several(std::move(stripes));
  Change change;
  for (auto& [key, file] : large) TT_TRY(files_.publish(file, key, NewFile::Existing::kReplace));
  for (const BlobPut& put : puts) TT_TRY(forget(change, put.key));
  for (std::size_t i = 0; i < small.size(); ++i) remember(change, small[i].key, blobs[i]);
  TT_TRY(apply(change));
  for (const BlobPut& put : small) TT_TRY(files_.remove(put.key));
  return {};
}

Result<std::unique_ptr<BlobReader>> EmbeddedBlobs::open(const BlobKey& key) {
  TT_TRY(check_key(key));
  TT_ASSIGN(auto packed, find_packed(key));
  while (packed) {
    auto bytes = packs_.read(packed->extent);
    if (bytes && checksum(*bytes) == packed->checksum) return std::make_unique<PackedReader>(*std::move(bytes));
    // The bytes may have been given back between our two reads: then the row has changed too.
    TT_ASSIGN(const auto again, find_packed(key));
    if (again && again->extent == packed->extent) {
      if (!bytes) return fail(std::move(bytes).error());
      return database_.corrupt("blob " + key.to_string());
    }
    packed = again;
  }
  return files_.open_reader(key);
}

Result<BlobInfo> EmbeddedBlobs::stat(const BlobKey& key) {
  TT_TRY(check_key(key));
  TT_ASSIGN(const auto packed, find_packed(key));
  if (packed) return packed->info();
  TT_ASSIGN(const auto file, files_.stat(key));
  if (file) return *file;
  return fail(ErrorCode::kNotFound, std::format("blob {} does not exist", key.to_string()));
}

Status EmbeddedBlobs::remove(const BlobKey& key) {
  TT_TRY(check_key(key));
  const std::shared_lock removing(removals_);
  const auto lock = photos_.lock(key.owner, key.photo.value);
  Change change;
  TT_TRY(forget(change, key));
  TT_TRY(apply(change));
  return files_.remove(key);
}

Status EmbeddedBlobs::remove_photo(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const std::shared_lock removing(removals_);
  const auto lock = photos_.lock(owner, photo.value);
  Change change;
  RangeScan scan(database_, kBlobs, blob_range_of(owner, photo));
  for (; scan.valid(); scan.next()) {
    const auto key = parse_blob_key(scan.key());
    if (!key) return database_.corrupt("a blob's row");
    TT_TRY(forget(change, *key));
  }
  TT_TRY(scan.status());
  TT_TRY(apply(change));
  return files_.remove_photo(owner, photo);
}

// Files first, then packed blobs. The cursor is the last key shown, after a letter for where it was.
Result<BlobListing> EmbeddedBlobs::list(const std::string& after, int limit) {
  TT_TRY(check_page_limit(limit));
  const char from = after.empty() ? kFileCursor : after.front();
  std::optional<BlobKey> last;
  if (!after.empty()) {
    TT_ASSIGN(last, BlobKey::parse(after.substr(1)));
    if (from != kFileCursor && from != kPackedCursor) {
      return fail(ErrorCode::kInvalidArgument, "cursor: not one that a page before returned");
    }
  }
  // One more than asked for tells whether there is a next page.
  const std::size_t wanted = static_cast<std::size_t>(limit) + 1;
  BlobListing page;
  if (from == kFileCursor) {
    TT_ASSIGN(page.blobs, files_.list(last, wanted));
  }
  const std::size_t files = page.blobs.size();
  RangeScan scan(database_, kBlobs, blob_range(from == kPackedCursor ? last : std::nullopt));
  for (; page.blobs.size() < wanted && scan.valid(); scan.next()) {
    auto key = parse_blob_key(scan.key());
    const auto blob = decode_packed_blob(scan.value());
    if (!key || !blob) return database_.corrupt("a blob's row");
    page.blobs.emplace_back(*std::move(key), blob->info());
  }
  TT_TRY(scan.status());
  if (page.blobs.size() < wanted) return page;
  page.blobs.pop_back();
  const char kind = page.blobs.size() <= files ? kFileCursor : kPackedCursor;
  page.next = kind + page.blobs.back().first.to_string();
  return page;
}

}  // namespace tintype::embedded
