#include "workers/cpu/child_pool.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "core/base/metric_names.h"

namespace tintype {

ChildPool::ChildPool(Zygote& zygote, Metrics& metrics, const std::string& lane, int slots, int tasks_per_child,
                     int epoll_fd)
    : zygote_(zygote),
      metrics_(metrics),
      started_(metrics.counter(metric::kChildrenStarted, label({{"lane", lane}}))),
      lane_(lane),
      most_children_(static_cast<std::size_t>(slots) + 1),
      tasks_per_child_(tasks_per_child),
      epoll_fd_(epoll_fd) {}

ChildPool::~ChildPool() {
  while (!children_.empty()) end(*children_.begin()->second, "");
}

Result<CpuChild*> ChildPool::take(const std::string& owner) {
  CpuChild* child = idle_for(owner);
  if (!child) child = fresh();
  if (!child) {
    if (children_.size() >= most_children_) end_longest_idle();
    TT_ASSIGN(child, start());
  }
  child->owner = owner;
  child->is_busy = true;
  child->last_used = ++uses_;
  return child;
}

void ChildPool::give_back(CpuChild& child) {
  child.is_busy = false;
  if (++child.tasks_done >= tasks_per_child_) end(child, "");
}

std::string ChildPool::end(CpuChild& child, std::string_view cause) {
  if (!cause.empty()) {
    metrics_.counter(metric::kChildrenLost, label({{"lane", lane_}, {"cause", cause}})).add();
  }
  const std::unique_ptr<CpuChild> ended = std::move(children_.extract(child.id()).mapped());
  return zygote_.end_child(ended->release());
}

void ChildPool::end_idle() {
  for (auto it = children_.begin(); it != children_.end();) {
    CpuChild& child = *(it++)->second;
    if (!child.is_busy) end(child, "");
  }
}

CpuChild* ChildPool::find(std::uint64_t id) {
  const auto found = children_.find(id);
  return found == children_.end() ? nullptr : found->second.get();
}

Status ChildPool::keep_reserve() {
  if (fresh()) return {};
  if (children_.size() >= most_children_) end_longest_idle();
  if (children_.size() >= most_children_) return {};
  TT_TRY(start());
  return {};
}

CpuChild* ChildPool::idle_for(const std::string& owner) {
  for (auto& [id, child] : children_) {
    if (!child->is_busy && child->owner == owner) return child.get();
  }
  return nullptr;
}

CpuChild* ChildPool::fresh() {
  for (auto& [id, child] : children_) {
    if (!child->is_busy && !child->owner) return child.get();
  }
  return nullptr;
}

void ChildPool::end_longest_idle() {
  CpuChild* longest = nullptr;
  for (auto& [id, child] : children_) {
    if (!child->is_busy && (!longest || child->last_used < longest->last_used)) longest = child.get();
  }
  if (longest) end(*longest, "");
}

Result<CpuChild*> ChildPool::start() {
  TT_ASSIGN(ChildHandle handle, zygote_.fork_child());
  auto child = std::make_unique<CpuChild>(next_id_++, std::move(handle));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = child->id();
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, child->socket_fd(), &event) != 0) {
    const int error = errno;
    zygote_.end_child(child->release());
    return fail(error_from_errno(error, "watching a sandboxed child"));
  }
  started_.add();
  CpuChild* started = child.get();
  children_.emplace(started->id(), std::move(child));
  return started;
}

}  // namespace tintype
