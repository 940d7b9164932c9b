// Access tokens: what a caller shows as `Authorization: Bearer`. Pure.
//
//   tt1.<key id>.<token id>.<owner>.<scopes>.<expires>.<signature>
//
// `scopes` are letters of "rwa", `expires` is seconds since 1970, `signature` is HMAC-SHA256 over all before its
// dot. The text alone says whose it is and until when; that it was not revoked is the access book's to say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace tintype {

enum class Scope : std::uint8_t { kRead = 1, kWrite = 2, kAdmin = 4 };

class Scopes {
 public:
  static Scopes all() { return Scopes(7); }
  Scopes() = default;

  bool has(Scope scope) const { return (bits_ & static_cast<std::uint8_t>(scope)) != 0; }
  void add(Scope scope) { bits_ |= static_cast<std::uint8_t>(scope); }
  bool operator==(const Scopes&) const = default;

 private:
  explicit Scopes(std::uint8_t bits) : bits_(bits) {}
  std::uint8_t bits_ = 0;
};

// "read,write". kInvalidArgument for other words, and for none.
std::string to_string(Scopes scopes);
Result<Scopes> parse_scopes(std::string_view text);

// A token of this owner acts for whomever its caller names: for the back end of an application.
inline constexpr std::string_view kAnyOwner = "*";

struct Token {
  std::string id;     // 13 characters: a SortableId
  std::string owner;  // or kAnyOwner
  Scopes scopes;
  UnixMs expires_at_ms = 0;  // whole seconds
};

std::string token_text(const Token& token, std::string_view key_id, std::string_view secret);

struct TokenClaim {
  std::string key_id;
  Token token;
  std::string signed_part;
  std::string signature;

  bool is_signed_with(std::string_view secret) const;
};

// What hostile text claims; kDenied for what no token says. Its signature is not yet checked.
Result<TokenClaim> read_token(std::string_view text);

}  // namespace tintype
