// Segments: macroblocks sorted by how much their texture hides, each group with a quantiser, a filter level and a
// weight of chroma of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/vp8/bool_writer.h"
#include "kernels/vp8/picture.h"

namespace tintype::vp8 {

struct Segments {
  int count = 1;
  int quantiser[4] = {};
  int filter_level[4] = {};
  int chroma_weight[4] = {};                // quality.h
  std::vector<std::uint8_t> of_macroblock;  // in raster order
  std::uint8_t tree_probs[3] = {255, 255, 255};

  // What all numbers together cost in the stream, in 1/256 bit; 0 with one segment.
  std::int64_t map_cost() const;
  void write_number(int segment, BoolWriter& out) const;
};

// Activity of a macroblock's luma (16 x 16, rows without gaps): 16 log2 of how far its pixels are from the means of
// their 4x4 blocks, all together. 0 to 255.
std::uint8_t activity_of(const std::uint8_t* luma);

// The last step of that: `apart` is how far in all.
std::uint8_t activity_from(std::uint32_t apart);

// One segment, with nothing said about it in the stream.
Segments single_segment(const Picture& picture, const Settings& settings);
// As many as the settings allow and the picture gives, by the activity of its macroblocks.
Segments segments_by_activity(const Settings& settings, const std::vector<std::uint8_t>& activity);

}  // namespace tintype::vp8
