#include "gateway/access/gate.h"

#include <chrono>
#include <format>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

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

// The jobs that an answer tells of: in a header, as its "job_id", or one for each of its photos.
std::vector<JobId> jobs_named_in(const http::Response& response) {
  std::vector<JobId> jobs;
  if (response.status < 200 || response.status > 299) return jobs;
  const auto add = [&](std::string_view text) {
    if (const auto id = SortableId::parse(text)) jobs.push_back(*id);
  };
  for (const http::Header& header : response.headers) {
    if (header.name == "Tintype-Job") add(header.value);
  }
  const auto* text = std::get_if<std::string>(&response.body);
  const auto json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  const auto add_from = [&](const nlohmann::json& object) {
    if (object.is_object() && object.contains("job_id") && object["job_id"].is_string())
      add(object["job_id"].get_ref<const std::string&>());
  };
  add_from(json);
  if (json.is_object() && json.contains("photos") && json["photos"].is_array()) {
    for (const auto& photo : json["photos"]) add_from(photo);
  }
  return jobs;
}

Result<std::optional<std::string>> named_owner(const http::Request& request) {
  const std::string* named = request.find_header("Tintype-Owner");
  if (!named) return std::nullopt;
  if (!is_client_owner(*named)) {
    return fail(ErrorCode::kInvalidArgument,
                "the header Tintype-Owner must be 1 to 64 letters, digits, '-' and '_', not '_' first");
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
    return fail(ErrorCode::kInvalidArgument, "this token is for any owner: say which, as header Tintype-Owner");
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
  ~JobSlot() { limits_.settle_jobs(token_, jobs_); }
  void made(std::vector<JobId> jobs) { jobs_ = std::move(jobs); }

 private:
  CallerLimits& limits_;
  std::string token_;
  std::vector<JobId> jobs_;
};

// The slot stays taken while the answer is waited for; by then its job has ended.
class SlottedAnswer final : public http::PendingAnswer {
 public:
  SlottedAnswer(std::unique_ptr<http::PendingAnswer> answer, std::unique_ptr<JobSlot> slot)
      : slot_(std::move(slot)), answer_(std::move(answer)) {}

  void on_ready(std::function<void()> wake) override { answer_->on_ready(std::move(wake)); }
  std::optional<http::Response> look() override { return answer_->look(); }
  std::chrono::steady_clock::time_point look_again_at() const override { return answer_->look_again_at(); }

 private:
  std::unique_ptr<JobSlot> slot_;
  std::unique_ptr<http::PendingAnswer> answer_;  // goes first
};

http::Response settled(http::Response response, std::unique_ptr<JobSlot> slot) {
  if (auto* pending = std::get_if<std::unique_ptr<http::PendingAnswer>>(&response.body)) {
    *pending = std::make_unique<SlottedAnswer>(std::move(*pending), std::move(slot));
  } else {
    slot->made(jobs_named_in(response));
  }
  return response;
}

class SlottedSink final : public http::BodySink {
 public:
  SlottedSink(std::unique_ptr<http::BodySink> sink, std::unique_ptr<JobSlot> slot)
      : slot_(std::move(slot)), sink_(std::move(sink)) {}

  std::optional<http::Response> write(ByteView piece) override { return sink_->write(piece); }
  http::Response finish() override { return settled(sink_->finish(), std::move(slot_)); }
  void abandon(ByteView rest) override { sink_->abandon(rest); }

 private:
  std::unique_ptr<JobSlot> slot_;
  std::unique_ptr<http::BodySink> sink_;  // goes first
};

}  // namespace

Gate::Gate(const GatewayConfig& config, JobStore& jobs, const Clock& clock)
    : config_(config), jobs_(jobs), clock_(clock), limits_(clock) {}

std::expected<Caller, http::Response> Gate::identify(const http::Request& request, Needs needs) {
  if (needs == Needs::kNothing || needs == Needs::kSignature) return Caller{};
  const auto token = token_of(request);
  if (!token && token.error().code != ErrorCode::kDenied) return std::unexpected(problem_response(token.error()));
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
  if (!book && book_ && book_->is_out_of_reach())
    return fail(ErrorCode::kUnavailable, "access tokens cannot be checked now: the store does not answer; try again");
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
  if (auto* response = std::get_if<http::Response>(&begun)) return settled(std::move(*response), std::move(slot));
  auto& sink = std::get<std::unique_ptr<http::BodySink>>(begun);
  return std::unique_ptr<http::BodySink>(std::make_unique<SlottedSink>(std::move(sink), std::move(slot)));
}

}  // namespace tintype
