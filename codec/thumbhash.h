// thumbhash: a picture in about 25 bytes, for a blurred stand-in while the photo loads.
//
// The format is Evan Wallace's ThumbHash (https://evanw.github.io/thumbhash/): the lowest frequencies of luminance
// and two colour differences (and alpha), cosine transformed, four bits each. Any ThumbHash decoder shows it. Pure.
#pragma once

#include <string>

#include "codec/image.h"
#include "core/base/result.h"

namespace tintype {

// Sides that the hash is made from; larger pictures are reduced to fit.
inline constexpr std::uint32_t kThumbhashSide = 100;
inline constexpr std::size_t kMaxThumbhashBytes = 25;

// Raw bytes, 5 to kMaxThumbhashBytes. Errors are those of resize().
Result<std::string> thumbhash_of(const Image& image);

}  // namespace tintype
