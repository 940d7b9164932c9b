#include "scheduler/class_shares.h"

#include <algorithm>
#include <cmath>

namespace tintype {

std::array<JobClass, 3> ClassShares::order(const std::array<bool, 3>& waiting) const {
  double total = 0;
  for (const double seconds : served_) total += seconds;

  // How far each class is below what it is sure of, as a fraction of that; 0 when it is not.
  const auto shortfall = [&](JobClass c) {
    const auto i = static_cast<std::size_t>(c);
    const double owed = config_.minimum[i] * total;
    return waiting[i] && owed > 0 ? std::max(0.0, 1 - served_[i] / owed) : 0.0;
  };
  std::array<JobClass, 3> order = {JobClass::kInteractive, JobClass::kUpload, JobClass::kBulk};
  std::ranges::stable_sort(order, [&](JobClass a, JobClass b) { return shortfall(a) > shortfall(b); });
  return order;
}

void ClassShares::charge(JobClass job_class, double seconds) {
  if (seconds > 0) {
    const double kept = std::exp(-seconds / config_.memory_seconds);
    for (double& served : served_) served *= kept;
  }
  double& served = served_[static_cast<std::size_t>(job_class)];
  served = std::max(0.0, served + seconds);
}

}  // namespace tintype
