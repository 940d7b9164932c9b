// Whose SSIMULACRA 2 files are worth.
#pragma once

#include <cstdint>
#include <memory>

#include "bench/vp8/pictures.h"
#include "core/base/result.h"

namespace tintype::bench {

// Against one picture.
class Judge {
 public:
  virtual ~Judge() = default;
  // `rgb`: interleaved, of the picture's size.
  virtual Result<double> score(const std::uint8_t* rgb) const = 0;
};

// Our kernel.
Result<std::unique_ptr<Judge>> own_judge(const BenchPicture& picture);
// Debian's `ssimulacra2`, over PPM.
Result<std::unique_ptr<Judge>> debian_judge(const BenchPicture& picture);

}  // namespace tintype::bench
