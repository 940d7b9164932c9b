#include "gateway/tus/tus_headers.h"

#include <algorithm>
#include <charconv>
#include <format>

#include "gateway/base64.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxMetadataNames = 32;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool is_metadata_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

}  // namespace

Result<std::uint64_t> parse_tus_number(std::string_view name, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorCode::kInvalidArgument, std::format("{} must be a whole number", name));
  }
  return value;
}

Result<TusMetadata> parse_tus_metadata(std::string_view text) {
  TusMetadata out;
  for (std::string_view rest = trimmed(text); !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view pair = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t blank = std::min(pair.find(' '), pair.size());
    const std::string_view name = pair.substr(0, blank);
    auto value = decode_base64(trimmed(pair.substr(blank)));
    if (!is_metadata_name(name) || !value) {
      return fail(ErrorCode::kInvalidArgument,
                  "Upload-Metadata must be names, each with a blank and its value in base64, separated by commas");
    }
    const bool twice = std::ranges::any_of(out, [&](const auto& known) { return known.first == name; });
    if (twice || out.size() == kMaxMetadataNames) {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("Upload-Metadata must name at most {} things, '{}' once", kMaxMetadataNames, name));
    }
    out.emplace_back(name, std::move(*value));
  }
  return out;
}

Result<TusChecksum> parse_tus_checksum(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string_view algorithm = text.substr(0, blank);
  auto digest = decode_base64(trimmed(text.substr(blank)));
  if (digest && algorithm == "sha1" && digest->size() == 20) return TusChecksum{TusChecksumKind::kSha1, *digest};
  if (digest && algorithm == "sha256" && digest->size() == 32) return TusChecksum{TusChecksumKind::kSha256, *digest};
  return fail(ErrorCode::kInvalidArgument,
              std::format("Upload-Checksum must be one of {} and its digest in base64", kTusChecksums));
}

}  // namespace tintype
