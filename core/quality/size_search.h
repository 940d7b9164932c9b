// SizeSearch: the highest quality whose file has no more than so many bytes. Pure; driven as QualitySearch is.
#pragma once

#include <cstdint>
#include <optional>

#include "core/quality/quality_search.h"

namespace tintype {

// Bytes are taken to grow with quality, their logarithm about evenly. Ends with a file that nearly fills the limit, or
// at neighbouring qualities; where not even quality 0 fits, with that.
class SizeSearch {
 public:
  explicit SizeSearch(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // What is known already, and what came of next().
  void tell(const Probe& probe);
  // After the first tell(): the quality to try; none at the end.
  std::optional<int> next() const;
  // At the end. One that was told.
  int kept() const;

 private:
  std::uint64_t max_bytes_;
  std::optional<Probe> fits_;       // the largest
  std::optional<Probe> too_large_;  // the smallest
  int tries_ = 0;
};

}  // namespace tintype
