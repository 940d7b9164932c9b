// CmykToRgb: rows of CMYK, as JPEGs carry them, to sRGB.
//
// A value of 255 means no ink: Adobe's convention, which browsers also take for files without Adobe's marker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/bytes.h"

namespace tintype {

class CmykToRgb {
 public:
  // `icc` is the file's profile; when it is empty, broken or not CMYK the plain formula r = c * k / 255
  // serves.
  explicit CmykToRgb(ByteView icc);
  ~CmykToRgb();
  CmykToRgb(const CmykToRgb&) = delete;
  CmykToRgb& operator=(const CmykToRgb&) = delete;

  bool uses_profile() const;
  // `count` pixels, 4 bytes each, to `count` pixels of 3 bytes. The two must not overlap.
  void convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t count) const;

 private:
  struct Profile;
  std::unique_ptr<Profile> profile_;
};

}  // namespace tintype
