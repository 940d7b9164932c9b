// What a lane and a worker (a sandboxed child, or one of a device process's sessions) say to each other.
//
// The socket carries one fixed header a task each way, the lane's with the task's shared memories. Everything
// longer is in the exchange, a memfd of the lane's with fixed size: its first `body_area_bytes` hold the task's
// steps, then, in their place, the answer; encoded files follow. The lane reads the answer once, into memory of
// its own, and believes nothing in it: docs/sandbox.md.
#pragma once

#include <cstdint>

#include "core/job/plan.h"
#include "workers/task.h"

namespace tintype {

// Bounds on what an honest child answers; it keeps to them, so more is a lie.
inline constexpr std::uint64_t kMaxIccBytes = 4ull << 20;
inline constexpr std::uint64_t kMaxExifBytes = 64ull << 10;
inline constexpr std::uint64_t kMaxMetadataJsonBytes = 16ull << 10;
inline constexpr std::uint64_t kMaxTextBytes = 512;  // of a message, a warning, an encoder's name
inline constexpr std::uint64_t kMaxWarnings = 16;
inline constexpr std::uint64_t kMaxProbes = 32;              // of one search for a score
inline constexpr std::uint64_t kBodyAreaBytes = 8ull << 20;  // at least; more if a task's metadata needs it

// A generous bound on one encoded file: no coding of photos is worse than raw.
inline std::uint64_t max_file_bytes(const PlannedEncode& encode) {
  return std::uint64_t{encode.width} * encode.height * 4 + (64ull << 10) + kMaxIccBytes + kMaxExifBytes;
}

struct TaskHeader {
  std::uint64_t nonce = 0;  // random; the answer repeats it
  std::uint64_t body_bytes = 0;
  std::uint64_t body_area_bytes = 0;
  std::uint64_t exchange_bytes = 0;
  std::uint64_t source_bytes = 0;
  // Descriptors, in this order: the exchange if it is a new one, the source, the inputs, the kept pictures.
  std::uint32_t has_new_exchange = 0;
  std::uint32_t has_source = 0;
  std::uint32_t inputs = 0;
  std::uint32_t kept = 0;
  std::uint64_t kept_bytes[kMaxTaskPictures] = {};  // sizes of the kept pictures' memories
};

struct AnswerHeader {
  std::uint64_t nonce = 0;
  std::uint64_t body_bytes = 0;
};

}  // namespace tintype
