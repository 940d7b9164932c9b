#include "workers/cpu/cpu_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <thread>
#include <utility>
#include <variant>

#include "workers/cpu/child_pool.h"
#include "workers/cpu/machine_limits.h"
#include "workers/lane_accounts.h"
#include "workers/lane_inbox.h"

namespace tintype {

Status CpuLaneConfig::validate() const {
  if (name.empty()) return fail(ErrorCode::kInvalidArgument, "a CPU lane needs a name");
  if (slots < 0) return fail(ErrorCode::kInvalidArgument, "lane " + name + ": slots must not be negative");
  if (tasks_per_child < 1) {
    return fail(ErrorCode::kInvalidArgument, "lane " + name + ": tasks_per_child must be at least 1");
  }
  if (task_timeout <= std::chrono::milliseconds(0)) {
    return fail(ErrorCode::kInvalidArgument, "lane " + name + ": task_timeout must be more than 0");
  }
  return {};
}

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::uint64_t kWakeId = 0;  // no child's
constexpr std::chrono::seconds kForkRetry{2};

class CpuLane final : public Lane {
 public:
  CpuLane(const CpuLaneConfig& config, LaneInfo info, Zygote& zygote, Metrics& metrics, Logger& log, UniqueFd epoll,
          UniqueFd wake)
      : config_(config),
        info_(std::move(info)),
        log_(log),
        accounts_(metrics, info_.name),
        epoll_(std::move(epoll)),
        inbox_(std::move(wake)),
        children_(zygote, metrics, info_.name, info_.slots, config.tasks_per_child, epoll_.get()) {}

  ~CpuLane() override {
    if (!thread_.joinable()) return;
    inbox_.post(StopOrder{});
    thread_.join();
  }

  // The first child shows that there can be children.
  Status start() {
    TT_TRY(children_.keep_reserve());
    thread_ = std::thread([this] { run(); });
    return {};
  }

  const LaneInfo& info() const override { return info_; }

  bool can_run(const Task& task) const override {
    for (const Step& step : task.steps) {
      const auto* encode = std::get_if<EncodeStep>(&step);
      if (encode && encode->encode.format != ImageFormat::kWebp && encode->encode.format != ImageFormat::kAvif) {
        return false;
      }
    }
    return estimate_task_bytes(task) <= info_.memory_bytes;
  }

  void submit(Task task, TaskDone done) override { inbox_.post(TaskOrder{std::move(task), std::move(done)}); }
  void cancel(JobId job) override { inbox_.post(CancelOrder{job}); }

  LaneHealth health() const override { return accounts_.health(); }

 private:
  struct Running {
    TaskOrder work;
    CpuChild* child;
    SteadyTime started;
    SteadyTime deadline;
  };

  // Everything below runs on the lane's thread.

  void run() {
    for (;;) {
      take_orders();
      if (stopping_) break;
      end_overdue();
      begin_waiting();
      keep_reserve();
      wait_for_children();
    }
    for (Running& running : running_) children_.end(*running.child, "");
    for (Running& running : running_) report(running.work, fail(cancelled()));
    for (TaskOrder& waiting : waiting_) report(waiting, fail(cancelled()));
  }

  void take_orders() {
    for (LaneOrder& order : inbox_.take_all()) {
      if (auto* waiting = std::get_if<TaskOrder>(&order)) {
        waiting_.push_back(std::move(*waiting));
      } else if (const auto* cancel = std::get_if<CancelOrder>(&order)) {
        give_up(cancel->job);
      } else if (std::holds_alternative<StopOrder>(order)) {
        stopping_ = true;
      }
    }
  }

  void give_up(JobId job) {
    std::list<TaskOrder> dropped;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const auto next = std::next(it);
      if (it->task.job == job) dropped.splice(dropped.end(), waiting_, it);
      it = next;
    }
    for (TaskOrder& waiting : dropped) report(waiting, fail(cancelled()));
    end_running([&](const Running& running) { return running.work.task.job == job; }, "",
                [&](const Running&) { return cancelled(); });
  }

  void end_overdue() {
    const SteadyTime now = std::chrono::steady_clock::now();
    end_running([&](const Running& running) { return running.deadline <= now; }, "timed_out",
                [&](const Running& running) {
                  return Error{ErrorCode::kTimedOut, "task " + running.work.task.describe() + " took longer than its " +
                                                         std::to_string(timeout_of(running.work.task).count()) +
                                                         " ms on lane " + info_.name};
                });
  }

  template <typename Which, typename Why>
  void end_running(Which which, std::string_view cause, Why why) {
    std::list<Running> ended;
    for (auto it = running_.begin(); it != running_.end();) {
      const auto next = std::next(it);
      if (which(*it)) ended.splice(ended.end(), running_, it);
      it = next;
    }
    for (Running& running : ended) {
      if (cause.empty()) {
        children_.end(*running.child, "");
      } else {
        lose(*running.child, cause, &running.work.task);
      }
      report(running.work, fail(why(running)));
    }
  }

  void begin_waiting() {
    while (!waiting_.empty() && running_.size() < static_cast<std::size_t>(info_.slots)) {
      TaskOrder work = std::move(waiting_.front());
      waiting_.pop_front();
      if (Status status = begin(work); !status) report(work, fail(std::move(status).error()));
    }
    accounts_.slots_busy(running_.size());
  }

