// SSIMULACRA 2, fast: rows stream through both blurs four at a time, so that what is between stays in cache.
//
// Equal to kernels/reference/ssimulacra2 but for terms whose weight is too small to be felt, which are left out, and
// but for sums of errors in float: within 0.01 on instruction sets with fused multiply-add (from AVX2 on), within 0.5
// on older ones, where the blur rounds otherwise, as it does in the definition's own program there.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/base/result.h"
#include "kernels/srgb_view.h"

namespace tintype::simd {

class OriginalScale;

// The original of a comparison, prepared once for any number of candidates. About 21 bytes a pixel are kept, twice that
// where the original has alpha; score() takes about 4 more while it runs. Alpha as in kernels/ssimulacra2_formula.h.
class Ssimulacra2Reference {
 public:
  // kInvalidArgument: a side is under 8. `original` may go afterwards.
  static Result<Ssimulacra2Reference> prepare(const SrgbView& original);

  Ssimulacra2Reference(Ssimulacra2Reference&&) noexcept;
  Ssimulacra2Reference& operator=(Ssimulacra2Reference&&) noexcept;
  ~Ssimulacra2Reference();

  // At most 100 (the same picture); below 0 for very bad ones. kInvalidArgument: another size. Any number of threads.
  Result<double> score(const SrgbView& candidate) const;

 private:
  struct OnBackground {
    float background;
    std::vector<std::unique_ptr<OriginalScale>> scales;
  };
  Ssimulacra2Reference();

  SrgbView size_;  // of the original; no samples
  std::vector<OnBackground> originals_;
};

// One comparison; nothing of a whole picture is kept but halved linear light: about 9 bytes a pixel.
Result<double> ssimulacra2(const SrgbView& original, const SrgbView& candidate);

}  // namespace tintype::simd
