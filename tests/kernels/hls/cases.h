// Calls of the FPGA's kernels with what the reference makes of the same input, however they are then run: by C
// simulation, or on a card.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/hls/kernel_call.h"
#include "kernels/resize_taps.h"
#include "kernels/vp8/picture.h"
#include "tests/kernels/vp8/planes.h"

namespace tintype::test {

// One call, what it borrows, and what must come of it.
class KernelCase {
 public:
  virtual ~KernelCase() = default;
  virtual KernelCall call() = 0;
  // Empty if the kernel made what the reference makes, else where they first differ.
  virtual std::string difference() const = 0;
};

// A plane in rows of whole words, with rubbish behind each row's last sample.
struct WordPlane {
  std::uint32_t width = 0, height = 0;
  std::uint32_t stride = 0;  // words
  bool is_8_bit = false;
  std::vector<std::uint64_t> words;

  std::int16_t wide(std::uint32_t x, std::uint32_t y) const;
};

enum class Samples { kRandom, kExtremes };  // extremes: only the least and the most there are
WordPlane make_plane(std::uint32_t width, std::uint32_t height, bool is_8_bit, Samples samples, std::uint32_t seed);
WordPlane plane_of(const std::vector<std::uint8_t>& samples, std::uint32_t width, std::uint32_t height);

// Coefficients as files have them, or any at all.
enum class Coefficients { kLikely, kExtremes };
std::unique_ptr<KernelCase> jpeg_case(std::uint32_t width_blocks, std::uint32_t height_blocks,
                                      std::uint32_t scaled_size, Coefficients coefficients, std::uint32_t seed);
std::unique_ptr<KernelCase> halve_case(WordPlane plane);
std::unique_ptr<KernelCase> resize_case(WordPlane plane, const ResizeAxis& down, const ResizeAxis& across);
std::unique_ptr<KernelCase> vp8_case(Planes420 planes, const vp8::Settings& settings);

}  // namespace tintype::test
