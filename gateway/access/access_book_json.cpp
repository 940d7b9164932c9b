// The access book as JSON, for its file.
#include <nlohmann/json.hpp>

#include "core/base/signature.h"
#include "core/job/job.h"
#include "gateway/access/access_book.h"

namespace tintype {
namespace {

using Json = nlohmann::ordered_json;

Json to_json_value(const SigningKey& key) {
  return {{"id", key.id}, {"secret", to_base64url(as_bytes(key.secret))}, {"made_at_ms", key.made_at_ms}};
}

Json to_json_value(const TokenRecord& record) {
  Json out = {{"id", record.token.id},
              {"owner", record.token.owner},
              {"scopes", to_string(record.token.scopes)},
              {"note", record.note},
              {"made_at_ms", record.made_at_ms},
              {"expires_at_ms", record.token.expires_at_ms},
              {"requests_a_second", record.limits.requests_a_second},
              {"bytes_a_day", record.limits.bytes_a_day},
              {"jobs_in_flight", record.limits.jobs_in_flight}};
  if (record.revoked_at_ms) out["revoked_at_ms"] = *record.revoked_at_ms;
  return out;
}

// nlohmann throws for what is missing or of another type; parse_access_book() catches.
SigningKey read_key(const Json& json) {
  SigningKey key;
  key.id = json.at("id").get<std::string>();
  const auto secret = from_base64url(json.at("secret").get<std::string>());
  if (secret) key.secret = as_text(*secret);
  key.made_at_ms = json.at("made_at_ms").get<UnixMs>();
  return key;
}

TokenRecord read_record(const Json& json) {
  TokenRecord record;
  record.token.id = json.at("id").get<std::string>();
  record.token.owner = json.at("owner").get<std::string>();
  if (const auto scopes = parse_scopes(json.at("scopes").get<std::string>())) record.token.scopes = *scopes;
  record.token.expires_at_ms = json.at("expires_at_ms").get<UnixMs>();
  record.note = json.at("note").get<std::string>();
  record.made_at_ms = json.at("made_at_ms").get<UnixMs>();
  if (json.contains("revoked_at_ms")) record.revoked_at_ms = json.at("revoked_at_ms").get<UnixMs>();
  record.limits.requests_a_second = json.at("requests_a_second").get<double>();
  record.limits.bytes_a_day = json.at("bytes_a_day").get<std::uint64_t>();
  record.limits.jobs_in_flight = json.at("jobs_in_flight").get<int>();
  return record;
}

// A book without a key, or with a short one, would let everything or nothing pass.
bool makes_sense(const AccessBook& book) {
  if (book.keys.empty()) return false;
  for (const SigningKey& key : book.keys) {
    if (key.id.empty() || key.secret.size() < 32) return false;
  }
  for (const TokenRecord& record : book.tokens) {
    if (record.token.owner != kAnyOwner && !is_client_owner(record.token.owner)) return false;
    if (record.token.scopes == Scopes()) return false;
  }
  return true;
}

}  // namespace

std::string to_json(const AccessBook& book) {
  Json keys = Json::array();
  Json tokens = Json::array();
  for (const SigningKey& key : book.keys) keys.push_back(to_json_value(key));
  for (const TokenRecord& record : book.tokens) tokens.push_back(to_json_value(record));
  const Json json = {{"version", 1}, {"keys", std::move(keys)}, {"tokens", std::move(tokens)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<AccessBook> parse_access_book(std::string_view text) {
  AccessBook book;
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != 1) return fail(ErrorCode::kUnsupported, "it is of a newer version");
    for (const Json& key : json.at("keys")) book.keys.push_back(read_key(key));
    for (const Json& token : json.at("tokens")) book.tokens.push_back(read_record(token));
  } catch (const Json::exception& error) {
    return fail(ErrorCode::kCorruptData, error.what());
  }
  if (!makes_sense(book)) return fail(ErrorCode::kCorruptData, "a key or a token in it makes no sense");
  return book;
}

}  // namespace tintype
