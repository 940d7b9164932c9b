#include "scheduler/dispatcher.h"

#include <algorithm>
#include <format>
#include <future>
#include <utility>

namespace tintype {
namespace {

constexpr const char* kShuttingDown = "the node is shutting down";

std::string explain(const std::vector<LaneCandidate>& candidates, const LaneCandidate& best) {
  const double finish = best.predicted_wait_seconds + best.predicted_work_seconds;
  std::string text = std::format("{} is predicted to finish it first, {:.2f} s from now", best.lane, finish);
  for (const LaneCandidate& other : candidates) {
    if (&other == &best) continue;
    if (!other.excluded.empty()) {
      text += std::format("; {}: {}", other.lane, other.excluded);
    } else {
      text += std::format("; {} would need {:.2f} s", other.lane,
                          other.predicted_wait_seconds + other.predicted_work_seconds);
    }
  }
  return text;
}

}  // namespace

struct Dispatcher::Placement {
  std::size_t lane = 0;  // past the last one: refused
  ErrorCode refusal = ErrorCode::kUnsupported;
  std::uint64_t id = 0;
  JobClass job_class = JobClass::kUpload;
  double predicted = 0;
  Decision decision;
  std::vector<StepShape> steps;
  Task task;
  PlacedDone done;
};

Dispatcher::Dispatcher(const DispatcherConfig& config, const std::vector<Lane*>& lanes, CostModel& costs,
                       const Clock& clock)
    : config_(config), costs_(costs), clock_(clock), shares_(config.shares) {
  for (Lane* lane : lanes) lanes_.emplace_back().lane = lane;
  bulk_slots_ = host_slots();
}

Dispatcher::~Dispatcher() {
  close();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] {
    return std::ranges::all_of(lanes_, [](const LaneUse& use) { return use.running.empty() && use.finishing == 0; });
  });
}

void Dispatcher::submit(PlaceRequest request, PlacedDone done) {
  std::vector<Placement> placements;
  {
    std::unique_lock lock(mutex_);
    Waiting waiting{std::move(request), std::move(done), clock_.steady_seconds(), 0, {}};
    if (closed_) {
      lock.unlock();
      give_up(waiting, kShuttingDown);
      return;
    }
    waiting.bytes = estimate_task_bytes(waiting.request.task);
    waiting.steps = shape_steps(waiting.request.task);
    auto& queue = waiting_[static_cast<std::size_t>(waiting.request.task.job_class)];
    const auto place = std::find_if(queue.rbegin(), queue.rend(), [&](const Waiting& other) {
                         return other.request.order <= waiting.request.order;
                       }).base();
    queue.insert(place, std::move(waiting));
    placements = choose_placements();
  }
  start(std::move(placements));
}

Placed Dispatcher::place_and_wait(PlaceRequest request) {
  std::promise<Placed> promise;
  std::future<Placed> placed = promise.get_future();
  submit(std::move(request), [&promise](Placed answer) { promise.set_value(std::move(answer)); });
  return placed.get();
}

// Called with the lock held.
bool Dispatcher::bulk_has_its_slots() const {
  std::ptrdiff_t running = 0;
  for (const LaneUse& use : lanes_) {
    if (!is_device(use.lane->info())) running += std::ranges::count(use.running, JobClass::kBulk, &Running::job_class);
  }
  return running >= bulk_slots_;
}

bool Dispatcher::is_for_devices(const PlaceRequest& request) const {
  return !request.only.empty() && std::ranges::none_of(lanes_, [&](const LaneUse& use) {
    return !is_device(use.lane->info()) && std::ranges::contains(request.only, use.lane->info().name);
  });
}

void Dispatcher::limit_bulk(int slots, const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    bulk_slots_ = std::max(1, slots);
    bulk_reason_ = reason;
  }
  poke();
}

