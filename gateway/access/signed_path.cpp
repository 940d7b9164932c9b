#include "gateway/access/signed_path.h"

#include <charconv>
#include <format>

#include "core/base/signature.h"

namespace tintype {
namespace {

constexpr std::string_view kSalt = "tintype picture";

std::string sign(const SigningKey& key, std::string_view path) {
  return signature_of(as_bytes(key.secret), kSalt, path);
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::string signed_path(const AccessBook& book, const SignedPicture& picture) {
  const SigningKey& key = book.newest_key();
  const std::string path = std::format("/{}/{}/{}/{}/{}/{}", key.id, picture.expires_s, picture.owner,
                                       picture.photo.to_string(), picture.revision, picture.name);
  return std::format("/s/{}{}", sign(key, path), path);
}

std::int64_t expiry_after(UnixMs now_ms, std::int64_t lives_s) {
  const std::int64_t step = std::max<std::int64_t>(1, lives_s / 4);
  return (now_ms / 1000 + lives_s + step - 1) / step * step;
}

Result<SignedPicture> check_signed_path(const AccessBook& book, const SignedPathParts& parts, UnixMs now_ms) {
  const SigningKey* key = book.find_key(parts.key_id);
  const std::string path = std::format("/{}/{}/{}/{}/{}/{}", parts.key_id, parts.expires, parts.owner, parts.photo,
                                       parts.revision, parts.name);
  if (!key || !equal_in_constant_time(parts.signature, sign(*key, path))) {
    return fail(ErrorCode::kDenied, "this URL is not signed by a key of this farm; ask the farm for a new one");
  }
  const auto expires = parse_whole<std::int64_t>(parts.expires);
  const auto revision = parse_whole<std::uint64_t>(parts.revision);
  const auto photo = PhotoId::parse(parts.photo);
  if (!expires || !revision || !photo) return fail(ErrorCode::kDenied, "this URL names no picture");
  if (*expires * 1000 <= now_ms) {
    return fail(ErrorCode::kDenied, "this URL has expired; ask the farm for a new one");
  }
  return SignedPicture{parts.owner, *photo, *revision, parts.name, *expires};
}

}  // namespace tintype
