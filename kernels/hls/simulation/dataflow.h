// A dataflow region in C simulation: its processes run at once, a thread each, and are joined by streams of bounded depth.
// A process that writes to a full stream waits, as in hardware; so does one that reads from an empty one. When all that still
// run wait for each other nothing can ever happen, which is told at once and not by a test that hangs.
//
// Streams may be used by the processes of one region only, each by one writer and one reader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace tintype::hls_simulation {

// Thrown out of the kernel: "rows is full and mixed is empty: ...".
class Deadlock : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Channel;

class Dataflow {
 public:
  void add(std::function<void()> process) { processes_.push_back(std::move(process)); }
  // Runs all of them to their ends. Throws Deadlock, or whatever a process threw first.
  void run();

 private:
  friend class Channel;
  void serve(const std::function<void()>& process);
  void wait(std::unique_lock<std::mutex>& lock, Channel& channel);
  void wake(Channel& channel);
  void stop_if_stuck();
  void stop(std::exception_ptr why);

  std::mutex mutex_;
  std::vector<std::function<void()>> processes_;
  std::size_t running_ = 0;
  std::vector<Channel*> waiting_;
  bool is_stopped_ = false;
  std::exception_ptr why_;
};

// What a stream of any type is. Order of calls: lock, wait, move an item, moved.
class Channel {
 public:
  Channel(const char* name, std::size_t depth) : name_(name), depth_(depth) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

 protected:
  std::unique_lock<std::mutex> lock();
  void wait_while_empty(std::unique_lock<std::mutex>& held);
  void wait_while_full(std::unique_lock<std::mutex>& held);
  void wrote();
  void read_one();
  std::size_t next_to_write() const { return (first_ + count_) % depth_; }
  std::size_t next_to_read() const { return first_; }

 private:
  friend class Dataflow;
  const char* name_;
  std::size_t depth_;
  std::size_t first_ = 0, count_ = 0;
  bool* waiting_ = nullptr;  // of the process that waits for this stream: set to false to let it go on
  std::condition_variable moved_;
};

// Around each process of the regions that this thread runs: an emulated card catches there what a kernel does outside its
// memory. Inherited by the threads of a region; scoped.
using ProcessGuard = void (*)(const std::function<void()>& process);
class GuardedProcesses {
 public:
  explicit GuardedProcesses(ProcessGuard guard);
  ~GuardedProcesses();
  GuardedProcesses(const GuardedProcesses&) = delete;
  GuardedProcesses& operator=(const GuardedProcesses&) = delete;

 private:
  ProcessGuard before_;
};

}  // namespace tintype::hls_simulation
