// What libwebp makes of the same planes, and how near to them a picture is.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "tests/kernels/vp8/planes.h"

namespace tintype::test {

// A file of one frame by libwebp -m 4, or what is wrong.
std::expected<std::vector<std::uint8_t>, std::string> libwebp_file(const Planes420& planes, int quality);

// Over the samples of all three planes, in dB.
double psnr(const Planes420& a, const Planes420& b);

}  // namespace tintype::test
