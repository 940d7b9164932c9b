// PictureKind: how a picture is to an AV1 encoder, from its luma. Pure, a few milliseconds for 10 MP.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype {

enum class PictureKind : std::uint8_t {
  kSmooth,    // sky, skin, out of focus: large transforms and odd partitions save a great deal
  kTextured,  // grass, hair, fabric: odd partitions save little
  kSlanted,  // textured, with much of it strong edges that are neither level nor upright: the fastest tools waste bytes
             // on them
  kDense,    // texture nearly everywhere: a thorough search saves next to nothing
  kText,     // sharp edges on flat ground, of letters or buildings: the fastest tools waste bytes
};

// `luma` has rows of `width` 8-bit samples, `stride` apart. kSmooth where it has less than one block of 8 x 8.
PictureKind kind_of_picture(const std::uint8_t* luma, std::size_t stride, std::uint32_t width, std::uint32_t height);

}  // namespace tintype
