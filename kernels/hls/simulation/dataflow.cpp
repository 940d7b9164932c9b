#include "kernels/hls/simulation/dataflow.h"

#include <thread>
#include <utility>

namespace tintype::hls_simulation {
namespace {

thread_local Dataflow* region = nullptr;
thread_local ProcessGuard process_guard = nullptr;

// Ends a process whose region has been stopped.
struct Stopped {};

Dataflow& region_of_caller() {
  if (!region) throw std::logic_error("a stream was used outside a dataflow region");
  return *region;
}

}  // namespace

void Dataflow::run() {
  running_ = processes_.size();
  {
    std::vector<std::jthread> threads;
    for (const auto& process : processes_) {
      threads.emplace_back([this, &process, guard = process_guard] {
        process_guard = guard;
        serve(process);
      });
    }
  }
  if (why_) std::rethrow_exception(why_);
}

void Dataflow::serve(const std::function<void()>& process) {
  region = this;
  try {
    process_guard ? process_guard(process) : process();
  } catch (const Stopped&) {
  } catch (...) {
    const std::lock_guard held(mutex_);
    stop(std::current_exception());
  }
  const std::lock_guard held(mutex_);
  --running_;
  stop_if_stuck();
}

void Dataflow::wait(std::unique_lock<std::mutex>& lock, Channel& channel) {
  if (is_stopped_) throw Stopped{};
  bool is_waiting = true;
  channel.waiting_ = &is_waiting;
  waiting_.push_back(&channel);
  stop_if_stuck();
  channel.moved_.wait(lock, [&] { return !is_waiting || is_stopped_; });
  if (is_stopped_) throw Stopped{};
}

void Dataflow::wake(Channel& channel) {
  if (!channel.waiting_) return;
  *channel.waiting_ = false;
  channel.waiting_ = nullptr;
  std::erase(waiting_, &channel);
  // The other side may come to wait here before the one that was woken has run.
  channel.moved_.notify_all();
}

void Dataflow::stop_if_stuck() {
  if (is_stopped_ || running_ == 0 || waiting_.size() < running_) return;
  std::string what = "deadlock in a dataflow region: ";
  for (const Channel* channel : waiting_) {
    if (channel != waiting_.front()) what += " and ";
    what += std::string(channel->name_) + (channel->count_ == 0 ? " is empty" : " is full");
  }
  stop(std::make_exception_ptr(Deadlock(what + "; no process can go on")));
}

void Dataflow::stop(std::exception_ptr why) {
  if (!why_) why_ = std::move(why);
  is_stopped_ = true;
  for (Channel* channel : waiting_) channel->moved_.notify_all();
}

std::unique_lock<std::mutex> Channel::lock() { return std::unique_lock(region_of_caller().mutex_); }

void Channel::wait_while_empty(std::unique_lock<std::mutex>& held) {
  while (count_ == 0) region_of_caller().wait(held, *this);
}

void Channel::wait_while_full(std::unique_lock<std::mutex>& held) {
  while (count_ == depth_) region_of_caller().wait(held, *this);
}

void Channel::wrote() {
  ++count_;
  region_of_caller().wake(*this);
}

void Channel::read_one() {
  first_ = (first_ + 1) % depth_;
  --count_;
  region_of_caller().wake(*this);
}

GuardedProcesses::GuardedProcesses(ProcessGuard guard) : before_(std::exchange(process_guard, guard)) {}
GuardedProcesses::~GuardedProcesses() { process_guard = before_; }

}  // namespace tintype::hls_simulation
