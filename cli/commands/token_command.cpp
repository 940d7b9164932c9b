#include "cli/commands/token_command.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <format>

#include "cli/commands/farm_command.h"
#include "cli/exit_codes.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/time_text.h"
#include "core/job/job.h"
#include "gateway/access/access_file.h"

namespace tintype {
namespace {

constexpr const char* kName = "token";
constexpr std::int64_t kLongestSeconds = 10ll * 365 * 24 * 3600;

Result<std::unique_ptr<AccessStore>> access_of(const TokenOptions& options) {
  if (!options.config_file.empty()) return options.open_access(options.config_file);
  return std::make_unique<AccessFile>(options.data_dir + "/access");
}

int answer(const Status& done) { return done ? kExitOk : report_error(kName, done.error()); }

// "30d", "12h", "90m", "45s".
Result<std::int64_t> parse_seconds(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, text.data() + text.size());
  const std::int64_t factor = unit == "d" ? 24 * 3600 : unit == "h" ? 3600 : unit == "m" ? 60 : unit == "s" ? 1 : 0;
  if (error != std::errc() || factor == 0 || number < 1 || number > kLongestSeconds / factor) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("--expires {}: write a time such as 30d, 12h or 90m, up to 3650d", printable(text)));
  }
  return number * factor;
}

Result<TokenRecord> make_record(const TokenCreateOptions& create, UnixMs now_ms) {
  TokenRecord record;
  if (create.owner != kAnyOwner && !is_client_owner(create.owner)) {
    return fail(
        ErrorCode::kInvalidArgument,
        std::format("--owner {}: 1 to 64 letters, digits, '-' and '_', or '*' for any owner", printable(create.owner)));
  }
  TT_ASSIGN(record.token.scopes, parse_scopes(create.scopes));
  TT_ASSIGN(const std::int64_t seconds, parse_seconds(create.expires));
  record.token.id = SortableId::make(now_ms).to_string();
  record.token.owner = create.owner;
  record.token.expires_at_ms = (now_ms / 1000 + seconds) * 1000;
  record.note = create.note;
  record.made_at_ms = now_ms;
  record.limits = {create.requests_a_second, create.mb_a_day * 1'000'000, create.jobs_in_flight};
  return record;
}

std::string state_of(const TokenRecord& record, UnixMs now_ms) {
  if (record.revoked_at_ms) return "revoked";
  return record.token.expires_at_ms <= now_ms ? "expired" : "valid";
}

std::string limits_text(const TokenLimits& limits) {
  std::string out;
  const auto add = [&](bool limited, const std::string& text) {
    if (limited) out += (out.empty() ? "" : ", ") + text;
  };
  add(limits.requests_a_second > 0, std::format("{}/s", limits.requests_a_second));
  add(limits.bytes_a_day > 0, std::format("{} MB/day", limits.bytes_a_day / 1'000'000));
  add(limits.jobs_in_flight > 0, std::format("{} jobs", limits.jobs_in_flight));
  return out.empty() ? "none" : out;
}

Json to_json_value(const TokenRecord& record, UnixMs now_ms) {
  return {{"id", record.token.id},
          {"owner", record.token.owner},
          {"scopes", to_string(record.token.scopes)},
          {"state", state_of(record, now_ms)},
          {"made_at", to_rfc3339(record.made_at_ms)},
          {"expires_at", to_rfc3339(record.token.expires_at_ms)},
          {"note", record.note},
          {"requests_a_second", record.limits.requests_a_second},
          {"bytes_a_day", record.limits.bytes_a_day},
          {"jobs_in_flight", record.limits.jobs_in_flight}};
}

Result<AccessBook> read_book(const AccessStore& access, const TokenOptions& options) {
  auto book = access.read();
  if (book || book.error().code != ErrorCode::kNotFound) return book;
  if (!options.config_file.empty() || std::filesystem::is_directory(options.data_dir)) return AccessBook{};
  return fail(ErrorCode::kNotFound,
              std::format("there is no farm's data in {}; name its folder with --data", printable(options.data_dir)));
}

// Of a farm that there is: a mistyped folder is not made.
Result<std::unique_ptr<AccessStore>> access_to_change(const TokenOptions& options) {
  TT_ASSIGN(auto access, access_of(options));
  TT_TRY(read_book(*access, options));
  return access;
}

Status make_data_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return fail(error_from_errno(failed.value(), "making the data folder " + path));
  return {};
}

}  // namespace

