// Gate: who is asking, and whether they may. docs/api.md, "Access", is the contract.
//
// A token is demanded of every request when GatewayConfig::demands_tokens(); otherwise a request without one acts
// for the owner that its header Tintype-Owner names, and one with a token is held to it. Thread-safe.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "gateway/access/access_store.h"
#include "gateway/access/caller_limits.h"
#include "gateway/gateway.h"
#include "gateway/http/message.h"
#include "gateway/http/server.h"
#include "storage_client/job_store.h"

namespace tintype {

// What a route asks of its caller.
enum class Needs : std::uint8_t {
  kOwner,      // an owner's token: scope read for GET and HEAD, write for the rest
  kOperator,   // a token with scope admin
  kSignature,  // nothing but the path, which is signed; pages of any origin may ask
  kNothing,    // anybody: health
};

struct Caller {
  std::string owner = "local";
  std::string token_id;  // empty: none was shown
  TokenLimits limits;
};

class Gate {
 public:
  // All must outlive it. Until open(): there are no tokens.
  Gate(const GatewayConfig& config, JobStore& jobs, const Clock& clock);
  // Before the first request.
  void open(std::unique_ptr<LiveAccess> book) { book_ = std::move(book); }

  // The caller, or the problem to answer: 401 without a token that holds, 403 for one that is not enough.
  std::expected<Caller, http::Response> identify(const http::Request& request, Needs needs);
  // Counts the request against the caller's limits: 429 past one.
  std::optional<http::Response> count(const Caller& caller, const http::Request& request);

  // Counts the job that a request is about to make against the caller's limit: what `begin` answers, or 429 when
  // there is no room. Answers that made a job name it as "job_id".
  template <typename Begin>
  http::Begun with_job_slot(const Caller& caller, Begin begin) {
    if (caller.limits.jobs_in_flight == 0) return begin();
    if (auto full = reserve_job(caller)) return std::move(*full);
    return settle_when_answered(caller, begin());
  }

  // After an exchange: `bytes` of bodies moved for this token.
  void charge(const std::string& token_id, std::uint64_t bytes) { limits_.charge(token_id, bytes); }

  // Null when there are no keys: then nothing signed is valid.
  std::shared_ptr<const AccessBook> book() { return book_ ? book_->now() : nullptr; }

 private:
  Result<std::optional<TokenRecord>> token_of(const http::Request& request);
  std::optional<http::Response> reserve_job(const Caller& caller);
  http::Begun settle_when_answered(const Caller& caller, http::Begun begun);

  const GatewayConfig& config_;
  JobStore& jobs_;
  const Clock& clock_;
  std::unique_ptr<LiveAccess> book_;
  CallerLimits limits_;
};

}  // namespace tintype
