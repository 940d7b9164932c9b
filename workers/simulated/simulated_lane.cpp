#include "workers/simulated/simulated_lane.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "workers/simulated/made_up_result.h"

namespace tintype {

Status SimulatedLaneConfig::validate() const {
  if (name.empty()) return fail(ErrorCode::kInvalidArgument, "a simulated lane needs a name");
  if (slots < 1) return fail(ErrorCode::kInvalidArgument, "simulated lane " + name + " needs at least one slot");
  if (!service_seconds || !fault || !takes || !out_of_service || !spoil) {
    return fail(ErrorCode::kInvalidArgument, "simulated lane " + name + " needs all its functions");
  }
  return {};
}

namespace {

class SimulatedLane final : public Lane {
 public:
  explicit SimulatedLane(const SimulatedLaneConfig& config)
      : config_(config),
        info_{.name = config.name,
              .kind = config.kind,
              .device = "made-up answers, " + std::to_string(config.slots) + " slots",
              .slots = config.slots,
              .memory_bytes = config.memory_bytes} {
    for (int i = 0; i < config.slots; ++i) workers_.emplace_back([this] { work(); });
  }

  ~SimulatedLane() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  const LaneInfo& info() const override { return info_; }

  bool can_run(const Task& task) const override {
    for (const Step& step : task.steps) {
      const auto* encode = std::get_if<EncodeStep>(&step);
      if (encode && encode->encode.format != ImageFormat::kWebp && encode->encode.format != ImageFormat::kAvif) {
        return false;
      }
    }
    return estimate_task_bytes(task) <= info_.memory_bytes && config_.takes(task);
  }

  void submit(Task task, TaskDone done) override {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::make_unique<Work>(std::move(task), std::move(done)));
    }
    changed_.notify_all();
  }

  void cancel(JobId job) override {
    {
      std::lock_guard lock(mutex_);
      for (auto& work : waiting_) work->cancelled |= work->task.job == job;
      for (Work* work : running_) work->cancelled |= work->task.job == job;
    }
    changed_.notify_all();
  }

  LaneHealth health() const override {
    std::lock_guard lock(mutex_);
    LaneHealth health = health_;
    health.reason = config_.out_of_service();
    if (!health.reason.empty()) health.state = LaneState::kOutOfService;
    return health;
  }

 private:
  struct Work {
    Work(Task t, TaskDone d) : task(std::move(t)), done(std::move(d)) {}
    Task task;
    TaskDone done;
    bool cancelled = false;
  };

  // One slot. Takes everything that waits, also while stopping, so that each `done` is called.
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const std::unique_ptr<Work> work = std::move(waiting_.front());
      waiting_.pop_front();
      running_.push_back(work.get());
      Result<TaskResult> result = serve(*work, lock);
      std::erase(running_, work.get());
      ++(result ? health_.tasks_done : health_.tasks_failed);
      lock.unlock();
      work->done(std::move(result));
      lock.lock();
    }
  }

  Result<TaskResult> serve(Work& work, std::unique_lock<std::mutex>& lock) {
    const auto given_up = [&] { return stopping_ || work.cancelled; };
    lock.unlock();
    const double seconds = config_.service_seconds(work.task);
    lock.lock();
    if (changed_.wait_for(lock, std::chrono::duration<double>(seconds), given_up)) {
      return fail(ErrorCode::kCancelled, "the task was given up on lane " + info_.name);
    }
    lock.unlock();
    Result<TaskResult> result = fail(ErrorCode::kInternal, "");
    if (std::optional<Error> error = config_.fault(work.task)) {
      result = fail(*std::move(error));
    } else {
      result = make_up_result(work.task, config_.source, seconds);
      if (result) config_.spoil(work.task, *result);
    }
    lock.lock();
    return result;
  }

  const SimulatedLaneConfig config_;
  const LaneInfo info_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<std::unique_ptr<Work>> waiting_;
  std::vector<Work*> running_;
  LaneHealth health_;
  std::vector<std::thread> workers_;
};

}  // namespace

Result<std::unique_ptr<Lane>> make_simulated_lane(const SimulatedLaneConfig& config) {
  TT_TRY(config.validate());
  return std::make_unique<SimulatedLane>(config);
}

}  // namespace tintype
