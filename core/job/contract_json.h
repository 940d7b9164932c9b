// How a file came to its score, inside JSON documents. Private to .cpp files.
#pragma once

#include "core/job/json_fields.h"
#include "core/quality/contract_result.h"

namespace tintype {

// {"quality": "ssimulacra2:70", "score_below", "score_above", "lowest_quality", "highest_quality", "max_encodes",
// "score",
//  "end": "reached", "met", "encodes", "share", "seconds", "encode_seconds", "rival_bytes",
//  "quarters", "probes": [{"quality", "score", "bytes", "seconds"}]}; of a probe between two qualities also "quarters"
Json contract_to_json(const ContractResult& result);

// Reads what contract_to_json wrote; deviations are `in`'s.
ContractResult read_contract(FieldReader& in);

}  // namespace tintype
