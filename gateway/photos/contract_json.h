// How a variant came to its score, for answers. Included by .cpp files alone.
#pragma once

#include "core/quality/contract_result.h"
#include "gateway/json_answer.h"

namespace tintype {

// {"quality": "ssimulacra2:70", "score", "met", "end", "why", "encodes", "seconds", "encode_seconds",
//  "probes": [{"quality", "score", "bytes", "seconds"}]}; of "best" also "rival_bytes"
Json to_json_value(const ContractResult& contract);

}  // namespace tintype
