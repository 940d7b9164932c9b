#include "core/queue/memory/memory_queue.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <format>
#include <map>
#include <mutex>
#include <unordered_map>

namespace tintype {
namespace {

using std::chrono::milliseconds;

struct Message {
  std::string raw;
  double visible_at = 0;  // seconds on the clock; until then it is owned, or put off by a nak
  std::uint32_t deliveries = 0;
  UnixMs published_at_ms = 0;
  bool in_flight = false;  // delivered and neither settled nor put off
};

struct ClassQueue {
  std::map<std::uint64_t, Message> messages;  // by sequence
  std::uint64_t next_sequence = 1;
  std::unordered_map<std::string, std::uint64_t> recent;      // message id -> sequence, for duplicates
  std::deque<std::pair<double, std::string>> recent_by_time;  // when to forget each
};

double seconds(milliseconds ms) { return std::chrono::duration<double>(ms).count(); }

// What the queue and its deliveries share; a delivery may outlive the queue.
struct State {
  State(const MemoryQueueConfig& cfg, const Clock& c) : config(cfg), clock(c) {}

  ClassQueue& of(JobClass job_class) { return classes[static_cast<std::size_t>(job_class)]; }
  double now() const { return clock.steady_seconds(); }
  void forget_old_ids(ClassQueue& queue) {
    while (!queue.recent_by_time.empty() && queue.recent_by_time.front().first <= now()) {
      queue.recent.erase(queue.recent_by_time.front().second);
      queue.recent_by_time.pop_front();
    }
  }

  const MemoryQueueConfig config;
  const Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::array<ClassQueue, std::size(kJobClasses)> classes;
  std::map<std::uint64_t, DeadLetter> dead;
  std::uint64_t next_dead_sequence = 1;
  bool closed = false;
};

class MemoryDelivery final : public Delivery {
 public:
  MemoryDelivery(std::shared_ptr<State> state, JobClass job_class, std::uint64_t sequence, const Message& message)
      : state_(std::move(state)),
        class_(job_class),
        sequence_(sequence),
        raw_(message.raw),
        job_(parse_job(raw_)),
        delivery_count_(message.deliveries) {}

  const Result<Job>& job() const override { return job_; }
  std::string_view raw() const override { return raw_; }
  std::uint32_t delivery_count() const override { return delivery_count_; }

  Status ack() override {
    std::lock_guard lock(state_->mutex);
    state_->of(class_).messages.erase(sequence_);
    return {};
  }
  Status in_progress() override {
    std::lock_guard lock(state_->mutex);
    if (Message* message = mine()) message->visible_at = state_->now() + seconds(state_->config.ack_wait);
    return {};
  }
  Status nak(milliseconds delay) override {
    {
      std::lock_guard lock(state_->mutex);
      if (Message* message = mine()) {
        message->in_flight = false;
        message->visible_at = state_->now() + seconds(delay);
      }
    }
    state_->changed.notify_all();
    return {};
  }

  // Under the state's lock.
  bool belongs_to(const State& state) const { return state_.get() == &state; }
  void bury(const Error& reason) {
    const std::uint64_t number = state_->next_dead_sequence++;
    state_->dead.emplace(number, DeadLetter{number, job_, raw_, reason, delivery_count_, state_->clock.now_ms()});
    state_->of(class_).messages.erase(sequence_);
  }

 private:
  // The message, while this is its latest delivery.
  Message* mine() {
    auto& messages = state_->of(class_).messages;
    auto it = messages.find(sequence_);
    return it != messages.end() && it->second.deliveries == delivery_count_ ? &it->second : nullptr;
  }

  std::shared_ptr<State> state_;
  JobClass class_;
  std::uint64_t sequence_;
  std::string raw_;
  Result<Job> job_;
  std::uint32_t delivery_count_;
};

class MemoryQueue final : public JobQueue {
 public:
  MemoryQueue(const MemoryQueueConfig& config, const Clock& clock) : state_(std::make_shared<State>(config, clock)) {}
  ~MemoryQueue() override {
    {
      std::lock_guard lock(state_->mutex);
      state_->closed = true;
    }
    state_->changed.notify_all();
  }

  milliseconds ack_wait() const override { return state_->config.ack_wait; }

  Result<PublishAck> publish(const Job& job) override {
    std::string raw = to_json(job);
    std::string id = job.message_id();
    PublishAck ack;
    {
      std::lock_guard lock(state_->mutex);
      ClassQueue& queue = state_->of(job.job_class);
      state_->forget_old_ids(queue);
      if (auto it = queue.recent.find(id); it != queue.recent.end()) {
        return PublishAck{.duplicate = true, .sequence = it->second};
      }
      if (std::ssize(queue.messages) >= state_->config.max_waiting_jobs) {
        return fail(ErrorCode::kQueueFull,
                    std::format("publishing job {} failed: the {} queue holds its maximum of {} jobs; try again later",
                                job.id.to_string(), job_class_name(job.job_class), state_->config.max_waiting_jobs));
      }
      ack.sequence = queue.next_sequence++;
      queue.messages.emplace(ack.sequence, Message{.raw = std::move(raw), .published_at_ms = state_->clock.now_ms()});
      queue.recent.emplace(id, ack.sequence);
      queue.recent_by_time.emplace_back(state_->now() + seconds(state_->config.duplicate_window), std::move(id));
    }
    state_->changed.notify_all();
    return ack;
  }

