// LaneInbox: how other threads tell a lane's thread what to do, and wake it.
#pragma once

#include <sys/eventfd.h>

#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "core/base/unique_fd.h"
#include "workers/lane.h"

namespace tintype {

struct TaskOrder {
  Task task;
  TaskDone done;
  bool begun_before = false;  // and lost for no fault of its own
};
struct CancelOrder {
  JobId job;
};
struct RetireOrder {
  std::string reason;
};
struct StopOrder {};
using LaneOrder = std::variant<TaskOrder, CancelOrder, RetireOrder, StopOrder>;

class LaneInbox {
 public:
  // `wake` is an eventfd that does not block; it is readable while there are orders to take.
  explicit LaneInbox(UniqueFd wake) : wake_(std::move(wake)) {}

  // Any thread.
  void post(LaneOrder order) {
    {
      std::lock_guard lock(mutex_);
      orders_.push_back(std::move(order));
    }
    eventfd_write(wake_.get(), 1);
  }

  // In the order they were posted. The lane's thread.
  std::deque<LaneOrder> take_all() {
    eventfd_t ignored;
    eventfd_read(wake_.get(), &ignored);
    std::lock_guard lock(mutex_);
    return std::exchange(orders_, {});
  }

 private:
  const UniqueFd wake_;
  std::mutex mutex_;
  std::deque<LaneOrder> orders_;
};

}  // namespace tintype
