// How the dispatcher looks ahead: when each lane will be free, what it would take for a task, and who would wait for
// it.
#include <algorithm>
#include <format>
#include <limits>

#include "scheduler/dispatcher.h"

namespace tintype {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// How much longer a task that has already overrun its prediction will take: nobody knows; half of what it has
// taken so far is what such tasks take in the mean when their times spread as widely as pictures do.
constexpr double kOverrun = 0.5;

}  // namespace

double Dispatcher::lane_free_in(const LaneUse& use, double now) const {
  const auto slots = static_cast<std::size_t>(use.lane->info().slots);
  if (use.running.size() < slots) return 0;
  double soonest = kNever;
  for (const Running& running : use.running) {
    const double left = running.predicted_end - now;
    soonest = std::min(soonest, left > 0 ? left : kOverrun * (now - running.started));
  }
  return soonest;
}

LaneHealth Dispatcher::health_of(const LaneUse& use) const {
  LaneHealth health = use.lane->health();
  if (!use.disbelieved.empty()) {
    health.state = LaneState::kOutOfService;
    health.reason = use.disbelieved;
  }
  return health;
}

// Called with the lock held.
Dispatcher::Outlook Dispatcher::look() const {
  Outlook outlook;
  outlook.now = clock_.steady_seconds();
  for (const LaneUse& use : lanes_) outlook.health.push_back(health_of(use));
  outlook.held.assign(lanes_.size(), false);
  look_when_free(outlook);
  return outlook;
}

void Dispatcher::look_when_free(Outlook& outlook) const {
  outlook.free_in.clear();
  for (const LaneUse& use : lanes_) outlook.free_in.push_back(lane_free_in(use, outlook.now));
  outlook.promised.assign(lanes_.size(), 0);
}

Dispatcher::Candidates Dispatcher::candidates_for(const Task& task, std::uint64_t bytes,
                                                  const std::vector<StepShape>& steps,
                                                  const std::vector<std::string>& only, const Outlook& outlook) const {
  Candidates candidates;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const LaneInfo& info = lanes_[i].lane->info();
    LaneCandidate candidate{info.name, 0, 0, ""};
    if (!only.empty() && !std::ranges::contains(only, info.name)) {
      candidate.excluded = "this part is not for it";
    } else if (!lanes_[i].lane->can_run(task)) {
      candidate.excluded = "cannot do these steps";
    } else if (bytes > info.memory_bytes) {
      candidate.excluded = std::format("needs {} MB, the lane has {} MB", bytes >> 20, info.memory_bytes >> 20);
    } else {
      candidates.is_any_able = true;
      if (outlook.health[i].state != LaneState::kReady) {
        candidate.excluded = "out of service: " + outlook.health[i].reason;
      } else {
        candidate.predicted_work_seconds = costs_.predict(info.name, steps);
        candidate.predicted_wait_seconds = outlook.free_in[i] + outlook.promised[i] / info.slots;
      }
    }
    candidates.lanes.push_back(std::move(candidate));
  }
  return candidates;
}

std::size_t Dispatcher::soonest(const std::vector<LaneCandidate>& lanes, const std::vector<std::string>& avoid) {
  std::size_t best = lanes.size();
  double first_end = kNever;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const LaneCandidate& lane = lanes[i];
    if (!lane.excluded.empty() || std::ranges::contains(avoid, lane.lane)) continue;
    const double end = lane.predicted_wait_seconds + lane.predicted_work_seconds;
    if (end < first_end) {
      first_end = end;
      best = i;
    }
  }
  return best;
}

Foresight Dispatcher::foresee(const Task& task, const std::vector<std::string>& only,
                              const std::vector<std::string>& avoid) const {
  const std::uint64_t bytes = estimate_task_bytes(task);
  const std::vector<StepShape> steps = shape_steps(task);
  const std::lock_guard lock(mutex_);
  Outlook outlook = look();
  std::vector<int> waiting(lanes_.size());
  for (const auto& queue : waiting_) {
    for (const Waiting& other : queue) {
      const Candidates theirs =
          candidates_for(other.request.task, other.bytes, other.steps, other.request.only, outlook);
      const std::size_t lane = soonest(theirs.lanes, other.request.avoid);
      if (lane == lanes_.size()) continue;
      outlook.promised[lane] += theirs.lanes[lane].predicted_work_seconds;
      ++waiting[lane];
    }
  }
  const Candidates candidates = candidates_for(task, bytes, steps, only, outlook);
  const std::size_t best = soonest(candidates.lanes, avoid);
  Foresight foresight;
  if (best == lanes_.size()) {
    for (const LaneCandidate& lane : candidates.lanes) {
      if (std::ranges::contains(avoid, lane.lane) || (!only.empty() && !std::ranges::contains(only, lane.lane)))
        continue;
      foresight.why_none += std::format("{}{}: {}", foresight.why_none.empty() ? "" : "; ", lane.lane, lane.excluded);
    }
    if (foresight.why_none.empty()) foresight.why_none = "no lane is left for it";
    return foresight;
  }
  const LaneInfo& info = lanes_[best].lane->info();
  foresight.lane = info.name;
  foresight.wait_seconds = candidates.lanes[best].predicted_wait_seconds;
  foresight.work_seconds = candidates.lanes[best].predicted_work_seconds;
  foresight.delay_of_others_seconds = foresight.work_seconds * waiting[best] / info.slots;
  foresight.times_seen = costs_.times_seen(info.name, steps);
  foresight.is_idle = lanes_[best].running.empty();
  return foresight;
}

void Dispatcher::take_out_of_service(const std::string& lane, const std::string& reason) {
  Lane* found = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (LaneUse& use : lanes_) {
      if (use.lane->info().name != lane || !use.disbelieved.empty()) continue;
      use.disbelieved = reason;
      found = use.lane;
    }
  }
  if (found) found->take_out_of_service(reason);
  poke();
}

std::vector<LaneHealth> Dispatcher::lane_health() const {
  const std::lock_guard lock(mutex_);
  std::vector<LaneHealth> health;
  for (const LaneUse& use : lanes_) health.push_back(health_of(use));
  return health;
}

}  // namespace tintype
