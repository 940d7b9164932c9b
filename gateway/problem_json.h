// Problems inside JSON documents. Included by .cpp files alone.
#pragma once

#include "gateway/json_answer.h"
#include "gateway/problem.h"

namespace tintype {

// {"type","title","status","detail","code","retryable"} and, if there is one, "job_id".
Json to_json_value(const Problem& problem);

}  // namespace tintype
