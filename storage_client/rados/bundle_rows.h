// Keys and values of a photo's blob object, its bundle: a directory of its blobs in omap, the small ones'
// bytes as data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "storage_client/blob_store.h"

namespace tintype::rados {

// "owner/photo", and its owner and photo again.
std::string bundle_name(const std::string& owner, PhotoId photo);
std::optional<BlobKey> parse_bundle_name(std::string_view name);

inline constexpr const char* kEndKey = "E";
inline constexpr const char* kEntryPrefix = "b";
std::string entry_key(const BlobKey& key);
// Generation and part of `key` filled in.
bool parse_entry_key(std::string_view entry, BlobKey& key);

// Where the bundle's data ends. Its token changes with every change of the bundle.
struct BundleEnd {
  std::uint64_t token = 0;
  std::uint64_t offset = 0;
};
std::string encode(const BundleEnd& end);
std::optional<BundleEnd> decode_end(std::string_view value);

// One blob: inline in the bundle at `offset`, or in chunk objects that its token names.
struct BlobEntry {
  std::uint64_t token = 0;
  std::uint64_t size = 0;
  UnixMs written_at_ms = 0;
  std::uint64_t offset = 0;
  std::uint64_t chunk_bytes = 0;         // 0: inline
  std::vector<std::uint64_t> checksums;  // XXH3 of the whole blob if inline, else of each chunk

  BlobInfo info() const { return {size, written_at_ms}; }
  bool is_chunked() const { return chunk_bytes > 0; }
};
std::string encode(const BlobEntry& entry);
std::optional<BlobEntry> decode_entry(std::string_view value);

std::string chunk_name(std::uint64_t token, std::uint64_t number);

}  // namespace tintype::rados
