#include "storage_client/memory/memory_blobs.h"

#include <algorithm>
#include <format>

#include "storage_client/checks.h"

namespace tintype {
namespace {

constexpr std::uint64_t kNeverFull = 1ull << 40;

class MemoryWriter final : public BlobWriter {
 public:
  MemoryWriter(MemoryBlobs& store, BlobKey key) : store_(store), key_(std::move(key)) {}

  Status write(ByteView piece) override {
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    return {};
  }

  Result<BlobInfo> commit() override { return store_.add(key_, bytes_); }

 private:
  MemoryBlobs& store_;
  BlobKey key_;
  std::vector<std::uint8_t> bytes_;
};

class MemoryReader final : public BlobReader {
 public:
  explicit MemoryReader(std::shared_ptr<const MemoryBlobs::Blob> blob) : blob_(std::move(blob)) {}

  std::uint64_t size() const override { return blob_->bytes.size(); }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= size()) return 0;
    const std::size_t count = std::min<std::uint64_t>(out.size(), size() - offset);
    std::copy_n(blob_->bytes.data() + offset, count, out.data());
    return count;
  }

 private:
  std::shared_ptr<const MemoryBlobs::Blob> blob_;
};

std::unexpected<Error> exists(const BlobKey& key) {
  return fail(ErrorCode::kAlreadyExists, std::format("blob {} exists already", key.to_string()));
}

std::unexpected<Error> missing(const BlobKey& key) {
  return fail(ErrorCode::kNotFound, std::format("blob {} does not exist", key.to_string()));
}

}  // namespace

std::shared_ptr<const MemoryBlobs::Blob> MemoryBlobs::find(const BlobKey& key) {
  std::lock_guard lock(mutex_);
  auto found = blobs_.find(key.to_string());
  return found == blobs_.end() ? nullptr : found->second;
}

Result<std::unique_ptr<BlobWriter>> MemoryBlobs::create(const BlobKey& key, std::uint64_t) {
  TT_TRY(check_key(key));
  if (find(key)) return exists(key);
  return std::make_unique<MemoryWriter>(*this, key);
}

Result<BlobInfo> MemoryBlobs::add(const BlobKey& key, ByteView bytes) {
  const BlobInfo info{bytes.size(), clock_.now_ms()};
  auto blob = std::make_shared<const Blob>(key, Bytes::copy_of(bytes), info);
  std::lock_guard lock(mutex_);
  if (!blobs_.emplace(key.to_string(), std::move(blob)).second) return exists(key);
  return info;
}

Status MemoryBlobs::put_all(std::span<const BlobPut> puts) {
  TT_TRY(check_puts(puts));
  const UnixMs now_ms = clock_.now_ms();
  std::lock_guard lock(mutex_);
  for (const BlobPut& put : puts) {
    blobs_[put.key.to_string()] =
        std::make_shared<const Blob>(put.key, Bytes::copy_of(put.bytes), BlobInfo{put.bytes.size(), now_ms});
  }
  return {};
}

Result<std::unique_ptr<BlobReader>> MemoryBlobs::open(const BlobKey& key) {
  TT_TRY(check_key(key));
  auto blob = find(key);
  if (!blob) return missing(key);
  return std::make_unique<MemoryReader>(std::move(blob));
}

Result<BlobInfo> MemoryBlobs::stat(const BlobKey& key) {
  TT_TRY(check_key(key));
  auto blob = find(key);
  if (!blob) return missing(key);
  return blob->info;
}

Status MemoryBlobs::remove(const BlobKey& key) {
  TT_TRY(check_key(key));
  std::lock_guard lock(mutex_);
  blobs_.erase(key.to_string());
  return {};
}

Status MemoryBlobs::remove_photo(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  std::lock_guard lock(mutex_);
  std::erase_if(
      blobs_, [&](const auto& entry) { return entry.second->key.owner == owner && entry.second->key.photo == photo; });
  return {};
}

Result<BlobListing> MemoryBlobs::list(const std::string& after, int limit) {
  TT_TRY(check_page_limit(limit));
  if (!after.empty()) TT_TRY(BlobKey::parse(after));
  BlobListing page;
  std::lock_guard lock(mutex_);
  for (auto it = blobs_.upper_bound(after); it != blobs_.end(); ++it) {
    if (std::ssize(page.blobs) == limit) {
      page.next = page.blobs.back().first.to_string();
      break;
    }
    page.blobs.emplace_back(it->second->key, it->second->info);
  }
  return page;
}

Result<std::uint64_t> MemoryBlobs::free_bytes() { return kNeverFull; }

}  // namespace tintype
