// Picture: decoded pixels somewhere: in a child's memory, in shared host memory, or on a device.
//
// Handles are shared; a picture is read-only once made, and is freed when its last handle goes. Only the lane
// that made a device picture can use it in place; any lane can use its host copy.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

enum class Residence : std::uint8_t { kHost, kDevice };

// How samples are laid out. kYcc...: the three planes of codec/planes.h after each other, 16 bits a sample.
// kJpegCoefficients: no samples yet, but what they are made of (workers/jpeg_coefficient_picture.h).
enum class PixelLayout : std::uint8_t { kRgb8, kRgba8, kYcc420, kYcc444, kJpegCoefficients };

struct PictureShape {
  std::uint32_t width = 0;  // of coefficients: as the file stores the picture, before it is turned upright
  std::uint32_t height = 0;
  PixelLayout layout = PixelLayout::kRgb8;

  bool is_planar() const { return layout == PixelLayout::kYcc420 || layout == PixelLayout::kYcc444; }
  std::uint32_t channels() const { return layout == PixelLayout::kRgba8 ? 4 : 3; }
  std::uint64_t bytes() const;  // rows are tight; of coefficients the most there can be
  bool operator==(const PictureShape&) const = default;
};

// What a picture of coefficients has before its blocks.
inline constexpr std::uint64_t kCoefficientsHeaderBytes = 1024;

class Picture {
 public:
  virtual ~Picture() = default;
  virtual const PictureShape& shape() const = 0;
  virtual Residence residence() const = 0;
  // A sealed memfd of shape().bytes() bytes; for a device picture this copies and waits. Borrowed: valid as long
  // as the picture is. Thread-safe.
  virtual Result<int> host_fd() const = 0;
};

using PictureHandle = std::shared_ptr<const Picture>;

// A picture in host memory. `fd` is a memfd of at least shape.bytes() bytes that nobody can write any more.
PictureHandle make_host_picture(const PictureShape& shape, UniqueFd fd);

}  // namespace tintype
