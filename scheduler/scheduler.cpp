#include "scheduler/scheduler.h"

#include <algorithm>
#include <format>
#include <utility>

#include "core/base/metric_names.h"

namespace tintype {

using std::chrono::milliseconds;

Status SchedulerConfig::validate() const {
  if (runner.max_attempts < 1) return fail(ErrorCode::kInvalidArgument, "max_attempts must be at least 1");
  if (fetch_wait < milliseconds(1)) return fail(ErrorCode::kInvalidArgument, "fetch_wait must be positive");
  if (runner.task_timeout < milliseconds(1)) return fail(ErrorCode::kInvalidArgument, "task_timeout must be positive");
  if (sweeper.page < 1) return fail(ErrorCode::kInvalidArgument, "the sweeper's page must be at least 1");
  if (watch_period < milliseconds(1)) return fail(ErrorCode::kInvalidArgument, "watch_period must be positive");
  TT_TRY(runner.cuts.validate());
  TT_TRY(runner.device_checks.validate());
  return pressure.validate();
}

Scheduler::Scheduler(const SchedulerConfig& config, const SchedulerServices& s, std::vector<Lane*> lanes)
    : config_(config),
      services_(s),
      lanes_(std::move(lanes)),
      dispatcher_(config.dispatcher, lanes_, costs_, s.clock),
      runner_(config.runner, {s.blobs, s.index, s.jobs, s.queue, s.events, dispatcher_, s.clock, s.metrics, s.log}),
      sweeper_(config.sweeper, {s.blobs, s.index, s.jobs, s.queue, s.clock, s.metrics, s.log,
                                [this](JobId job) { return runner_.is_active(job); }}),
      yielding_(config.pressure, dispatcher_.host_slots()) {}

Scheduler::~Scheduler() { drain(); }

Status Scheduler::start() {
  TT_ASSIGN(cancellations_, services_.events.subscribe([this](const Event& event) {
    if (event.type == "job.cancel_requested") runner_.cancel(event.job);
  }));
  for (const JobClass job_class : kJobClasses) {
    for (int i = 0; i <= dispatcher_.total_slots(); ++i) threads_.emplace_back([this, job_class] { pull(job_class); });
  }
  sweeper_.start();
  look_at_the_machine();
  watch_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  return {};
}

void Scheduler::pull(JobClass job_class) {
  while (!stopping_) {
    auto fetched = services_.queue.fetch(job_class, 1, config_.fetch_wait);
    if (!fetched) {
      if (stopping_) return;
      services_.log.warning("fetch_failed", {{"class", job_class_name(job_class)}, {"cause", fetched.error().message}});
      std::this_thread::sleep_for(milliseconds(500));
      continue;
    }
    for (auto& delivery : *fetched) {
      if (stopping_) {
        (void)delivery->nak(milliseconds(0));
        continue;
      }
      ++running_;
      runner_.run(std::move(delivery));
      --running_;
    }
  }
}

void Scheduler::watch(const std::stop_token& stop) {
  std::unique_lock lock(watch_mutex_);
  while (!watch_wake_.wait_for(lock, stop, config_.watch_period, [&] { return stop.stop_requested(); })) {
    lock.unlock();
    look_at_the_machine();
    lock.lock();
  }
}

void Scheduler::look_at_the_machine() {
  const Pressure pressure = config_.read_pressure();
  if (yielding_.look(pressure)) {
    dispatcher_.limit_bulk(yielding_.bulk_slots(), yielding_.reason());
    services_.log.info("bulk_slots", {{"slots", yielding_.bulk_slots()}, {"reason", yielding_.reason()}});
  }
  Metrics& metrics = services_.metrics;
  metrics.gauge(metric::kPressure, label({{"resource", "cpu"}})).set(pressure.cpu);
  metrics.gauge(metric::kPressure, label({{"resource", "memory"}})).set(pressure.memory);
  metrics.gauge(metric::kPressure, label({{"resource", "io"}})).set(pressure.io);
  metrics.gauge(metric::kBulkSlots).set(yielding_.bulk_slots());
  const std::vector<LaneHealth> health = dispatcher_.lane_health();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const Lane* lane = lanes_[i];
    const std::string labels = label({{"lane", lane->info().name}, {"kind", lane->info().kind}});
    metrics.gauge(metric::kLaneSlots, labels).set(lane->info().slots);
    metrics.gauge(metric::kLaneMemoryBytes, labels).set(static_cast<double>(lane->info().memory_bytes));
    metrics.gauge(metric::kLaneInService, labels).set(health[i].state == LaneState::kReady ? 1 : 0);
  }
  dispatcher_.poke();  // a lane may have come back, or have gone while tasks wait for it
  const std::lock_guard lock(watch_mutex_);
  yield_report_ = {pressure, dispatcher_.host_slots(), yielding_.bulk_slots(), yielding_.reason()};
}

Status Scheduler::check_lanes() const {
  std::string out;
  for (const LaneReport& lane : lanes()) {
    if (lane.health.state == LaneState::kReady) continue;
    out += std::format("{}{} is out of service: {}", out.empty() ? "" : "; ", lane.info.name, lane.health.reason);
  }
  return out.empty() ? Status() : fail(ErrorCode::kUnavailable, out);
}

YieldReport Scheduler::yielding() const {
  const std::lock_guard lock(watch_mutex_);
  return yield_report_;
}

void Scheduler::drain() {
  if (stopping_.exchange(true)) return;
  watch_.request_stop();
  if (watch_.joinable()) watch_.join();
  sweeper_.stop();
  const double deadline = services_.clock.steady_seconds() + double(config_.drain_timeout.count()) / 1000;
  while (running_ > 0 && services_.clock.steady_seconds() < deadline) std::this_thread::sleep_for(milliseconds(10));
  runner_.begin_shutdown();
  dispatcher_.close();
  runner_.stop_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  cancellations_.reset();
}

std::vector<LaneReport> Scheduler::lanes() const {
  std::vector<LaneReport> reports;
  const std::vector<LearnedRate> rates = costs_.rates();
  const std::vector<LaneHealth> health = dispatcher_.lane_health();
  for (const Lane* lane : lanes_) {
    LaneReport report{lane->info(), health[reports.size()], {}};
    std::ranges::copy_if(rates, std::back_inserter(report.rates),
                         [&](const LearnedRate& rate) { return rate.lane == report.info.name; });
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace tintype
