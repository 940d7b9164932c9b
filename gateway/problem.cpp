#include "gateway/problem.h"

#include "gateway/http/response_head.h"
#include "gateway/problem_json.h"

namespace tintype {
namespace {

struct CodeStatus {
  ErrorCode code;
  int status;
};

constexpr CodeStatus kStatuses[] = {
    {ErrorCode::kEmptyFile, 422},        {ErrorCode::kNotAnImage, 422},
    {ErrorCode::kUnsupportedImage, 422}, {ErrorCode::kTruncatedImage, 422},
    {ErrorCode::kCorruptImage, 422},     {ErrorCode::kImageTooLarge, 413},
    {ErrorCode::kTimedOut, 503},         {ErrorCode::kOutOfMemory, 503},
    {ErrorCode::kWorkerCrashed, 500},    {ErrorCode::kWorkerLied, 500},
    {ErrorCode::kUnavailable, 503},      {ErrorCode::kInvalidArgument, 400},
    {ErrorCode::kNotFound, 404},         {ErrorCode::kAlreadyExists, 409},
    {ErrorCode::kConflict, 409},         {ErrorCode::kDenied, 403},
    {ErrorCode::kQueueFull, 429},        {ErrorCode::kRateLimited, 429},
    {ErrorCode::kStorageFull, 507},      {ErrorCode::kCancelled, 409},
    {ErrorCode::kUnsupported, 501},      {ErrorCode::kIo, 500},
    {ErrorCode::kCorruptData, 500},      {ErrorCode::kInternal, 500},
};

consteval bool table_follows_the_enum() {
  for (std::size_t i = 0; i < std::size(kStatuses); ++i) {
    if (static_cast<std::size_t>(kStatuses[i].code) != i) return false;
  }
  return kStatuses[std::size(kStatuses) - 1].code == ErrorCode::kInternal;
}
static_assert(table_follows_the_enum());

}  // namespace

int http_status(ErrorCode code) { return kStatuses[static_cast<std::size_t>(code)].status; }

Json to_json_value(const Problem& problem) {
  const Error& error = problem.error;
  const int status = problem.status.value_or(http_status(error.code));
  // A conflict that reaches a client is with what it asked for: the same request meets it again.
  const bool can_help = is_retryable(error.code) && error.code != ErrorCode::kConflict;
  Json body = {{"type", "about:blank"},
               {"title", http::status_title(status)},
               {"status", status},
               {"detail", error.message},
               {"code", error_name(error.code)},
               {"retryable", problem.retryable.value_or(can_help)}};
  if (problem.job) body["job_id"] = problem.job->to_string();
  return body;
}

http::Response problem_response(const Problem& problem) {
  const int status = problem.status.value_or(http_status(problem.error.code));
  http::Response response = json_answer(status, to_json_value(problem));
  response.headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}};
  if (status == 429 || status == 503) response.set("Retry-After", std::to_string(problem.retry_after_s));
  return response;
}

}  // namespace tintype
