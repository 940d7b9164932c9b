// What a scrub has come to, as an answer. Included by .cpp files alone.
#pragma once

#include "gateway/json_answer.h"
#include "storage_client/scrub/scrub_state.h"

namespace tintype {

// With its findings, or without them.
Json to_json_value(const ScrubState& state, bool with_findings);

}  // namespace tintype
