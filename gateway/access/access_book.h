// The access book: the keys that sign, and the tokens that were made. Pure; access_file.h keeps it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "gateway/access/token.h"

namespace tintype {

struct SigningKey {
  std::string id;      // [0-9a-z], in tokens and URLs
  std::string secret;  // 32 bytes
  UnixMs made_at_ms = 0;
};

// What a token may ask for; 0: as much as it likes.
struct TokenLimits {
  double requests_a_second = 0;
  std::uint64_t bytes_a_day = 0;  // bodies, both ways, from midnight UTC
  int jobs_in_flight = 0;

  bool operator==(const TokenLimits&) const = default;
};

struct TokenRecord {
  Token token;
  std::string note;  // for people
  UnixMs made_at_ms = 0;
  std::optional<UnixMs> revoked_at_ms;
  TokenLimits limits;
};

struct AccessBook {
  std::vector<SigningKey> keys;  // oldest first: the last signs, all verify
  std::vector<TokenRecord> tokens;

  const SigningKey* find_key(std::string_view id) const;
  const SigningKey& newest_key() const { return keys.back(); }
  TokenRecord* find_token(std::string_view id);
  const TokenRecord* find_token(std::string_view id) const;

  // What is known of the token that `text` is. kDenied, saying why: not signed by a key of this book, expired,
  // revoked, or not in the book.
  Result<TokenRecord> check_token(std::string_view text, UnixMs now_ms) const;
};

// A key nobody has yet.
SigningKey make_signing_key(const AccessBook& book, UnixMs now_ms);

// Text that reads back; kCorruptData for any other.
std::string to_json(const AccessBook& book);
Result<AccessBook> parse_access_book(std::string_view json);

}  // namespace tintype
