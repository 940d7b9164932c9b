#include "gateway/housekeeping.h"

namespace tintype {

Housekeeping::Housekeeping(std::chrono::milliseconds period, std::vector<std::function<void()>> tasks)
    : thread_([this, period, tasks = std::move(tasks)] {
        std::unique_lock lock(mutex_);
        do {
          lock.unlock();
          for (const auto& task : tasks) task();
          lock.lock();
        } while (!wake_.wait_for(lock, period, [this] { return stopping_; }));
      }) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace tintype
