#include "codec/colour/profile.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "codec/colour/lcms_handles.h"
#include "codec/cursor.h"

namespace tintype {
namespace {

constexpr cmsUInt32Number kIntent = INTENT_RELATIVE_COLORIMETRIC;
constexpr cmsUInt32Number kFlags = cmsFLAGS_BLACKPOINTCOMPENSATION;

class ProfileInUse {
 public:
  explicit ProfileInUse(ByteView icc)
      : context_(make_lcms_context()), profile_(open_lcms_profile(context_.get(), icc.data(), icc.size())) {}

  bool opened() const { return profile_ != nullptr; }
  cmsColorSpaceSignature space() const { return cmsGetColorSpace(profile_.get()); }

  LcmsTransform to_srgb(cmsUInt32Number input_type, cmsUInt32Number output_type, cmsUInt32Number flags) const {
    const LcmsProfile srgb(cmsCreate_sRGBProfileTHR(context_.get()));
    return LcmsTransform(
        cmsCreateTransformTHR(context_.get(), profile_.get(), input_type, srgb.get(), output_type, kIntent, flags));
  }

 private:
  LcmsContext context_;
  LcmsProfile profile_;
};

// Whether the transform to sRGB moves no colour of a 6 x 6 x 6 lattice by more than rounding does.
bool changes_nothing(cmsHTRANSFORM to_srgb) {
  constexpr int kSteps = 6;
  constexpr int kTolerance = 2;  // of 255: sRGB profiles round their curves and matrices differently
  std::array<std::uint8_t, kSteps * kSteps * kSteps * 3> colours;
  std::size_t at = 0;
  for (int r = 0; r < kSteps; ++r)
    for (int g = 0; g < kSteps; ++g)
      for (int b = 0; b < kSteps; ++b)
        for (const int step : {r, g, b}) colours[at++] = static_cast<std::uint8_t>(step * 255 / (kSteps - 1));
  std::array<std::uint8_t, colours.size()> converted;
  cmsDoTransform(to_srgb, colours.data(), converted.data(), colours.size() / 3);
  return std::ranges::equal(colours, converted,
                            [](int before, int after) { return std::abs(before - after) <= kTolerance; });
}

void drop(Decoded& decoded, const char* why) {
  decoded.warnings.push_back(std::string("the colour profile is left out and sRGB assumed: ") + why);
}

void apply_rgb(cmsHTRANSFORM transform, Image& image) {
  for (std::uint32_t y = 0; y < image.height; ++y) cmsDoTransform(transform, image.row(y), image.row(y), image.width);
}

// A gray profile is one curve: applied through a table over the 256 values.
void apply_gray(cmsHTRANSFORM transform, Image& image) {
  std::array<std::uint8_t, 256> gray;
  for (std::size_t i = 0; i < gray.size(); ++i) gray[i] = static_cast<std::uint8_t>(i);
  std::array<std::uint8_t, 256 * 3> rgb;
  cmsDoTransform(transform, gray.data(), rgb.data(), gray.size());
  for (std::uint32_t y = 0; y < image.height; ++y) {
    std::uint8_t* pixel = image.row(y);
    for (std::uint32_t x = 0; x < image.width; ++x, pixel += image.channels)
      for (int c = 0; c < 3; ++c) pixel[c] = rgb[pixel[c] * 3u + static_cast<unsigned>(c)];
  }
}

}  // namespace

void adopt_profile(Bytes icc, PixelOrigin origin, bool to_srgb, Decoded& decoded) {
  if (icc.empty()) return;
  if (icc.size() > kMaxProfileBytes) return drop(decoded, "it is larger than 4 MiB");
  const ProfileInUse profile(icc);
  if (!profile.opened()) return drop(decoded, "it is not a readable ICC profile");
  // lcms2 forgives a header that names another size; what reads the variants may not.
  const std::uint32_t named_bytes = Cursor(icc).u32be();
  if (named_bytes > icc.size()) return drop(decoded, "it is cut");
  icc.shrink_to(named_bytes);

  if (profile.space() == cmsSigGrayData && origin == PixelOrigin::kGray) {
    const LcmsTransform transform = profile.to_srgb(TYPE_GRAY_8, TYPE_RGB_8, kFlags);
    if (!transform) return drop(decoded, "its gray curve cannot be applied");
    apply_gray(transform.get(), decoded.image);
    return;
  }
  if (profile.space() != cmsSigRgbData) return drop(decoded, "it describes another colour space than the picture's");

  const LcmsTransform exact = profile.to_srgb(TYPE_RGB_8, TYPE_RGB_8, kFlags | cmsFLAGS_NOOPTIMIZE);
  if (!exact) return drop(decoded, "its colours cannot be converted");
  const bool is_srgb = changes_nothing(exact.get());
  if (to_srgb || icc.size() > kMaxCarriedProfileBytes) {
    if (is_srgb) return;
    const cmsUInt32Number type = decoded.image.channels == 4 ? TYPE_RGBA_8 : TYPE_RGB_8;
    const LcmsTransform fast = profile.to_srgb(type, type, kFlags | cmsFLAGS_COPY_ALPHA);
    if (!fast) return drop(decoded, "its colours cannot be converted");
    apply_rgb(fast.get(), decoded.image);
    return;
  }
  decoded.metadata.icc = std::move(icc);
  decoded.metadata.icc_is_srgb = is_srgb;
}

}  // namespace tintype
