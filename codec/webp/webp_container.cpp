#include "codec/webp/webp_container.h"

#include <algorithm>
#include <cstring>

namespace tintype {
namespace {

constexpr std::size_t kHeaderBytes = 8;  // a chunk's name and length
constexpr std::uint64_t kMostBytes = 0xFFFFFFFE;

std::size_t padded(std::size_t bytes) { return bytes + bytes % 2; }

void put_number(std::uint8_t* out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t number_at(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
         static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

struct Chunk {
  const char* name;
  ByteView payload;
};

std::uint8_t* put_chunk(std::uint8_t* out, const Chunk& chunk) {
  std::memcpy(out, chunk.name, 4);
  put_number(out + 4, static_cast<std::uint32_t>(chunk.payload.size()), 4);
  out = std::ranges::copy(chunk.payload, out + kHeaderBytes).out;
  if (chunk.payload.size() % 2 != 0) *out++ = 0;
  return out;
}

}  // namespace

Result<Bytes> write_webp(const WebpChunks& chunks) {
  // Flags of VP8X, from its lowest bit: unused, animation, XMP, EXIF, alpha, ICC.
  const int flags = (chunks.xmp.empty() ? 0 : 1 << 2) | (chunks.exif.empty() ? 0 : 1 << 3) |
                    (chunks.alpha.empty() ? 0 : 1 << 4) | (chunks.icc.empty() ? 0 : 1 << 5);
  std::uint8_t extended[10] = {static_cast<std::uint8_t>(flags)};
  put_number(extended + 4, chunks.width - 1, 3);
  put_number(extended + 7, chunks.height - 1, 3);
  const Chunk all[] = {{"VP8X", flags ? ByteView(extended) : ByteView()},
                       {"ICCP", chunks.icc},
                       {"ALPH", chunks.alpha},
                       {"VP8 ", chunks.frame},
                       {"EXIF", chunks.exif},
                       {"XMP ", chunks.xmp}};
  std::uint64_t bytes = 4;
  for (const Chunk& chunk : all) {
    if (!chunk.payload.empty()) bytes += kHeaderBytes + padded(chunk.payload.size());
  }
  if (bytes > kMostBytes)
    return fail(ErrorCode::kInvalidArgument,
                "a WebP is at most 4 GiB; lower the quality or the long side in the recipe");
  Bytes file(kHeaderBytes + bytes);
  std::memcpy(file.data(), "RIFF", 4);
  put_number(file.data() + 4, static_cast<std::uint32_t>(bytes), 4);
  std::memcpy(file.data() + 8, "WEBP", 4);
  std::uint8_t* out = file.data() + 12;
  for (const Chunk& chunk : all) {
    if (!chunk.payload.empty()) out = put_chunk(out, chunk);
  }
  return file;
}

ByteView find_webp_chunk(ByteView file, const char* name) {
  for (std::size_t at = 12; at + kHeaderBytes <= file.size();) {
    const std::size_t bytes = number_at(file.data() + at + 4);
    if (bytes > file.size() - at - kHeaderBytes) return {};
    if (std::memcmp(file.data() + at, name, 4) == 0) return file.subspan(at + kHeaderBytes, bytes);
    at += kHeaderBytes + padded(bytes);
  }
  return {};
}

}  // namespace tintype