int run_token_create(const TokenOptions& options, const TokenCreateOptions& create) {
  const UnixMs now_ms = SystemClock().now_ms();
  const auto record = make_record(create, now_ms);
  if (!record) return report_error(kName, record.error());
  std::string text;
  if (options.config_file.empty()) {
    if (const Status made = make_data_folder(options.data_dir); !made) return report_error(kName, made.error());
  }
  const auto access = access_of(options);
  if (!access) return report_error(kName, access.error());
  const Status done = (*access)->change(now_ms, [&](AccessBook& book) -> Status {
    book.tokens.push_back(*record);
    text = token_text(record->token, book.newest_key().id, book.newest_key().secret);
    return {};
  });
  if (!done) return report_error(kName, done.error());
  if (options.json) {
    Json json = to_json_value(*record, now_ms);
    json["token"] = text;
    print_json(json);
    return kExitOk;
  }
  // The token alone on stdout: $(tintype token create ...) is it.
  print(text + "\n");
  std::fprintf(stderr, "token %s for %s, %s, until %s; it is shown this once\n", record->token.id.c_str(),
               record->token.owner.c_str(), to_string(record->token.scopes).c_str(),
               to_rfc3339(record->token.expires_at_ms).c_str());
  return kExitOk;
}

int run_token_list(const TokenOptions& options) {
  const UnixMs now_ms = SystemClock().now_ms();
  const auto access = access_of(options);
  if (!access) return report_error(kName, access.error());
  const auto book = read_book(**access, options);
  if (!book) return report_error(kName, book.error());
  if (options.json) {
    Json tokens = Json::array();
    for (const TokenRecord& record : book->tokens) tokens.push_back(to_json_value(record, now_ms));
    Json keys = Json::array();
    for (const SigningKey& key : book->keys) keys.push_back({{"id", key.id}, {"made_at", to_rfc3339(key.made_at_ms)}});
    print_json({{"tokens", std::move(tokens)}, {"keys", std::move(keys)}});
    return kExitOk;
  }
  Table table({{"Token"}, {"Owner"}, {"Scope"}, {"State"}, {"Expires"}, {"Limits"}, {"Note"}});
  for (const TokenRecord& record : book->tokens) {
    table.add_row({record.token.id, record.token.owner, to_string(record.token.scopes), state_of(record, now_ms),
                   to_rfc3339(record.token.expires_at_ms), limits_text(record.limits), printable(record.note)});
  }
  print(table.empty() ? "no tokens\n" : table.to_string());
  std::string keys;
  for (const SigningKey& key : book->keys) keys += " " + key.id;
  if (!keys.empty()) print(std::format("keys:{} (the last signs)\n", keys));
  return kExitOk;
}

int run_token_revoke(const TokenOptions& options, const std::string& id) {
  const UnixMs now_ms = SystemClock().now_ms();
  const auto access = access_to_change(options);
  if (!access) return report_error(kName, access.error());
  return answer((*access)->change(now_ms, [&](AccessBook& book) -> Status {
    TokenRecord* record = book.find_token(id);
    if (!record) {
      return fail(ErrorCode::kNotFound,
                  std::format("there is no token {} (`tintype token list` shows them)", printable(id)));
    }
    if (!record->revoked_at_ms) record->revoked_at_ms = now_ms;
    return {};
  }));
}

int run_token_rotate_keys(const TokenOptions& options) {
  const UnixMs now_ms = SystemClock().now_ms();
  const auto access = access_to_change(options);
  if (!access) return report_error(kName, access.error());
  std::string made;
  const Status done = (*access)->change(now_ms, [&](AccessBook& book) -> Status {
    book.keys.push_back(make_signing_key(book, now_ms));
    made = book.newest_key().id;
    return {};
  });
  if (done) std::fprintf(stderr, "key %s signs from now on; older ones still verify, until `drop-key`\n", made.c_str());
  return answer(done);
}

int run_token_drop_key(const TokenOptions& options, const std::string& id) {
  const auto access = access_to_change(options);
  if (!access) return report_error(kName, access.error());
  return answer((*access)->change(SystemClock().now_ms(), [&](AccessBook& book) -> Status {
    if (!book.find_key(id)) {
      return fail(ErrorCode::kNotFound,
                  std::format("there is no key {} (`tintype token list` shows them)", printable(id)));
    }
    if (book.keys.size() == 1) {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("{} is the only key; make another first, with `tintype token rotate-keys`", id));
    }
    std::erase_if(book.keys, [&](const SigningKey& key) { return key.id == id; });
    return {};
  }));
}

}  // namespace tintype
