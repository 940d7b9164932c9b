// Owners of lcms2's handles. Private to codec/colour.
#pragma once

#include <lcms2.h>

#include <memory>
#include <type_traits>

namespace tintype {

struct LcmsContextDeleter {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct LcmsProfileDeleter {
  void operator()(cmsHPROFILE profile) const { cmsCloseProfile(profile); }
};
struct LcmsTransformDeleter {
  void operator()(cmsHTRANSFORM transform) const { cmsDeleteTransform(transform); }
};
struct LcmsCurveDeleter {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

using LcmsContext = std::unique_ptr<std::remove_pointer_t<cmsContext>, LcmsContextDeleter>;
using LcmsProfile = std::unique_ptr<void, LcmsProfileDeleter>;
using LcmsTransform = std::unique_ptr<void, LcmsTransformDeleter>;
using LcmsCurve = std::unique_ptr<cmsToneCurve, LcmsCurveDeleter>;

// A context of its own reports nothing to stderr and shares nothing with other callers.
inline LcmsContext make_lcms_context() {
  LcmsContext context(cmsCreateContext(nullptr, nullptr));
  if (context) cmsSetLogErrorHandlerTHR(context.get(), [](cmsContext, cmsUInt32Number, const char*) {});
  return context;
}

inline LcmsProfile open_lcms_profile(cmsContext context, const void* bytes, std::size_t size) {
  return LcmsProfile(cmsOpenProfileFromMemTHR(context, bytes, static_cast<cmsUInt32Number>(size)));
}

}  // namespace tintype
