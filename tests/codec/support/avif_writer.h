// AVIFs that codec/encode does not write: other depths, subsamplings, colours, turns, sequences.
#pragma once

#include <cstdint>

#include "codec/image.h"
#include "core/base/bytes.h"

namespace tintype::testing {

enum class AvifSampling : std::uint8_t { k444, k422, k420, k400 };

struct AvifKind {
  AvifSampling sampling = AvifSampling::k444;
  int depth = 8;
  int quality = 95;
  int quarter_turns = -1;  // irot, anticlockwise; -1: none
  int mirror = -1;         // imir's axis; -1: none
  unsigned primaries = 1;
  unsigned transfer = 13;
  ByteView icc{};
  ByteView exif{};
  int frames = 1;        // a sequence of the same picture
  int grid_columns = 1;  // tiles of the picture's size side by side
};

Bytes write_avif(const Image& image, const AvifKind& kind = {});

}  // namespace tintype::testing
