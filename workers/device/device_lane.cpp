#include "workers/device/device_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "core/base/metric_names.h"
#include "workers/device/device_abilities.h"
#include "workers/lane_accounts.h"
#include "workers/lane_inbox.h"
#include "workers/wire/lane_session.h"

namespace tintype {

Status DeviceLaneConfig::validate() const {
  const auto bad = [&](const char* what) { return fail(ErrorCode::kInvalidArgument, "lane " + name + ": " + what); };
  if (name.empty()) return fail(ErrorCode::kInvalidArgument, "a device's lane needs a name");
  if (engine.empty()) return bad("it needs an engine");
  if (sessions < 0 || sessions > 64) return bad("sessions must be 0 to 64");
  if (sessions == 0 && device.sessions < 1) return bad("its device has no sessions");
  if (task_timeout.count() <= 0 || start_timeout.count() <= 0) return bad("time-outs must be more than 0");
  if (first_pause.count() <= 0 || rest < first_pause)
    return bad("first_pause must be more than 0 and no longer than rest");
  if (failures_before_rest < 1) return bad("failures_before_rest must be at least 1");
  return {};
}

namespace {

using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

// Who an epoll event is about; which process it was is in the upper half, so that one that is gone is not taken for
// another.
constexpr std::uint32_t kWakeId = 0, kControlId = 1, kFirstSessionId = 2;

class DeviceLane final : public Lane {
 public:
  DeviceLane(const DeviceLaneConfig& config, LaneInfo info, Metrics& metrics, Logger& log, UniqueFd epoll,
             UniqueFd wake)
      : config_(config),
        info_(std::move(info)),
        metrics_(metrics),
        log_(log),
        accounts_(metrics, info_.name),
        epoll_(std::move(epoll)),
        inbox_(std::move(wake)) {
    accounts_.out_of_service("its device is being opened");
    thread_ = std::thread([this] { run(); });
  }

  ~DeviceLane() override {
    inbox_.post(StopOrder{});
    thread_.join();
  }

  const LaneInfo& info() const override { return info_; }
  bool can_run(const Task& task) const override {
    return can_do(config_.device.abilities, task) && estimate_task_bytes(task) <= info_.memory_bytes;
  }
  void submit(Task task, TaskDone done) override { inbox_.post(TaskOrder{std::move(task), std::move(done)}); }
  void cancel(JobId job) override { inbox_.post(CancelOrder{job}); }
  LaneHealth health() const override { return accounts_.health(); }
  void take_out_of_service(const std::string& reason) override { inbox_.post(RetireOrder{reason}); }

 private:
  struct Running {
    TaskOrder work;
    SteadyTime started;
    SteadyTime deadline;
    bool is_cancelled = false;  // its `done` was called
  };
  struct Session {
    explicit Session(UniqueFd its_socket) : socket(std::move(its_socket)), talk(socket.get()) {}
    UniqueFd socket;
    LaneSession talk;
    std::optional<Running> running;
  };
  struct Device {
    explicit Device(DeviceProcess its_process) : process(std::move(its_process)) {}
    DeviceProcess process;
    SteadyTime deadline;          // to be open by
    std::list<Session> sessions;  // none: it is not open yet
  };

  // Everything below runs on the lane's thread.

  void run() {
    while (!stopping_) {
      take_orders();
      start_if_due();
      end_overdue();
      begin_waiting();
      if (!stopping_) wait_for_news();
    }
    std::list<Session> sessions = end_device();
    end_running(sessions, [&](const Running&) { return cancelled(); });
    for (TaskOrder& waiting : waiting_) report(waiting, fail(cancelled()));
  }

