// The header that a hostile child writes before a JPEG's coefficients: what is let through has to be safe to compute
// with.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codec/jpeg/coefficient_ladder.h"
#include "workers/coefficient_picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  // The task's part, which is the lane's own: sizes, and how it is turned.
  std::uint8_t task[5] = {};
  std::copy_n(data, std::min(size, sizeof task), task);
  const PictureShape shape{1u + task[0] % 64, 1u + task[1] % 64, PixelLayout::kJpegCoefficients};
  std::vector<std::uint8_t> memory(shape.bytes());
  if (size > sizeof task) std::copy_n(data + sizeof task, std::min(size - sizeof task, memory.size()), memory.begin());
  const auto picture = read_coefficients(memory, shape);
  if (!picture) return 0;
  const PictureSize sizes[] = {{1u + task[2] % 80, 1u + task[3] % 80, task[4] & 8 ? Chroma::kFull : Chroma::kHalf},
                               {1, 1}};
  const auto made =
      make_ladder(picture->components, picture->coefficients, static_cast<std::uint8_t>(1 + task[4] % 8), sizes);
  if (made.size() != 2 || made[0].width() != sizes[0].width) std::abort();
  return 0;
}
