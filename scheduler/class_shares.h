// ClassShares: whose turn is it? Interactive goes first, upload next, bulk last, but each class that waits is
// sure of a share of the lanes' time.
//
// Served time is remembered with a fading memory, so that a class that was idle gets no long credit. Not
// thread-safe: the dispatcher's lock covers it.
#pragma once

#include <array>

#include "core/job/job.h"

namespace tintype {

struct ClassSharesConfig {
  std::array<double, 3> minimum = {0, 0.25, 0.10};  // interactive, upload, bulk: of all lanes' time
  double memory_seconds = 60;                       // of served time
};

class ClassShares {
 public:
  explicit ClassShares(const ClassSharesConfig& config) : config_(config) {}

  // The classes that wait, in the order they should be tried.
  std::array<JobClass, 3> order(const std::array<bool, 3>& waiting) const;
  // `seconds` of lane time went to this class; negative to correct a prediction.
  void charge(JobClass job_class, double seconds);

 private:
  ClassSharesConfig config_;
  std::array<double, 3> served_{};
};

}  // namespace tintype
