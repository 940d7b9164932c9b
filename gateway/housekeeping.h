// Housekeeping: one thread that runs the gateway's small recurring tasks, such as removing what has expired.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tintype {

class Housekeeping {
 public:
  // Runs each of `tasks` now and then every `period`.
  Housekeeping(std::chrono::milliseconds period, std::vector<std::function<void()>> tasks);
  // Waits for the task that runs.
  ~Housekeeping();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tintype
