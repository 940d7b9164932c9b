// How a variant came to its score, for answers. Included by .cpp files alone.
#pragma once

#include "core/quality/contract_result.h"
#include "gateway/json_answer.h"

namespace tintype {

// {"quality": "ssimulacra2:70", "score", "met", "end", "why", "encodes", "seconds", "encode_seconds",
//  "probes": [{"quality", "score", "bytes", "seconds"}]}; of "best" also "rival_bytes"; of a file and of a probe
//  between two
// qualities also "quarters", 1 to 3, of the way to the next quality
Json to_json_value(const ContractResult& contract);

}  // namespace tintype
