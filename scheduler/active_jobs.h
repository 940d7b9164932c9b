// ActiveJobs: the jobs that this node works on now, and which of them were asked to stop. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "core/base/ids.h"

namespace tintype {

class ActiveJobs {
 public:
  // True if the job was not running here yet; then leave() must follow.
  bool enter(JobId job) {
    const std::lock_guard lock(mutex_);
    return jobs_.try_emplace(job, false).second;
  }
  void leave(JobId job) {
    const std::lock_guard lock(mutex_);
    jobs_.erase(job);
  }
  // True if it runs here.
  bool request_cancel(JobId job) {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return false;
    return found->second = true;
  }
  bool cancel_requested(JobId job) const {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(job);
    return found != jobs_.end() && found->second;
  }
  bool is_active(JobId job) const {
    const std::lock_guard lock(mutex_);
    return jobs_.contains(job);
  }
  std::vector<JobId> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<JobId> ids;
    ids.reserve(jobs_.size());
    for (const auto& [id, cancelled] : jobs_) ids.push_back(id);
    return ids;
  }

 private:
  mutable std::mutex mutex_;
  std::map<JobId, bool> jobs_;  // cancel requested?
};

}  // namespace tintype
