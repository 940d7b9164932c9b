#include "gateway/jobs/event_hub.h"

#include <algorithm>
#include <format>

#include "core/base/time_text.h"
#include "gateway/json_answer.h"

namespace tintype {
namespace {

// What may wait for a client: some 500 events.
constexpr std::size_t kMaxPendingBytes = 128 << 10;

// A field of the stream ends at its line's end.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

std::string to_stream_text(const Event& event) {
  const Json data = {{"type", event.type},
                     {"job", event.job.to_string()},
                     {"photo", event.photo.to_string()},
                     {"batch", event.batch},
                     {"at", to_rfc3339(event.at_ms)},
                     {"error", event.type == "job.failed" ? to_json_value(event.error) : Json(nullptr)},
                     {"bytes_in", event.bytes_in},
                     {"bytes_out", event.bytes_out}};
  return std::format("id: {}\nevent: {}\ndata: {}\n\n", one_line(event.id), one_line(event.type), json_text(data));
}

}  // namespace

struct EventHub::Listener {
  std::string owner;
  std::string batch;
  std::optional<JobId> job;
  std::mutex mutex;
  std::string pending;
  bool too_slow = false;
  std::function<void()> wake;

  bool wants(const Event& event) const {
    return event.owner == owner && (batch.empty() || event.batch == batch) && (!job || event.job == *job);
  }
  void push(const std::string& text) {
    std::lock_guard lock(mutex);
    const bool was_empty = pending.empty();
    if (pending.size() + text.size() > kMaxPendingBytes) {
      too_slow = true;
    } else {
      pending += text;
    }
    if (wake && (was_empty || too_slow)) wake();
  }
};

class EventHub::Feed final : public http::EventFeed {
 public:
  Feed(EventHub& hub, std::shared_ptr<Listener> listener) : hub_(hub), listener_(std::move(listener)) {}
  ~Feed() override { hub_.forget(listener_.get()); }

  void on_ready(std::function<void()> wake) override {
    std::lock_guard lock(listener_->mutex);
    listener_->wake = std::move(wake);
  }
  std::string take() override {
    std::lock_guard lock(listener_->mutex);
    return std::exchange(listener_->pending, {});
  }
  bool ended() const override {
    std::lock_guard lock(listener_->mutex);
    return listener_->too_slow;
  }

 private:
  EventHub& hub_;
  std::shared_ptr<Listener> listener_;
};

Result<std::unique_ptr<http::EventFeed>> EventHub::listen(const std::string& owner, const std::string& batch,
                                                          std::optional<JobId> job) {
  {
    std::lock_guard lock(subscribing_);
    if (!subscription_) {
      TT_ASSIGN(subscription_, log_.subscribe([this](const Event& event) { on_event(event); }));
    }
  }
  auto listener = std::make_shared<Listener>();
  listener->owner = owner;
  listener->batch = batch;
  listener->job = job;
  listener->pending = ":\n\n";  // the client sees at once that it is listened for
  std::lock_guard lock(mutex_);
  listeners_.push_back(listener);
  return std::make_unique<Feed>(*this, std::move(listener));
}

void EventHub::stop() {
  std::lock_guard lock(subscribing_);
  subscription_.reset();
}

void EventHub::on_event(const Event& event) {
  std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& listener : listeners_) {
    if (!listener->wants(event)) continue;
    if (text.empty()) text = to_stream_text(event);
    listener->push(text);
  }
}

void EventHub::forget(const Listener* listener) {
  std::lock_guard lock(mutex_);
  std::erase_if(listeners_, [&](const auto& held) { return held.get() == listener; });
}

}  // namespace tintype
