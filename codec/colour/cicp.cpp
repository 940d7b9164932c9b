#include "codec/colour/cicp.h"

#include <string>

#include "codec/colour/lcms_handles.h"

namespace tintype {
namespace {

constexpr unsigned kUnspecified = 2;

struct Primaries {
  unsigned code;
  cmsCIExyYTRIPLE xy;
};

// H.273, table 2; the white point of all of them is D65.
constexpr Primaries kPrimaries[] = {
    {1, {{0.640, 0.330, 1}, {0.300, 0.600, 1}, {0.150, 0.060, 1}}},   // BT.709, sRGB
    {5, {{0.640, 0.330, 1}, {0.290, 0.600, 1}, {0.150, 0.060, 1}}},   // BT.601, 625 lines
    {6, {{0.630, 0.340, 1}, {0.310, 0.595, 1}, {0.155, 0.070, 1}}},   // BT.601, 525 lines
    {7, {{0.630, 0.340, 1}, {0.310, 0.595, 1}, {0.155, 0.070, 1}}},   // SMPTE 240
    {9, {{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}}},   // BT.2020
    {12, {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}}},  // Display P3
};

// H.273, table 3; null for what is not a tone curve of an ordinary picture.
LcmsCurve make_curve(cmsContext context, unsigned transfer) {
  constexpr cmsFloat64Number kSrgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  switch (transfer) {
    case 1:
    case 2:
    case 6:
    case 7:
    case 13:
    case 14:
    case 15:
      return LcmsCurve(cmsBuildParametricToneCurve(context, 4, kSrgb));
    case 4:
      return LcmsCurve(cmsBuildGamma(context, 2.2));
    case 5:
      return LcmsCurve(cmsBuildGamma(context, 2.8));
    case 8:
      return LcmsCurve(cmsBuildGamma(context, 1.0));
    default:
      return nullptr;
  }
}

std::unexpected<Error> unsupported(const std::string& what) {
  return fail(ErrorCode::kUnsupportedImage,
              "the picture's colours are " + what + ", which is not taken; save it as sRGB or Display P3");
}

}  // namespace

Result<Bytes> profile_from_cicp(unsigned primaries, unsigned transfer) {
  if (transfer == 16 || transfer == 18)
    return unsupported(std::string("high dynamic range (") + (transfer == 16 ? "PQ" : "HLG") + ")");
  if (primaries == kUnspecified) primaries = 1;
  const Primaries* known = nullptr;
  for (const Primaries& candidate : kPrimaries)
    if (candidate.code == primaries) known = &candidate;
  if (!known) return unsupported("of the rare primaries " + std::to_string(primaries) + " (ITU-T H.273)");

  const LcmsContext context = make_lcms_context();
  const LcmsCurve curve = make_curve(context.get(), transfer);
  if (!curve) return unsupported("of the rare transfer function " + std::to_string(transfer) + " (ITU-T H.273)");
  const bool has_srgb_curve = transfer != 4 && transfer != 5 && transfer != 8;
  if (primaries == 1 && has_srgb_curve) return Bytes();

  constexpr cmsCIExyY kD65 = {0.3127, 0.3290, 1};
  cmsToneCurve* curves[3] = {curve.get(), curve.get(), curve.get()};
  const LcmsProfile profile(cmsCreateRGBProfileTHR(context.get(), &kD65, &known->xy, curves));
  cmsUInt32Number size = 0;
  if (!profile || !cmsSaveProfileToMem(profile.get(), nullptr, &size))
    return fail(ErrorCode::kInternal, "lcms2 cannot write a profile for code points of ITU-T H.273");
  Bytes icc(size);
  if (!cmsSaveProfileToMem(profile.get(), icc.data(), &size))
    return fail(ErrorCode::kInternal, "lcms2 cannot write a profile for code points of ITU-T H.273");
  icc.shrink_to(size);
  return icc;
}

}  // namespace tintype
