// Errors as answers: application/problem+json (RFC 9457), and the one table from ErrorCode to HTTP status.
#pragma once

#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "gateway/http/message.h"

namespace tintype {

int http_status(ErrorCode code);

struct Problem {
  Error error;
  std::optional<int> status;      // instead of the table's
  std::optional<bool> retryable;  // instead of the code's
  std::optional<JobId> job;
  int retry_after_s = 1;  // said with 429 and 503
};

http::Response problem_response(const Problem& problem);
inline http::Response problem_response(Error error) { return problem_response(Problem{std::move(error), {}, {}, {}}); }

}  // namespace tintype
