// WorkerPool: a fixed number of threads that run tasks in the order they came.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tintype::http {

class WorkerPool {
 public:
  using Task = std::move_only_function<void()>;

  explicit WorkerPool(int threads);
  ~WorkerPool() { stop(); }

  // Thread-safe. After stop() the task runs in the caller's thread.
  void post(Task task);
  // Runs what is queued, then ends the threads. Once it has returned, nothing runs. Not from a task.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Task> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tintype::http
