// Chunks: blobs that are too large for their photo's bundle, as objects of fixed size that are written once.
//
// Chunks are found only through the bundle's entry that names them, so whatever dies leaves at most chunks
// that nobody finds. Before the first chunk is written, and before an entry goes, a note in the trash says
// so; collect() deletes chunks whose note is due and that no entry names.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "storage_client/rados/bundle_rows.h"
#include "storage_client/rados/rados_store.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

// Upload may take as long; a note of one is due after twice that, so that no entry can name collected chunks.
inline constexpr std::int64_t kLongestUploadMs = 12 * 60 * 60 * 1000;

struct TrashNote {
  UnixMs due_ms = 0;
  std::uint64_t token = 0;
  BlobKey key;
};

class Chunks {
 public:
  Chunks(Space& chunks, Space& trash, const RadosStoreConfig& config, const Clock& clock)
      : chunks_(chunks), trash_(trash), config_(config), clock_(clock) {}

  Result<TrashNote> note(std::uint64_t token, const BlobKey& key, std::int64_t due_after_ms, Deadline deadline);
  void drop(const TrashNote& note, Deadline deadline);  // what fails is found by collect()
  // At once; only of an upload that nobody will commit.
  void remove(const TrashNote& note, std::uint64_t count, Deadline deadline);

  // Asked whether the entry of `key` names chunks of `token`.
  using IsNamed = std::function<Result<bool>(const BlobKey& key, std::uint64_t token)>;
  // Of notes that are due, up to `limit`.
  Status collect(int limit, const IsNamed& is_named);

  Space& space() { return chunks_; }
  std::uint64_t chunk_bytes() const { return config_.chunk_bytes; }
  int in_flight() const { return config_.chunks_in_flight; }

 private:
  Space& chunks_;
  Space& trash_;
  const RadosStoreConfig& config_;
  const Clock& clock_;
};

// Writes one blob's chunks, several at once. Holds chunks_in_flight + 1 of them in memory.
class ChunkWriter {
 public:
  ChunkWriter(Chunks& chunks, std::uint64_t token) : chunks_(chunks), token_(token) {}

  Status write(ByteView bytes);
  // The last chunk, and all that are under way. Fills in what an entry must know of them.
  Status finish(BlobEntry& entry);
  std::uint64_t count() const { return checksums_.size(); }

 private:
  struct Sent {
    Bytes bytes;
    std::unique_ptr<PendingWrite> pending;  // ends before the bytes go
  };
  Status send();
  Status wait_for_one();

  Chunks& chunks_;
  const std::uint64_t token_;
  Bytes buffer_;
  std::size_t filled_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> checksums_;
  std::deque<Sent> sent_;
};

// Reads ranges of one blob, several chunks at once; keeps the last chunk, for the next range.
class ChunkReader final : public BlobReader {
 public:
  ChunkReader(Chunks& chunks, std::string name, BlobEntry entry)
      : chunks_(chunks), name_(std::move(name)), entry_(std::move(entry)) {}

  std::uint64_t size() const override { return entry_.size; }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  Chunks& chunks_;
  const std::string name_;
  const BlobEntry entry_;
  std::uint64_t kept_number_ = ~0ull;
  Bytes kept_;
};

}  // namespace tintype::rados
