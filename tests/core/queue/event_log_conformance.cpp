// What every EventLog must do, run on each implementation.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "core/queue/event_log.h"
#include "tests/core/queue/queue_under_test.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

Event event_number(int number) {
  Event event;
  event.id = std::to_string(number);
  event.type = "job.done";
  event.owner = "ann";
  event.bytes_out = static_cast<std::uint64_t>(number);
  return event;
}

class Received {
 public:
  void add(const Event& event) {
    std::lock_guard lock(mutex_);
    ids_.push_back(event.id);
    changed_.notify_all();
  }
  // The ids so far, once there are `count` or 5 seconds have passed.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 5s, [&] { return ids_.size() >= count; });
    return ids_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> ids_;
};

class EventLogConformance : public testing::TestWithParam<QueueKind> {
 protected:
  void publish(int number) {
    const Status status = queue_.events->publish(event_number(number));
    ASSERT_TRUE(status) << status.error().to_string();
  }
  std::unique_ptr<EventSubscription> subscribe(Received& received) {
    auto subscription = queue_.events->subscribe([&](const Event& event) { received.add(event); });
    EXPECT_TRUE(subscription) << subscription.error().to_string();
    return subscription ? std::move(*subscription) : nullptr;
  }

  QueueUnderTest queue_ = make_queue_under_test(GetParam());
};

TEST_P(EventLogConformance, EveryListenerHearsEveryEventFromThenOnInOrder) {
  publish(1);
  Received first, second;
  auto one = subscribe(first);
  publish(2);
  auto two = subscribe(second);
  publish(3);
  EXPECT_EQ(first.wait_for(2), (std::vector<std::string>{"2", "3"}));
  EXPECT_EQ(second.wait_for(1), (std::vector<std::string>{"3"}));
}

TEST_P(EventLogConformance, ARepeatedEventIsHeardAgain) {
  Received received;
  auto subscription = subscribe(received);
  publish(7);
  publish(7);
  EXPECT_EQ(received.wait_for(2), (std::vector<std::string>{"7", "7"}));
}

TEST_P(EventLogConformance, NoCallComesAfterUnsubscribing) {
  for (int round = 0; round < 20; ++round) {
    std::jthread publisher([&](const std::stop_token& stop) {
      for (int i = 0; !stop.stop_requested(); ++i) publish(round * 100'000 + i);
    });
    {
      auto received = std::make_unique<Received>();  // a later call would write to freed memory
      auto subscription = subscribe(*received);
      received->wait_for(1);
      subscription.reset();
      received.reset();
    }
  }
}

TEST_P(EventLogConformance, AListenerMayPublish) {
  Received received;
  auto echo = queue_.events->subscribe([&](const Event& event) {
    if (event.bytes_out < 3) {
      EXPECT_TRUE(queue_.events->publish(event_number(static_cast<int>(event.bytes_out) + 1)));
    }
    received.add(event);
  });
  ASSERT_TRUE(echo);
  publish(1);
  EXPECT_EQ(received.wait_for(3).size(), 3u);
}

TEST_P(EventLogConformance, ASubscriptionMayOutliveItsLog) {
  Received received;
  auto subscription = subscribe(received);
  publish(1);
  received.wait_for(1);
  queue_.events.reset();
  queue_.jobs.reset();
  subscription.reset();
}

INSTANTIATE_TEST_SUITE_P(Queues, EventLogConformance, testing::Values(QueueKind::kMemory, QueueKind::kNats),
                         [](const auto& param) { return queue_kind_name(param.param); });

}  // namespace
}  // namespace tintype