// Called with the lock held.
std::vector<Dispatcher::Placement> Dispatcher::choose_placements() {
  std::vector<Placement> placements;
  const bool any_slot = std::ranges::any_of(
      lanes_, [](const LaneUse& use) { return std::cmp_less(use.running.size(), use.lane->info().slots); });
  if (!any_slot) return placements;

  Outlook outlook = look();
  for (bool placed = true; placed;) {
    placed = false;
    look_when_free(outlook);

    std::array<bool, 3> has_waiting{};
    for (std::size_t c = 0; c < 3; ++c) has_waiting[c] = !waiting_[c].empty();
    for (const JobClass job_class : shares_.order(has_waiting)) {
      auto& queue = waiting_[static_cast<std::size_t>(job_class)];
      int looked_at = 0;
      for (auto it = queue.begin(); it != queue.end() && looked_at < config_.lookahead; ++it, ++looked_at) {
        if (!try_place(*it, outlook, placements)) continue;
        queue.erase(it);
        placed = true;  // whose turn it is may have changed: start over
        break;
      }
      if (placed) break;
    }
  }
  return placements;
}

// Called with the lock held. True if the task was taken from the queue: placed, or answered.
bool Dispatcher::try_place(Waiting& waiting, Outlook& outlook, std::vector<Placement>& placements) {
  const Task& task = waiting.request.task;
  if (task.job_class == JobClass::kBulk && !bulk_reason_.empty() && !is_for_devices(waiting.request) &&
      bulk_has_its_slots()) {
    waiting.held_back =
        std::format("; it waited while bulk jobs had {} of {} slots: {}", bulk_slots_, host_slots(), bulk_reason_);
    return false;
  }
  auto [candidates, is_any_able] = candidates_for(task, waiting.bytes, waiting.steps, waiting.request.only, outlook);
  const auto& avoid = waiting.request.avoid;
  std::size_t best = soonest(candidates, avoid);
  const bool again_where_it_failed = best == candidates.size() && !waiting.request.has_another_way;
  if (again_where_it_failed) best = soonest(candidates, {});

  Decision decision;
  decision.task = task.describe();
  decision.waited_seconds = outlook.now - waiting.since;
  if (best == candidates.size()) {
    if (is_any_able && !waiting.request.has_another_way)
      return false;  // a lane that could is out of service: it may come back
    decision.candidates = std::move(candidates);
    refuse(waiting, std::move(decision), is_any_able ? ErrorCode::kUnavailable : ErrorCode::kUnsupported, placements);
    return true;
  }

  LaneUse& use = lanes_[best];
  const LaneInfo& info = use.lane->info();
  const bool slot_free = std::cmp_less(use.running.size(), info.slots);
  const bool bytes_free = use.bytes + waiting.bytes <= info.memory_bytes;
  if (!slot_free || !bytes_free || outlook.held[best] || outlook.promised[best] > 0) {
    outlook.promised[best] += candidates[best].predicted_work_seconds;
    if (slot_free && !bytes_free && decision.waited_seconds > config_.bytes_patience_seconds) outlook.held[best] = true;
    return false;
  }

  decision.chosen = info.name;
  decision.reason = explain(candidates, candidates[best]);
  if (again_where_it_failed) decision.reason += "; it failed there before, but no other lane can do it";
  for (const std::string& name : avoid) {
    if (name != info.name) decision.reason += std::format("; {} failed it before", name);
  }
  decision.reason += waiting.held_back;
  if (!waiting.request.note.empty()) decision.reason += "; " + waiting.request.note;
  decision.candidates = std::move(candidates);

  Placement placement;
  placement.lane = best;
  placement.id = next_id_++;
  const JobClass task_class = task.job_class;  // the task is moved from below
  placement.job_class = task_class;
  placement.predicted = decision.candidates[best].predicted_work_seconds;
  placement.decision = std::move(decision);
  placement.steps = std::move(waiting.steps);
  placement.task = std::move(waiting.request.task);
  placement.done = std::move(waiting.done);
  use.bytes += waiting.bytes;
  use.running.push_back({placement.id, waiting.bytes, task_class, outlook.now, outlook.now + placement.predicted});
  shares_.charge(placement.job_class, placement.predicted);
  placements.push_back(std::move(placement));
  return true;
}

// Takes it from the queue with an answer that says why of each lane.
void Dispatcher::refuse(Waiting& waiting, Decision decision, ErrorCode code, std::vector<Placement>& placements) const {
  decision.reason = code == ErrorCode::kUnavailable
                        ? "every lane that could do it is out of service or failed it before"
                        : "no lane of this node can do it";
  for (const LaneCandidate& c : decision.candidates) {
    decision.reason += std::format("; {}: {}", c.lane, c.excluded.empty() ? "failed it before" : c.excluded);
  }
  decision.outcome = error_name(code);
  Placement refused;
  refused.lane = lanes_.size();
  refused.refusal = code;
  refused.decision = std::move(decision);
  refused.task = std::move(waiting.request.task);
  refused.done = std::move(waiting.done);
  placements.push_back(std::move(refused));
}