  Result<std::vector<std::unique_ptr<Delivery>>> fetch(JobClass job_class, int max, milliseconds wait) override {
    const std::shared_ptr<State> state = state_;  // the queue may be destroyed while we wait
    const auto deadline = std::chrono::steady_clock::now() + wait;
    std::unique_lock lock(state->mutex);
    while (true) {
      if (state->closed) return fail(ErrorCode::kUnavailable, "the queue has been closed");
      auto deliveries = take(state, job_class, max);
      const auto left = deadline - std::chrono::steady_clock::now();
      if (!deliveries.empty() || left <= left.zero()) return deliveries;
      // The given clock wakes nobody: what is owned or put off is looked at again and again.
      const bool idle = state->of(job_class).messages.empty();
      state->changed.wait_for(lock, idle ? left : std::min<decltype(left)>(left, milliseconds(2)));
    }
  }

  Status dead_letter(Delivery& delivery, const Error& reason) override {
    auto* ours = dynamic_cast<MemoryDelivery*>(&delivery);
    if (!ours || !ours->belongs_to(*state_)) {
      return fail(ErrorCode::kInvalidArgument, "the delivery came from another queue");
    }
    std::lock_guard lock(state_->mutex);
    ours->bury(reason);
    return {};
  }

  Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after, int max) override {
    std::lock_guard lock(state_->mutex);
    std::vector<DeadLetter> found;
    for (auto it = state_->dead.upper_bound(after); it != state_->dead.end() && std::ssize(found) < max; ++it) {
      found.push_back(it->second);
    }
    return found;
  }
  Result<DeadLetter> read_dead_letter(std::uint64_t sequence) override {
    std::lock_guard lock(state_->mutex);
    auto it = state_->dead.find(sequence);
    if (it == state_->dead.end()) return no_dead_letter(sequence);
    return it->second;
  }
  Status remove_dead_letter(std::uint64_t sequence) override {
    std::lock_guard lock(state_->mutex);
    if (state_->dead.erase(sequence) == 0) return no_dead_letter(sequence);
    return {};
  }

  Result<QueueDepth> depth() override {
    std::lock_guard lock(state_->mutex);
    QueueDepth depth{.classes = {}, .dead = state_->dead.size()};
    for (JobClass job_class : kJobClasses) {
      ClassDepth one{.job_class = job_class};
      for (const auto& [sequence, message] : state_->of(job_class).messages) {
        ++(message.in_flight ? one.in_flight : one.waiting);
        if (one.oldest_at_ms == 0) one.oldest_at_ms = message.published_at_ms;
      }
      depth.classes.push_back(one);
    }
    return depth;
  }

  Status health() override { return {}; }

 private:
  static std::unexpected<Error> no_dead_letter(std::uint64_t sequence) {
    return fail(ErrorCode::kNotFound, std::format("there is no dead letter {}", sequence));
  }

  // Under the state's lock.
  static std::vector<std::unique_ptr<Delivery>> take(const std::shared_ptr<State>& state, JobClass job_class, int max) {
    std::vector<std::unique_ptr<Delivery>> taken;
    const double now = state->now();
    for (auto& [sequence, message] : state->of(job_class).messages) {
      if (std::ssize(taken) >= max) break;
      if (message.visible_at > now) continue;
      message.visible_at = now + seconds(state->config.ack_wait);
      message.in_flight = true;
      ++message.deliveries;
      taken.push_back(std::make_unique<MemoryDelivery>(state, job_class, sequence, message));
    }
    return taken;
  }

  std::shared_ptr<State> state_;
};

}  // namespace

Status MemoryQueueConfig::validate() const {
  if (ack_wait <= milliseconds::zero()) return fail(ErrorCode::kInvalidArgument, "ack_wait must be more than 0");
  if (duplicate_window < milliseconds::zero()) {
    return fail(ErrorCode::kInvalidArgument, "duplicate_window must not be negative");
  }
  if (max_waiting_jobs < 1) return fail(ErrorCode::kInvalidArgument, "max_waiting_jobs must be at least 1");
  return {};
}

Result<std::unique_ptr<JobQueue>> make_memory_queue(const MemoryQueueConfig& config, const Clock& clock) {
  TT_TRY(config.validate());
  return std::make_unique<MemoryQueue>(config, clock);
}

}  // namespace tintype
