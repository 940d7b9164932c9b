#include "gateway/access/token.h"

#include <array>
#include <charconv>
#include <format>

#include "core/base/ids.h"
#include "core/base/signature.h"
#include "core/job/job.h"

namespace tintype {
namespace {

constexpr std::string_view kPrefix = "tt1";
constexpr std::string_view kSalt = "tintype token\n";
constexpr std::size_t kParts = 7;

struct ScopeName {
  Scope scope;
  std::string_view name;
};
constexpr ScopeName kScopes[] = {{Scope::kRead, "read"}, {Scope::kWrite, "write"}, {Scope::kAdmin, "admin"}};

std::string letters_of(Scopes scopes) {
  std::string out;
  for (const auto& [scope, name] : kScopes) {
    if (scopes.has(scope)) out += name.front();
  }
  return out;
}

std::optional<Scopes> scopes_of_letters(std::string_view letters) {
  Scopes out;
  for (const auto& [scope, name] : kScopes) {
    if (letters.contains(name.front())) out.add(scope);
  }
  if (letters.empty() || letters_of(out) != letters) return {};
  return out;
}

std::optional<std::array<std::string_view, kParts>> split(std::string_view text) {
  std::array<std::string_view, kParts> parts;
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == text.npos) != (i + 1 == kParts)) return {};
    parts[i] = text.substr(0, dot);
    text.remove_prefix(std::min(dot, text.size() - 1) + 1);
  }
  return parts;
}

}  // namespace

std::string to_string(Scopes scopes) {
  std::string out;
  for (const auto& [scope, name] : kScopes) {
    if (scopes.has(scope)) out += (out.empty() ? "" : ",") + std::string(name);
  }
  return out;
}

Result<Scopes> parse_scopes(std::string_view text) {
  Scopes out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    bool known = false;
    for (const auto& [scope, name] : kScopes) {
      if (name != word) continue;
      out.add(scope);
      known = true;
    }
    if (!known) {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("'{}' is no scope; they are read, write and admin, joined by commas", word));
    }
  }
  if (out == Scopes()) return fail(ErrorCode::kInvalidArgument, "a token needs a scope: read, write, admin");
  return out;
}

std::string token_text(const Token& token, std::string_view key_id, std::string_view secret) {
  const std::string signed_part = std::format("{}.{}.{}.{}.{}.{}", kPrefix, key_id, token.id, token.owner,
                                              letters_of(token.scopes), token.expires_at_ms / 1000);
  return signed_part + "." + signature_of(as_bytes(secret), kSalt, signed_part);
}

bool TokenClaim::is_signed_with(std::string_view secret) const {
  return equal_in_constant_time(signature, signature_of(as_bytes(secret), kSalt, signed_part));
}

Result<TokenClaim> read_token(std::string_view text) {
  const auto none = [] { return fail(ErrorCode::kDenied, "that is not an access token of this farm"); };
  const auto parts = split(text);
  if (!parts) return none();
  const auto& [prefix, key_id, id, owner, letters, expires, signature] = *parts;
  const auto scopes = scopes_of_letters(letters);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
  const bool is_number = error == std::errc() && end == expires.data() + expires.size() && !expires.empty();
  if (prefix != kPrefix || !scopes || !is_number || seconds < 0 || seconds > (1ll << 40) || !SortableId::parse(id) ||
      !(owner == kAnyOwner || is_client_owner(owner))) {
    return none();
  }
  TokenClaim claim;
  claim.key_id = key_id;
  claim.token = {std::string(id), std::string(owner), *scopes, seconds * 1000};
  claim.signed_part = text.substr(0, text.rfind('.'));
  claim.signature = signature;
  return claim;
}

}  // namespace tintype
