// ResizeTaps: which input samples make an output sample, and with which integer weights.
//
// Computed once on the host, in double precision, and then used by every target, so that all of them give the same
// bits. The filter is Lanczos with three lobes, widened by the reduction: sinc(x) * sinc(x / 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tintype {

inline constexpr int kTapBits = 14;  // weights of one output sample add up to 1 << 14
inline constexpr std::int16_t kTapOne = 1 << kTapBits;
inline constexpr std::size_t kTapGroup = 8;     // weights are padded to groups of this many
inline constexpr std::size_t kOutputGroup = 4;  // output samples to groups of this many

// One direction of one plane.
struct ResizeAxis {
  std::uint32_t in_samples = 0;
  // How many of them the picture covers: fewer than there are when the last one lies partly outside, as the chroma
  // of a JPEG with an odd side does.
  double in_extent = 0;
  std::uint32_t out_pixels = 0;  // that the picture gets
  // Chroma at half the resolution: each output sample is the mean of two neighbouring output pixels (the last one
  // alone where their number is odd), which is what decoders of 4:2:0 undo. A Lanczos filter straight to half the
  // resolution would overshoot at the edges of saturated areas, where the decoder's interpolation shows it.
  bool pairs = false;
  bool mirrored = false;  // output pixel 0 is at the input's end
  // How often the input was halved by means of two before it came here. That took some of what the filter would have
  // kept: it is given back.
  std::uint32_t halvings = 0;

  std::uint32_t out_samples() const { return pairs ? (out_pixels + 1) / 2 : out_pixels; }
};

struct ResizeTaps {
  std::uint32_t in_samples = 0;
  std::uint32_t out_samples = 0;
  std::uint32_t count = 0;            // taps an output sample; first[i] + count <= in_samples
  std::uint32_t stride = 0;           // count, padded to kTapGroup
  std::vector<std::uint32_t> first;   // the input sample of the first tap; padded with zeros to kOutputGroup
  std::vector<std::int16_t> weights;  // stride of them an output sample, padded with zeros the same way

  const std::int16_t* weights_of(std::uint32_t sample) const { return weights.data() + std::size_t{stride} * sample; }
};

// Every number in `axis` at least 1, in_extent within (in_samples - 1, in_samples].
ResizeTaps make_resize_taps(const ResizeAxis& axis);

}  // namespace tintype
