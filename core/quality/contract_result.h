// ContractResult: how a file came to its score: kept with the variant, shown by the API, the CLI and `explain`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/quality/quality_search.h"
#include "core/quality/quality_target.h"

namespace tintype {

struct ContractResult {
  QualityTarget target;
  SearchEnd end = SearchEnd::kReached;
  double score = 0;           // SSIMULACRA2 of the file that was kept, decoded
  int quarters = 0;           // 0 to 3: that it was made with, of the way from its quality to the next
  std::vector<Probe> probes;  // whole encodes of this picture, in order
  double share = 0;    // what was tried beside them, in encodes: on half the picture, in a format that was not kept
  double seconds = 0;  // CPU: everything
  double encode_seconds = 0;      // of that, the encode that was kept: what its quality alone would have cost
  std::uint64_t rival_bytes = 0;  // of "best": the file in the other format, which was not kept; 0: there was none

  bool is_met() const { return end == SearchEnd::kReached; }
  double encodes() const { return static_cast<double>(probes.size()) + share; }
  bool operator==(const ContractResult&) const = default;
};

// One sentence for people where the score was not met: why, and what was kept. Empty where it was.
std::string explain_miss(const ContractResult& result);

}  // namespace tintype
