#include "codec/colour/cmyk.h"

#include "codec/colour/lcms_handles.h"
#include "codec/colour/profile.h"

namespace tintype {

struct CmykToRgb::Profile {
  LcmsContext context;
  LcmsTransform transform;
};

CmykToRgb::CmykToRgb(ByteView icc) {
  if (icc.empty() || icc.size() > kMaxProfileBytes) return;
  auto profile = std::make_unique<Profile>();
  profile->context = make_lcms_context();
  const LcmsProfile source = open_lcms_profile(profile->context.get(), icc.data(), icc.size());
  if (!source || cmsGetColorSpace(source.get()) != cmsSigCmykData) return;
  const LcmsProfile srgb(cmsCreate_sRGBProfileTHR(profile->context.get()));
  profile->transform.reset(cmsCreateTransformTHR(profile->context.get(), source.get(), TYPE_CMYK_8_REV, srgb.get(),
                                                 TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC,
                                                 cmsFLAGS_BLACKPOINTCOMPENSATION));
  if (profile->transform) profile_ = std::move(profile);
}

CmykToRgb::~CmykToRgb() = default;

bool CmykToRgb::uses_profile() const { return profile_ != nullptr; }

void CmykToRgb::convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t count) const {
  if (profile_) {
    cmsDoTransform(profile_->transform.get(), cmyk, rgb, static_cast<cmsUInt32Number>(count));
    return;
  }
  for (std::size_t i = 0; i < count; ++i, cmyk += 4, rgb += 3)
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>((cmyk[c] * cmyk[3] + 127) / 255);
}

}  // namespace tintype
