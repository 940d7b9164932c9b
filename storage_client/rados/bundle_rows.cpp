#include "storage_client/rados/bundle_rows.h"

#include <charconv>
#include <format>

#include "storage_client/embedded/byte_order.h"
#include "storage_client/page_cursor.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {
namespace {

using embedded::append;
using embedded::ByteReader;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kGenerationText = 10;

}  // namespace

std::string bundle_name(const std::string& owner, PhotoId photo) { return owner + "/" + photo.to_string(); }

std::optional<BlobKey> parse_bundle_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto photo = PhotoId::parse(name.substr(slash + 1));
  if (!photo) return std::nullopt;
  BlobKey key;
  key.owner = name.substr(0, slash);
  key.photo = *photo;
  return key;
}

std::string entry_key(const BlobKey& key) { return std::format("{}{:010}/{}", kEntryPrefix, key.generation, key.part); }

bool parse_entry_key(std::string_view entry, BlobKey& key) {
  if (entry.size() < 1 + kGenerationText + 2) return false;
  const std::string_view number = entry.substr(1, kGenerationText);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), key.generation);
  key.part = entry.substr(1 + kGenerationText + 1);
  return error == std::errc() && end == number.data() + number.size();
}

std::string encode(const BundleEnd& end) {
  std::string out;
  append(out, kVersion);
  append(out, end.token);
  append(out, end.offset);
  return out;
}

std::optional<BundleEnd> decode_end(std::string_view value) {
  if (value.empty()) return BundleEnd{};
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  BundleEnd end;
  end.token = in.number<std::uint64_t>();
  end.offset = in.number<std::uint64_t>();
  if (!in.ok_and_done() || version != kVersion) return std::nullopt;
  return end;
}

std::string encode(const BlobEntry& entry) {
  std::string out;
  append(out, kVersion);
  append(out, entry.token);
  append(out, entry.size);
  append(out, sortable_ms(entry.written_at_ms));
  append(out, entry.offset);
  append(out, entry.chunk_bytes);
  append(out, static_cast<std::uint32_t>(entry.checksums.size()));
  for (std::uint64_t checksum : entry.checksums) append(out, checksum);
  return out;
}

std::optional<BlobEntry> decode_entry(std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  BlobEntry entry;
  entry.token = in.number<std::uint64_t>();
  entry.size = in.number<std::uint64_t>();
  entry.written_at_ms = ms_from_sortable(in.number<std::uint64_t>());
  entry.offset = in.number<std::uint64_t>();
  entry.chunk_bytes = in.number<std::uint64_t>();
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) entry.checksums.push_back(in.number<std::uint64_t>());
  const std::uint64_t expected =
      entry.is_chunked() ? (entry.size + entry.chunk_bytes - 1) / entry.chunk_bytes : std::uint64_t{1};
  if (!in.ok_and_done() || version != kVersion || count != expected) return std::nullopt;
  return entry;
}

std::string chunk_name(std::uint64_t token, std::uint64_t number) { return std::format("{}.{}", hex(token), number); }

}  // namespace tintype::rados
