// BlobStore: bytes under a key, streamed in and out.
//
// Key: owner / photo / generation / part, text of [A-Za-z0-9._-] between slashes. No two photos share a blob;
// digests are checksums, not names. A blob is written once: it appears whole and durable at commit, or never.
// Memory held is a few pieces, whatever the blob's size. Thread-safe; a writer or reader belongs to one thread
// at a time, and goes before the store does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace tintype {

struct BlobKey {
  std::string owner;
  PhotoId photo;
  std::uint32_t generation = 0;  // of the photo's bytes: 0 for the upload
  std::string part;              // "original", or "<rung>-<attempt>" such as "2048.webp-01jd..."

  // "owner/photo/generation/part".
  std::string to_string() const;
  static Result<BlobKey> parse(std::string_view text);
};

struct BlobInfo {
  std::uint64_t size = 0;
  UnixMs written_at_ms = 0;
};

// Destroyed without commit(): nothing remains.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Status write(ByteView piece) = 0;
  // The blob is durable and can be read when this returns Ok. Once.
  virtual Result<BlobInfo> commit() = 0;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::uint64_t size() const = 0;
  // Up to out.size() bytes from `offset`; fewer only at the end; 0 at or past it.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
  // All of it, where it is in memory anyway; null elsewhere.
  virtual std::shared_ptr<const Bytes> whole() const { return nullptr; }
};

struct BlobPut {
  BlobKey key;
  ByteView bytes;
};

struct BlobListing {
  std::vector<std::pair<BlobKey, BlobInfo>> blobs;
  std::string next;  // pass to go on; empty at the end
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // `size_hint`: bytes expected, 0 if unknown; lets the store refuse early (kStorageFull) and place it well.
  // kAlreadyExists if the key is there; at commit if it was written meanwhile.
  virtual Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) = 0;

  // Several small blobs made durable together (one flush): the variants of a photo. All or none is NOT promised;
  // Ok means all. Writing a key again replaces it; a key twice in one call is kInvalidArgument.
  virtual Status put_all(std::span<const BlobPut> puts) = 0;

  // kNotFound.
  virtual Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) = 0;
  virtual Result<BlobInfo> stat(const BlobKey& key) = 0;

  // Ok also when there was none.
  virtual Status remove(const BlobKey& key) = 0;
  // Every blob of one photo.
  virtual Status remove_photo(const std::string& owner, PhotoId photo) = 0;

  // Every blob, in some stable order, in pages of 1..1000: for the sweeper and for scrubbing. Blobs written or removed
  // meanwhile may or may not be seen.
  virtual Result<BlobListing> list(const std::string& after, int limit) = 0;

  // Free bytes for new blobs.
  virtual Result<std::uint64_t> free_bytes() = 0;

  // kStorageFull while create() refuses new blobs for want of space, whatever their size. Reading and removing go on.
  virtual Status takes_blobs() { return {}; }
};

// The whole blob; kImageTooLarge if it is over `max_bytes`.
Result<Bytes> read_blob(BlobStore& store, const BlobKey& key, std::uint64_t max_bytes);

}  // namespace tintype
