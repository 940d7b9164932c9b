#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

#include "core/queue/memory/memory_queue.h"

namespace tintype {
namespace {

// One listener: its events wait here for its own thread, so that publish() never runs a listener's code.
class Listener {
 public:
  explicit Listener(std::function<void(const Event&)> on_event)
      : on_event_(std::move(on_event)), thread_([this] { run(); }) {}
  ~Listener() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void push(const Event& event) {
    {
      std::lock_guard lock(mutex_);
      events_.push_back(event);
    }
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !events_.empty(); });
      if (stopping_) return;
      const Event event = std::move(events_.front());
      events_.pop_front();
      lock.unlock();
      on_event_(event);
      lock.lock();
    }
  }

  const std::function<void(const Event&)> on_event_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> events_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

struct Listeners {
  std::mutex mutex;
  std::list<Listener*> all;
};

class MemorySubscription final : public EventSubscription {
 public:
  MemorySubscription(std::shared_ptr<Listeners> listeners, std::function<void(const Event&)> on_event)
      : listeners_(std::move(listeners)), listener_(std::move(on_event)) {
    std::lock_guard lock(listeners_->mutex);
    place_ = listeners_->all.insert(listeners_->all.end(), &listener_);
  }
  ~MemorySubscription() override {
    std::lock_guard lock(listeners_->mutex);
    listeners_->all.erase(place_);
  }

 private:
  std::shared_ptr<Listeners> listeners_;
  Listener listener_;
  std::list<Listener*>::iterator place_;
};

class MemoryEventLog final : public EventLog {
 public:
  Status publish(const Event& event) override {
    std::lock_guard lock(listeners_->mutex);
    for (Listener* listener : listeners_->all) listener->push(event);
    return {};
  }

  Result<std::unique_ptr<EventSubscription>> subscribe(std::function<void(const Event&)> on_event) override {
    return std::make_unique<MemorySubscription>(listeners_, std::move(on_event));
  }

 private:
  // Shared with the subscriptions, which may outlive the log.
  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
};

}  // namespace

std::unique_ptr<EventLog> make_memory_event_log() { return std::make_unique<MemoryEventLog>(); }

}  // namespace tintype
