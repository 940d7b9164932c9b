#include "core/base/clock.h"

#include <chrono>

namespace tintype {

UnixMs SystemClock::now_ms() const {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::milliseconds>(since_1970).count();
}

double SystemClock::steady_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace tintype
