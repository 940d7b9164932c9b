// The photos of the bench: reduced, as pixels and as the planes that every encoder is given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "codec/image.h"
#include "core/base/result.h"
#include "kernels/vp8/picture.h"

namespace tintype::bench {

struct BenchPicture {
  std::string name;
  Image rgb;
  std::vector<std::uint8_t> y, u, v;  // libwebp's own conversion of rgb

  vp8::Picture planes() const;
  double megapixels() const { return double(rgb.width) * rgb.height / 1e6; }
};

enum class Half { kTuned, kHeldOut, kAll };

// Photos of `dir` of at least 0.3 MP, by name; those that are another photo of the folder again are left out. Every
// second one is what the encoder's constants were tuned on.
std::vector<std::filesystem::path> photos_of(const std::string& dir, Half half);

// Reduced to at most so many megapixels. kUnsupported: it has alpha, or is too small.
Result<BenchPicture> read_picture(const std::filesystem::path& path, double most_megapixels);

}  // namespace tintype::bench
