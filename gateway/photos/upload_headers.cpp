#include "gateway/photos/upload_headers.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "gateway/base64.h"
#include "gateway/http/message.h"
#include "gateway/http/target.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxKeyBytes = 255;

std::optional<Sha256> decode_base64_sha256(std::string_view text) {
  const auto bytes = decode_base64(text);
  Sha256 out{};
  if (!bytes || bytes->size() != out.size()) return {};
  std::ranges::copy(as_bytes(*bytes), out.begin());
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == text.npos; }

}  // namespace

Result<std::string> parse_file_name(std::string_view name) {
  if (name.size() > kMaxNameBytes) return fail(ErrorCode::kInvalidArgument, "name must be at most 255 bytes");
  if (!http::is_utf8(name)) return fail(ErrorCode::kInvalidArgument, "name must be UTF-8");
  const std::size_t slash = name.find_last_of("/\\");
  std::string base(slash == name.npos ? name : name.substr(slash + 1));
  std::ranges::replace_if(base, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '_');
  return base;
}

Result<std::optional<Sha256>> parse_repr_digest(std::string_view header) {
  const auto broken = [] {
    return fail(ErrorCode::kInvalidArgument, "Repr-Digest must read sha-256=:BASE64: (RFC 9530)");
  };
  std::optional<Sha256> found;
  for (std::string_view rest = trimmed(header); !rest.empty();) {
    const std::size_t equals = rest.find('=');
    if (equals == rest.npos) return broken();
    const std::string_view algorithm = rest.substr(0, equals);
    rest.remove_prefix(equals + 1);
    if (!rest.starts_with(':')) return broken();
    const std::size_t close = rest.find(':', 1);
    if (close == rest.npos) return broken();
    const std::string_view value = rest.substr(1, close - 1);
    rest = trimmed(rest.substr(close + 1));
    if (algorithm == "sha-256") {
      found = decode_base64_sha256(value);
      if (!found) return broken();
    }
    if (rest.empty()) break;
    if (!rest.starts_with(',')) return broken();
    rest = trimmed(rest.substr(1));
    if (rest.empty()) return broken();
  }
  return found;
}

Result<std::string> parse_idempotency_key(std::string_view header) {
  const bool visible = std::ranges::all_of(header, [](char c) { return c > 0x20 && c < 0x7f; });
  if (header.empty() || header.size() > kMaxKeyBytes || !visible) {
    return fail(ErrorCode::kInvalidArgument, "Idempotency-Key must be 1 to 255 visible ASCII characters");
  }
  return std::string(header);
}

std::string trace_id_of(std::string_view traceparent) {
  // version-traceid-parentid-flags: 2, 32, 16 and 2 hex digits.
  if (traceparent.size() >= 55 && traceparent[2] == '-' && traceparent[35] == '-') {
    const std::string_view id = traceparent.substr(3, 32);
    if (is_hex(id) && id.find_first_not_of('0') != id.npos) return std::string(id);
  }
  std::array<std::uint8_t, 16> random{};
  for (std::size_t have = 0; have < random.size();) {
    const ssize_t got = ::getrandom(random.data() + have, random.size() - have, 0);
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  return to_hex(random);
}

}  // namespace tintype
