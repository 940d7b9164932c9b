// FpgaLadder: a picture's components, made into upright pictures of several sizes on a card: halved as often as
// kernels/rung_geometry.h says, then resized. Equals codec's UprightLadder, sample for sample; the host lays samples
// out and turns pictures on their sides. One thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/ladder.h"
#include "codec/planar/upright_planes.h"
#include "codec/planes.h"
#include "kernels/resize_taps.h"
#include "workers/fpga/card_calls.h"
#include "workers/fpga/stored_planes.h"

namespace tintype {

class FpgaLadder {
 public:
  // 1 component (gray) or 3; `orientation` is EXIF's 1..8; `sizes` are upright, at most the picture's.
  FpgaLadder(std::vector<StoredPlane> components, std::uint8_t orientation, std::span<const PictureSize> sizes);

  // Waits for the halvings, and leaves the rest on its way. Once; `calls` must not outlive this. kUnsupported: more
  // than the kernels' memory has room for.
  Status start(CardCalls& calls);
  // Waits for the picture of that size. Once for each.
  Result<Planes> take(std::size_t size, CardCalls& calls);

 private:
  struct Rung {
    std::uint32_t halvings = 0;
    ResizeTaps across, down;
    WordPlane out;  // fine
    std::size_t call = 0;
  };
  struct Component {
    std::vector<WordPlane> levels;  // each half of the one before
    std::vector<Rung> rungs;        // one for each size
  };

  // As it is stored: before its sides are swapped.
  PictureSize stored(std::size_t size) const;
  Status check() const;

  const Turn turn_;
  const std::vector<PictureSize> sizes_;
  std::vector<Component> components_;
};

}  // namespace tintype
