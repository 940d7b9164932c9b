// ChildPool: which sandboxed child does which task. One thread.
//
// A child does tasks of one owner only, a bounded number of them, and none after one that failed. There are at most
// slots + 1 children: those that work or worked, and a fresh one in reserve, so that a task need not wait for a fork.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/cpu/cpu_child.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

class ChildPool {
 public:
  // Children's sockets are added to `epoll_fd`, with their id as data.
  ChildPool(Zygote& zygote, Metrics& metrics, const std::string& lane, int slots, int tasks_per_child, int epoll_fd);
  ~ChildPool();  // ends them all
  ChildPool(const ChildPool&) = delete;
  ChildPool& operator=(const ChildPool&) = delete;

  // One that may do a task of `owner`'s; it is busy from now on.
  Result<CpuChild*> take(const std::string& owner);
  // After a task that went well.
  void give_back(CpuChild& child);
  // Says how it ended. `cause` is why it was not asked to (a metric's label); empty: it had done its work.
  std::string end(CpuChild& child, std::string_view cause);
  void end_idle();
  CpuChild* find(std::uint64_t id);
  // Sees to it that a fresh child waits.
  Status keep_reserve();

 private:
  CpuChild* idle_for(const std::string& owner);
  CpuChild* fresh();
  void end_longest_idle();
  Result<CpuChild*> start();

  Zygote& zygote_;
  Metrics& metrics_;
  Counter& started_;
  const std::string lane_;
  const std::size_t most_children_;
  const int tasks_per_child_;
  const int epoll_fd_;
  std::uint64_t next_id_ = 1;
  std::uint64_t uses_ = 0;
  std::map<std::uint64_t, std::unique_ptr<CpuChild>> children_;
};

}  // namespace tintype