// Called without the lock: lanes and callbacks may call back.
void Dispatcher::start(std::vector<Placement> placements) {
  for (Placement& placement : placements) {
    if (placement.lane == lanes_.size()) {
      Placed refused{fail(placement.refusal, placement.decision.reason), std::move(placement.decision)};
      placement.done(std::move(refused));
      continue;
    }
    Lane& lane = *lanes_[placement.lane].lane;
    Task task = std::move(placement.task);
    lane.submit(std::move(task), [this, p = std::move(placement)](Result<TaskResult> result) mutable {
      finish(std::move(p), std::move(result));
    });
  }
}

void Dispatcher::finish(Placement placement, Result<TaskResult> result) {
  const std::string& lane = lanes_[placement.lane].lane->info().name;
  if (result) costs_.observe(lane, placement.steps, *result);

  std::vector<Placement> next;
  {
    const std::lock_guard lock(mutex_);
    LaneUse& use = lanes_[placement.lane];
    const auto running = std::ranges::find(use.running, placement.id, &Running::id);
    const double worked = clock_.steady_seconds() - running->started;
    use.bytes -= running->bytes;
    use.running.erase(running);
    ++use.finishing;
    shares_.charge(placement.job_class, worked - placement.predicted);
    placement.decision.worked_seconds = worked;
    placement.decision.outcome = result ? "ok" : std::string(error_name(result.error().code));
    next = choose_placements();
  }
  start(std::move(next));
  placement.done({std::move(result), std::move(placement.decision)});
  const std::lock_guard lock(mutex_);
  --lanes_[placement.lane].finishing;
  idle_.notify_all();
}

void Dispatcher::cancel(JobId job) {
  std::list<Waiting> cancelled;
  {
    const std::lock_guard lock(mutex_);
    for (auto& queue : waiting_) {
      for (auto it = queue.begin(); it != queue.end();) {
        const auto next = std::next(it);
        if (it->request.task.job == job) cancelled.splice(cancelled.end(), queue, it);
        it = next;
      }
    }
  }
  for (Waiting& waiting : cancelled) give_up(waiting, "the job was cancelled");
  for (LaneUse& use : lanes_) use.lane->cancel(job);
}

void Dispatcher::poke() {
  std::vector<Placement> placements;
  {
    const std::lock_guard lock(mutex_);
    placements = choose_placements();
  }
  start(std::move(placements));
}

void Dispatcher::close() {
  std::list<Waiting> cancelled;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& queue : waiting_) cancelled.splice(cancelled.end(), queue);
  }
  for (Waiting& waiting : cancelled) give_up(waiting, kShuttingDown);
}

// Called without the lock, of what no lane has been given.
void Dispatcher::give_up(Waiting& waiting, const char* why) const {
  Decision decision;
  decision.task = waiting.request.task.describe();
  decision.reason = std::format("{} while it waited", why);
  decision.waited_seconds = clock_.steady_seconds() - waiting.since;
  decision.outcome = error_name(ErrorCode::kCancelled);
  waiting.done({fail(ErrorCode::kCancelled, why), std::move(decision)});
}

int Dispatcher::idle_slots() const {
  const std::lock_guard lock(mutex_);
  int idle = 0;
  for (const LaneUse& use : lanes_) {
    if (is_device(use.lane->info()) || health_of(use).state != LaneState::kReady) continue;
    idle += std::max(0, use.lane->info().slots - static_cast<int>(use.running.size()));
  }
  return idle;
}

int Dispatcher::host_slots() const {
  int slots = 0;
  for (const LaneUse& use : lanes_) slots += is_device(use.lane->info()) ? 0 : use.lane->info().slots;
  return slots;
}

int Dispatcher::total_slots() const {
  int slots = 0;
  for (const LaneUse& use : lanes_) slots += use.lane->info().slots;
  return slots;
}

}  // namespace tintype
