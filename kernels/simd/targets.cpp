#include "kernels/simd/targets.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

namespace tintype::simd {
namespace {

std::vector<std::int64_t> best_first() {
  std::vector<std::int64_t> found;
  // Highway numbers better targets lower.
  for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
    found.push_back(rest & -rest);
  }
  return found;
}

}  // namespace

std::vector<std::string> targets() {
  std::vector<std::string> names;
  for (const std::int64_t target : best_first()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void use_target(const std::string& target) {
  hwy::SetSupportedTargetsForTest(0);
  for (const std::int64_t candidate : best_first()) {
    if (target == hwy::TargetName(candidate)) hwy::SetSupportedTargetsForTest(candidate);
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace tintype::simd
