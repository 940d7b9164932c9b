#include "gateway/access/access_book.h"

#include <algorithm>
#include <format>

#include "core/base/signature.h"

namespace tintype {
namespace {

constexpr std::size_t kSecretBytes = 32;

}  // namespace

const SigningKey* AccessBook::find_key(std::string_view id) const {
  const auto found = std::ranges::find(keys, id, &SigningKey::id);
  return found == keys.end() ? nullptr : &*found;
}

const TokenRecord* AccessBook::find_token(std::string_view id) const {
  const auto found = std::ranges::find_if(tokens, [&](const TokenRecord& record) { return record.token.id == id; });
  return found == tokens.end() ? nullptr : &*found;
}

TokenRecord* AccessBook::find_token(std::string_view id) {
  return const_cast<TokenRecord*>(std::as_const(*this).find_token(id));
}

Result<TokenRecord> AccessBook::check_token(std::string_view text, UnixMs now_ms) const {
  TT_ASSIGN(const TokenClaim claim, read_token(text));
  const SigningKey* key = find_key(claim.key_id);
  if (!key || !claim.is_signed_with(key->secret)) {
    return fail(ErrorCode::kDenied, "the access token is not signed by a key of this farm");
  }
  if (claim.token.expires_at_ms <= now_ms) {
    return fail(ErrorCode::kDenied, "the access token has expired; make a new one with `tintype token create`");
  }
  const TokenRecord* record = find_token(claim.token.id);
  if (!record) return fail(ErrorCode::kDenied, "the access token is not in this farm's book of tokens");
  if (record->revoked_at_ms) return fail(ErrorCode::kDenied, "the access token was revoked");
  return *record;
}

SigningKey make_signing_key(const AccessBook& book, UnixMs now_ms) {
  SigningKey key;
  int number = 1;
  for (const SigningKey& other : book.keys) number = std::max(number, std::atoi(other.id.c_str() + 1) + 1);
  key.id = std::format("k{}", number);
  key.secret = as_text(random_bytes(kSecretBytes));
  key.made_at_ms = now_ms;
  return key;
}

}  // namespace tintype
