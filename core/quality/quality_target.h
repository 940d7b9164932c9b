// QualityTarget: what a rung may ask for instead of a fixed quality: a score, with bounds.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

struct QualityTarget {
  double score = 70;       // SSIMULACRA2
  double below = 0.3;      // a file's score may be lower by this
  double above = 1.5;      // and higher by this
  int lowest_quality = 5;  // the encoder's own scale
  int highest_quality = 98;
  int max_probes = 6;  // encodes that may be tried

  bool accepts(double measured) const { return measured >= score - below && measured <= score + above; }
  // What a search aims at: the middle of what is accepted.
  double aim() const { return score + (above - below) / 2; }
  // kInvalidArgument that names the field.
  Status validate() const;
  // "ssimulacra2:70", or "ssimulacra2:72.5".
  std::string to_string() const;
  bool operator==(const QualityTarget&) const = default;
};

// What to_string() writes; bounds are the defaults. kInvalidArgument says what is wrong and how it is written.
Result<QualityTarget> parse_quality_target(std::string_view text);

}  // namespace tintype
