// Whether this build carries a sanitizer's runtime, which needs more of the system than the farm's own code does.
#pragma once

namespace tintype {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace tintype