  // Moves `work` to running_ if it begins.
  Status begin(TaskOrder& work) {
    TT_TRY(check_task(work.task));
    for (int attempt = 0;; ++attempt) {
      Result<CpuChild*> child = children_.take(work.task.owner);
      if (!child) {
        set_out_of_service(child.error().message);
        return fail(ErrorCode::kUnavailable,
                    "lane " + info_.name + " has no sandboxed child: " + child.error().message);
      }
      const Status begun = (*child)->session.begin(work.task);
      if (begun) {
        const SteadyTime now = std::chrono::steady_clock::now();
        const SteadyTime deadline = now + timeout_of(work.task);
        running_.push_back({std::move(work), *child, now, deadline});
        return {};
      }
      lose(**child, "crashed", &work.task);
      if (begun.error().code != ErrorCode::kUnavailable || attempt > info_.slots) return begun;
    }
  }

  void keep_reserve() {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now < next_fork_) return;
    if (const Status status = children_.keep_reserve(); status) {
      accounts_.in_service();
    } else {
      set_out_of_service(status.error().message);
      next_fork_ = now + kForkRetry;
    }
  }

  void wait_for_children() {
    epoll_event events[64];
    const int count = epoll_wait(epoll_.get(), events, std::size(events), patience_ms());
    for (int i = 0; i < count; ++i) {
      if (CpuChild* child = children_.find(events[i].data.u64)) hear(*child);
    }
  }

  int patience_ms() const {
    SteadyTime next = SteadyTime::max();
    for (const Running& running : running_) next = std::min(next, running.deadline);
    if (next_fork_ > std::chrono::steady_clock::now()) next = std::min(next, next_fork_);
    if (next == SteadyTime::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void hear(CpuChild& child) {
    const auto running = std::ranges::find(running_, &child, &Running::child);
    if (running == running_.end()) {
      lose(child, "misbehaved", nullptr);
      return;
    }
    std::list<Running> heard;
    heard.splice(heard.end(), running_, running);
    const Running& task = heard.front();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - task.started;
    Result<TaskResult> result = child.session.finish(task.work.task, wall.count());
    if (result) {
      children_.give_back(child);
    } else if (const std::string how = after_failure(child, task.work.task, result.error());
               how == kEndedWithZygote && !task.work.begun_before) {
      children_.end_idle();  // they are going, too
      waiting_.push_front(std::move(heard.front().work));
      waiting_.front().begun_before = true;
      return;
    }
    report(heard.front().work, std::move(result));
  }

  // A child is not used again after a task that failed, whoever is to blame. Answers how it ended.
  std::string after_failure(CpuChild& child, const Task& task, Error& error) {
    if (error.code == ErrorCode::kWorkerLied) return lose(child, "lied", &task);
    if (error.code == ErrorCode::kOutOfMemory) return lose(child, "out_of_memory", &task);
    if (error.code != ErrorCode::kWorkerCrashed) return children_.end(child, "");
    const std::string how = lose(child, "crashed", &task);
    error.message = "the sandboxed child doing " + task.describe() + " ended: " + how;
    if (how.starts_with("signal 31")) error.message += ", for a system call that it may not make";
    if (how.starts_with("signal 9 ")) {  // not the task's doing: it must not count against the job
      error.code = ErrorCode::kUnavailable;
      error.message += ", from outside: by a person or for want of memory";
    }
    return how;
  }

  // `task`: what it was doing, if anything.
  std::string lose(CpuChild& child, std::string_view cause, const Task* task) {
    const int pid = child.pid();
    std::string how = children_.end(child, cause);
    log_.warning("child_lost", {{"lane", info_.name},
                                {"pid", pid},
                                {"cause", cause},
                                {"ended", how},
                                {"job", task ? task->job.to_string() : ""},
                                {"trace", task ? task->trace_id : ""}});
    accounts_.child_lost();
    return how;
  }

  void report(TaskOrder& work, Result<TaskResult> result) {
    accounts_.task_ended(result);
    work.done(std::move(result));
  }

  void set_out_of_service(const std::string& reason) {
    log_.error("lane_out_of_service", {{"lane", info_.name}, {"reason", reason}});
    accounts_.out_of_service(reason);
  }

  Error cancelled() const { return {ErrorCode::kCancelled, "the task was given up on lane " + info_.name}; }

  std::chrono::milliseconds timeout_of(const Task& task) const {
    return task.timeout.count() > 0 ? task.timeout : config_.task_timeout;
  }

  const CpuLaneConfig config_;
  const LaneInfo info_;
  Logger& log_;
  LaneAccounts accounts_;
  const UniqueFd epoll_;
  LaneInbox inbox_;

  // Of the lane's thread.
  bool stopping_ = false;
  ChildPool children_;
  std::list<TaskOrder> waiting_;
  std::list<Running> running_;
  SteadyTime next_fork_{};
  std::thread thread_;
};

LaneInfo describe_lane(const CpuLaneConfig& config) {
  const MachineLimits machine = read_machine_limits();
  LaneInfo info;
  info.name = config.name;
  info.kind = "cpu";
  info.slots = config.slots > 0 ? config.slots : machine.cores;
  info.memory_bytes = config.memory_bytes > 0 ? config.memory_bytes : machine.memory_bytes / 2;
  info.device = machine.cpu_model + ", " + std::to_string(info.slots) + (info.slots == 1 ? " slot" : " slots");
  return info;
}

}  // namespace

Result<std::unique_ptr<Lane>> make_cpu_lane(const CpuLaneConfig& config, Zygote& zygote, Metrics& metrics,
                                            Logger& log) {
  TT_TRY(config.validate());
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeId;
  if (!epoll || !wake || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return fail(error_from_errno(errno, "setting up lane " + config.name));
  }
  auto lane =
      std::make_unique<CpuLane>(config, describe_lane(config), zygote, metrics, log, std::move(epoll), std::move(wake));
  TT_TRY(lane->start());
  return lane;
}

}  // namespace tintype