  void take_orders() {
    for (LaneOrder& order : inbox_.take_all()) {
      if (auto* waiting = std::get_if<TaskOrder>(&order)) {
        waiting_.push_back(std::move(*waiting));
      } else if (const auto* cancel = std::get_if<CancelOrder>(&order)) {
        give_up(cancel->job);
      } else if (const auto* retire = std::get_if<RetireOrder>(&order)) {
        if (!is_retired_) lose_for_good(retire->reason);
      } else {
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
    if (!device_) return;
    for (Session& session : device_->sessions) {
      if (!session.running || session.running->is_cancelled || session.running->work.task.job != job) continue;
      session.running->is_cancelled = true;
      report(session.running->work, fail(cancelled()));
    }
  }

  void start_if_due() {
    if (device_ || is_retired_ || stopping_ || SteadyClock::now() < next_start_) return;
    Result<DeviceProcess> process = DeviceProcess::start(config_.program, spec(), DevicePurpose::kServe);
    if (!process) {
      count_failure("not_started", process.error().message);
      return;
    }
    metrics_.counter(metric::kDevicesStarted, label({{"lane", info_.name}})).add();
    ++generation_;
    device_.emplace(*std::move(process));
    device_->deadline = SteadyClock::now() + config_.start_timeout;
    if (!watch(device_->process.control_fd(), kControlId)) lose("not_started", "watching its process failed", {});
  }

  DeviceSpec spec() const {
    return {config_.engine, config_.device.address, config_.device.name, config_.path, info_.slots, info_.memory_bytes};
  }

  bool watch(int fd, std::uint32_t id) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = std::uint64_t{generation_} << 32 | id;
    return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  }

  void end_overdue() {
    if (!device_) return;
    const SteadyTime now = SteadyClock::now();
    if (device_->sessions.empty()) {
      if (device_->deadline <= now) {
        lose("timed_out", "its device was not open within " + std::to_string(config_.start_timeout.count()) + " ms",
             {});
      }
      return;
    }
    const auto is_overdue = [&](const Session& session) { return session.running && session.running->deadline <= now; };
    const auto overdue = std::ranges::find_if(device_->sessions, is_overdue);
    if (overdue == device_->sessions.end()) return;
    const std::string what = "task " + overdue->running->work.task.describe() + " took longer than its " +
                             std::to_string(timeout_of(overdue->running->work.task).count()) + " ms";
    lose("timed_out", what, [&](const Running& running) {
      if (running.deadline > now) return with_process(what);
      return Error{ErrorCode::kTimedOut, what + " on lane " + info_.name};
    });
  }

  void begin_waiting() {
    if (!device_ || device_->sessions.empty()) {
      for (TaskOrder& waiting : std::exchange(waiting_, {})) report(waiting, fail(unavailable()));
      accounts_.slots_busy(0);
      return;
    }
    std::size_t busy = 0;
    for (auto session = device_->sessions.begin(); session != device_->sessions.end(); ++session) {
      while (!session->running && !waiting_.empty()) {
        TaskOrder work = std::move(waiting_.front());
        waiting_.pop_front();
        Status begun = begin(*session, work);
        if (begun) break;
        const bool is_gone = begun.error().code == ErrorCode::kUnavailable;
        report(work, fail(std::move(begun).error()));
        if (is_gone) return lose_crashed();
      }
      if (session->running) ++busy;
    }
    accounts_.slots_busy(busy);
  }

  // Moves `work` to the session if it begins.
  Status begin(Session& session, TaskOrder& work) {
    TT_TRY(check_task(work.task));
    if (!can_run(work.task)) {
      return fail(ErrorCode::kUnsupported, "lane " + info_.name + " cannot do task " + work.task.describe());
    }
    TT_TRY(session.talk.begin(work.task));
    const SteadyTime now = SteadyClock::now();
    session.running = Running{std::move(work), now, SteadyTime(), false};
    session.running->deadline = now + timeout_of(session.running->work.task);
    return {};
  }

  void wait_for_news() {
    epoll_event events[64];
    const int count = epoll_wait(epoll_.get(), events, std::size(events), patience_ms());
    for (int i = 0; i < count; ++i) {
      const auto id = static_cast<std::uint32_t>(events[i].data.u64);
      if (id == kWakeId || !device_ || events[i].data.u64 >> 32 != generation_) continue;
      if (id == kControlId) {
        hear_control();
      } else {
        hear(*std::next(device_->sessions.begin(), id - kFirstSessionId));
      }
    }
  }

  int patience_ms() const {
    SteadyTime next = SteadyTime::max();
    if (!device_ && !is_retired_) next = next_start_;
    if (device_ && device_->sessions.empty()) next = device_->deadline;
    if (device_) {
      for (const Session& session : device_->sessions) {
        if (session.running) next = std::min(next, session.running->deadline);
      }
    }
    if (next == SteadyTime::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void hear_control() {
    Result<DeviceProcess::Message> message = device_->process.receive();
    if (!message) {
      if (message.error().code == ErrorCode::kWorkerCrashed) return lose_crashed();
      return lose("lied", message.error().message, {});
    }
    if (auto* error = std::get_if<Error>(&message->report)) {
      const bool was_open = !device_->sessions.empty();
      return lose(was_open ? "device_lost" : "not_opened", error->message, [&](const Running&) {
        return Error{ErrorCode::kWorkerCrashed, "the device of lane " + info_.name + " was lost: " + error->message};
      });
    }
    const auto* opened = std::get_if<DeviceInfo>(&message->report);
    if (!opened || !device_->sessions.empty() || message->sessions.size() != static_cast<std::size_t>(info_.slots)) {
      return lose("lied", "its process answered something else than it was asked", {});
    }
    std::uint32_t id = kFirstSessionId;
    for (UniqueFd& socket : message->sessions) {
      device_->sessions.emplace_back(std::move(socket));
      if (!watch(device_->sessions.back().socket.get(), id++))
        return lose("not_started", "watching its process failed", {});
    }
    log_.info("device_opened", {{"lane", info_.name},
                                {"device", opened->name},
                                {"driver", opened->driver},
                                {"sessions", opened->sessions},
                                {"pid", device_->process.pid()}});
    accounts_.in_service();
  }

  void hear(Session& session) {
    if (!session.running) return lose_crashed();
    const std::chrono::duration<double> wall = SteadyClock::now() - session.running->started;
    Result<TaskResult> result = session.talk.finish(session.running->work.task, wall.count());
    if (!result && result.error().code == ErrorCode::kWorkerCrashed) return lose_crashed();
    if (result) failures_ = 0;
    Running done = *std::exchange(session.running, std::nullopt);
    if (!result && result.error().code == ErrorCode::kWorkerLied) lose("lied", result.error().message, {});
    if (!done.is_cancelled) report(done.work, std::move(result));
  }

  // The process is gone, or going. It may have said why.
  void lose_crashed() {
    if (Result<DeviceProcess::Message> last = device_->process.receive_now(); last) {
      if (const auto* error = std::get_if<Error>(&last->report)) {
        return lose("device_lost", error->message, [&](const Running&) {
          return Error{ErrorCode::kWorkerCrashed, "the device of lane " + info_.name + " was lost: " + error->message};
        });
      }
    }
    const std::string how = device_->process.end();
    const std::string what = "its process ended: " + how;
    lose("crashed", what, [&](const Running& running) {
      if (how.starts_with("signal 9 ")) {  // not the task's doing: it must not count against the job
        return Error{ErrorCode::kUnavailable, "the process of lane " + info_.name +
                                                  " was killed from outside: by a person or for want of memory"};
      }
      return Error{ErrorCode::kWorkerCrashed,
                   "the process of lane " + info_.name + " ended doing " + running.work.task.describe() + ": " + how};
    });
  }

  using WhyEnded = std::function<Error(const Running&)>;

  // Ends the process, if it runs, and with it what it was doing. `why_ended` empty: it was doing nothing.
  // Whoever hears of it finds the lane out of service already.
  void lose(std::string_view cause, const std::string& what, const WhyEnded& why_ended) {
    std::list<Session> sessions = end_device();
    count_failure(cause, what);
    end_running(sessions, why_ended ? why_ended : [&](const Running&) { return with_process(what); });
  }

  // What it was doing is left to be answered.
  std::list<Session> end_device() {
    if (!device_) return {};
    device_->process.end();
    std::list<Session> sessions = std::move(device_->sessions);
    device_.reset();
    return sessions;
  }

  void count_failure(std::string_view cause, const std::string& what) {
    ++failures_;
    const bool rests = failures_ >= config_.failures_before_rest;
    const auto pause =
        rests ? config_.rest : std::min(config_.rest, config_.first_pause * (1 << std::min(failures_ - 1, 20)));
    next_start_ = SteadyClock::now() + pause;
    metrics_.counter(metric::kDevicesLost, label({{"lane", info_.name}, {"cause", cause}})).add();
    accounts_.child_lost();
    set_out_of_service(what + "; it is started again in " + std::to_string(pause.count()) + " ms" +
                       (failures_ > 1 ? ", after " + std::to_string(failures_) + " failures in a row" : ""));
  }

  void lose_for_good(const std::string& reason) {
    is_retired_ = true;
    std::list<Session> sessions = end_device();
    set_out_of_service(reason);
    end_running(sessions, [&](const Running&) { return unavailable(); });
  }

  void end_running(std::list<Session>& sessions, const WhyEnded& why_ended) {
    for (Session& session : sessions) {
      if (!session.running) continue;
      Running ended = *std::exchange(session.running, std::nullopt);
      if (!ended.is_cancelled) report(ended.work, fail(why_ended(ended)));
    }
  }

  void report(TaskOrder& work, Result<TaskResult> result) {
    accounts_.task_ended(result);
    work.done(std::move(result));
  }

  void set_out_of_service(const std::string& reason) {
    log_.error("lane_out_of_service", {{"lane", info_.name}, {"device", config_.device.name}, {"reason", reason}});
    accounts_.out_of_service(reason);
  }

  Error cancelled() const { return {ErrorCode::kCancelled, "the task was given up on lane " + info_.name}; }
  Error unavailable() const {
    return {ErrorCode::kUnavailable, "lane " + info_.name + " is out of service: " + accounts_.health().reason};
  }
  // Of a task that ended with its process for another's sake.
  Error with_process(const std::string& what) const {
    return {ErrorCode::kUnavailable, "the process of lane " + info_.name + " was ended: " + what};
  }

  std::chrono::milliseconds timeout_of(const Task& task) const {
    return task.timeout.count() > 0 ? task.timeout : config_.task_timeout;
  }

  const DeviceLaneConfig config_;
  const LaneInfo info_;
  Metrics& metrics_;
  Logger& log_;
  LaneAccounts accounts_;
  const UniqueFd epoll_;
  LaneInbox inbox_;

  // Of the lane's thread.
  bool stopping_ = false;
  bool is_retired_ = false;
  std::optional<Device> device_;  // none: it waits to be started
  std::uint32_t generation_ = 0;  // of the device's process
  int failures_ = 0;              // in a row
  SteadyTime next_start_{};
  std::list<TaskOrder> waiting_;
  std::thread thread_;
};

LaneInfo describe_lane(const DeviceLaneConfig& config) {
  const DeviceInfo& device = config.device;
  LaneInfo info;
  info.name = config.name;
  info.kind = device.kind;
  info.slots = config.sessions > 0 ? config.sessions : device.sessions;
  info.memory_bytes = config.memory_bytes > 0 ? config.memory_bytes : usable_bytes(device);
  info.device = device.name + (device.driver.empty() ? "" : ", driver " + device.driver);
  return info;
}

}  // namespace

Result<std::unique_ptr<Lane>> make_device_lane(const DeviceLaneConfig& config, Metrics& metrics, Logger& log) {
  TT_TRY(config.validate());
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeId;
  if (!epoll || !wake || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return fail(error_from_errno(errno, "setting up lane " + config.name));
  }
  return std::make_unique<DeviceLane>(config, describe_lane(config), metrics, log, std::move(epoll), std::move(wake));
}

}  // namespace tintype
