#include "gateway/access/gate.h"

#include <format>
#include <nlohmann/json.hpp>

#include "core/job/job.h"
#include "gateway/problem.h"

namespace tintype {
namespace {

http::Response unauthorized(const Error& error) {
  http::Response response = problem_response(Problem{error, 401, {}, {}});
  response.set("WWW-Authenticate", "Bearer realm=\"tintype\"");
  return response;
}

http::Response too_many(const OverLimit& over) {
  return problem_response(Problem{{ErrorCode::kRateLimited, over.message}, {}, {}, {}, over.retry_after_s});
}

Scope scope_for(const http::Request& request, Needs needs) {
  if (needs == Needs::kOperator) return Scope::kAdmin;
  return request.method == "GET" || request.method == "HEAD" ? Scope::kRead : Scope::kWrite;
}

// The text after "Bearer "; none without that header. kDenied for another scheme.
Result<std::optional<std::string>> bearer_token(const http::Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* header = request.find_header("Authorization");
  if (!header) return std::nullopt;
  if (header->size() <= kScheme.size() ||
      !http::equal_ignoring_case(std::string_view(*header).substr(0, kScheme.size()), kScheme)) {
    return fail(ErrorCode::kDenied, "the Authorization header must be 'Bearer TOKEN'");
  }
  return header->substr(kScheme.size());
}

std::optional<JobId> job_named_in(const http::Response& response) {
  const auto* text = std::get_if<std::string>(&response.body);
  if (response.status < 200 || response.status > 299 || !text) return {};
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("job_id") || !json["job_id"].is_string()) return {};
  const auto id = SortableId::parse(json["job_id"].get<std::string>());
  return id ? std::optional<JobId>(*id) : std::nullopt;
}

Result<std::optional<std::string>> named_owner(const http::Request& request) {
  const std::string* named = request.find_header("Tintype-Owner");
  if (!named) return std::nullopt;
  if (!is_valid_owner(*named)) {
    return fail(ErrorCode::kInvalidArgument,
                "the header Tintype-Owner must be 1 to 64 letters, digits, '-' and '_'");
  }
  return *named;
}

Result<Caller> caller_without_token(const http::Request& request) {
  TT_ASSIGN(const auto named, named_owner(request));
  Caller caller;
  if (named) caller.owner = *named;
  return caller;
}

Result<Caller> caller_with(const TokenRecord& record, const http::Request& request, Needs needs) {
  const Token& token = record.token;
  const Scope scope = scope_for(request, needs);
  if (!token.scopes.has(scope)) {
    Scopes needed;
    needed.add(scope);
    return fail(ErrorCode::kDenied, std::format("this token has scope {}; the request needs {}",
                                                to_string(token.scopes), to_string(needed)));
  }
  TT_ASSIGN(const auto named, named_owner(request));
  if (named && token.owner != kAnyOwner && token.owner != *named) {
    return fail(ErrorCode::kDenied, std::format("this token is not for the owner '{}'", *named));
  }
  if (!named && token.owner == kAnyOwner && needs == Needs::kOwner) {
    return fail(ErrorCode::kInvalidArgument,
                "this token is for any owner: say which, as header Tintype-Owner");
  }
  Caller caller;
  caller.token_id = token.id;
  caller.limits = record.limits;
  if (named) {
    caller.owner = *named;
  } else if (token.owner != kAnyOwner) {
    caller.owner = token.owner;
  }
  return caller;
}

// Settles the reserved job once, however the exchange ends.
class JobSlot {
 public:
  JobSlot(CallerLimits& limits, std::string token) : limits_(limits), token_(std::move(token)) {}
  JobSlot(const JobSlot&) = delete;
  JobSlot& operator=(const JobSlot&) = delete;
  ~JobSlot() { limits_.settle_job(token_, job_); }
  void made(std::optional<JobId> job) { job_ = job; }

 private:
  CallerLimits& limits_;
  std::string token_;
  std::optional<JobId> job_;
};

class SlottedSink final : public http::BodySink {
 public:
  SlottedSink(std::unique_ptr<http::BodySink> sink, std::unique_ptr<JobSlot> slot)
      : slot_(std::move(slot)), sink_(std::move(sink)) {}

  std::optional<http::Response> write(ByteView piece) override { return sink_->write(piece); }
  http::Response finish() override {
    http::Response response = sink_->finish();
    slot_->made(job_named_in(response));
    return response;
  }

 private:
  std::unique_ptr<JobSlot> slot_;
  std::unique_ptr<http::BodySink> sink_;  // goes first
};

}  // namespace

Gate::Gate(const GatewayConfig& config, JobStore& jobs, const Clock& clock, Logger& log)
    : config_(config), jobs_(jobs), clock_(clock), limits_(clock) {
  if (!config.access_folder.empty()) {
    book_ = std::make_unique<LiveAccessBook>(AccessFile(config.access_folder), log);
  }
}

std::expected<Caller, http::Response> Gate::identify(const http::Request& request, Needs needs) {
  if (needs == Needs::kNothing || needs == Needs::kSignature) return Caller{};
  const auto token = token_of(request);
  if (!token) return std::unexpected(unauthorized(token.error()));
  auto caller = *token ? caller_with(**token, request, needs) : caller_without_token(request);
  if (!caller) return std::unexpected(problem_response(caller.error()));
  return std::move(*caller);
}

std::optional<http::Response> Gate::count(const Caller& caller, const http::Request& request) {
  if (caller.token_id.empty()) return {};
  const auto over = limits_.admit(caller.token_id, caller.limits, request.content_length.value_or(0));
  if (!over) return {};
  return too_many(*over);
}

// What is known of the token shown; none if none was and none is demanded.
Result<std::optional<TokenRecord>> Gate::token_of(const http::Request& request) {
  TT_ASSIGN(const auto text, bearer_token(request));
  if (!text && config_.demands_tokens()) {
    return fail(ErrorCode::kDenied,
                "this request needs an access token: send 'Authorization: Bearer TOKEN', with one that "
                "`tintype token create` made");
  }
  if (!text) return std::nullopt;
  const auto book = this->book();
  if (!book) return fail(ErrorCode::kDenied, "this farm has no access tokens");
  TT_ASSIGN(TokenRecord record, book->check_token(*text, clock_.now_ms()));
  return record;
}

std::optional<http::Response> Gate::reserve_job(const Caller& caller) {
  const auto is_over = [&](JobId id) {
    const auto record = jobs_.get(id);
    if (!record) return record.error().code == ErrorCode::kNotFound;
    return record->state != JobState::kQueued && record->state != JobState::kRunning;
  };
  const auto over = limits_.reserve_job(caller.token_id, caller.limits, is_over);
  if (!over) return {};
  return too_many(*over);
}

http::Begun Gate::settle_when_answered(const Caller& caller, http::Begun begun) {
  auto slot = std::make_unique<JobSlot>(limits_, caller.token_id);
  if (auto* response = std::get_if<http::Response>(&begun)) {
    slot->made(job_named_in(*response));
    return begun;
  }
  auto& sink = std::get<std::unique_ptr<http::BodySink>>(begun);
  return std::unique_ptr<http::BodySink>(std::make_unique<SlottedSink>(std::move(sink), std::move(slot)));
}

}  // namespace tintype
