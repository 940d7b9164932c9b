// The queue while nats-server is killed, restarted, and robbed of its disk.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "core/queue/nats/nats_queue.h"
#include "core/queue/nats/nats_server.h"
#include "tests/core/queue/sample_job.h"
#include "tests/core/queue/temporary_folder.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Event sample_event() {
  Event event;
  event.id = "1";
  event.type = "job.done";
  return event;
}

template <typename T>
std::string_view outcome(const Result<T>& result) {
  return result ? "ok" : error_name(result.error().code);
}

class NatsRestartTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = start_nats_server({.data_dir = folder_.path()}, log_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    auto queue = connect_nats_queue({.url = server_->url(), .ack_wait = 1s}, clock_, log_);
    ASSERT_TRUE(queue) << queue.error().to_string();
    queue_ = std::move(*queue);
  }
  void kill_server() {
    const int pid = server_->pid();
    if (pid > 0) kill(pid, SIGKILL);
  }
  // Until the queue works again; 20 seconds at most.
  bool wait_until_healthy() {
    for (int i = 0; i < 400; ++i) {
      if (queue_.jobs->health()) return true;
      std::this_thread::sleep_for(50ms);
    }
    return false;
  }

  SystemClock clock_;
  Logger log_{LogLevel::kOff};
  TemporaryFolder folder_;
  std::unique_ptr<NatsServer> server_;
  NatsQueue queue_;
};

TEST_F(NatsRestartTest, CallsFailAtOnceWhileTheServerIsDown) {
  // Stopped for good: its owner would restart it.
  server_.reset();
  std::this_thread::sleep_for(200ms);
  const auto start = Clock::now();
  EXPECT_EQ(outcome(queue_.jobs->publish(sample_job())), "unavailable");
  EXPECT_EQ(outcome(queue_.jobs->health()), "unavailable");
  EXPECT_EQ(outcome(queue_.jobs->depth()), "unavailable");
  EXPECT_EQ(outcome(queue_.events->publish(sample_event())), "unavailable");
  EXPECT_EQ(outcome(queue_.jobs->fetch(JobClass::kUpload, 1, 100ms)), "unavailable");
  EXPECT_LT(Clock::now() - start, 10s);
}

TEST_F(NatsRestartTest, AServerThatHangsIsAnErrorInTimeAndComesBack) {
  auto impatient = connect_nats_queue({.url = server_->url(), .ack_wait = 1s, .request_timeout = 500ms}, clock_, log_);
  ASSERT_TRUE(impatient) << impatient.error().to_string();
  JobQueue& queue = *impatient->jobs;
  const int pid = server_->pid();
  kill(pid, SIGSTOP);
  std::this_thread::sleep_for(100ms);  // it takes a moment to reach all its threads
  const Job job = sample_job();
  const auto start = Clock::now();
  EXPECT_EQ(outcome(queue.publish(job)), "unavailable");
  EXPECT_FALSE(queue.fetch(JobClass::kUpload, 1, 100ms));
  EXPECT_LT(Clock::now() - start, 20s);
  kill(pid, SIGCONT);
  // Whether the first try arrived or not, it is there once.
  bool published = false;
  for (int i = 0; i < 100 && !published; ++i) published = static_cast<bool>(queue.publish(job));
  ASSERT_TRUE(published);
  auto deliveries = queue.fetch(JobClass::kUpload, 10, 5s);
  ASSERT_TRUE(deliveries) << deliveries.error().to_string();
  EXPECT_EQ(deliveries->size(), 1u);
}

TEST_F(NatsRestartTest, AFetchThatWaitsGoesOnAfterARestart) {
  std::jthread killer([&] {
    std::this_thread::sleep_for(300ms);
    kill_server();
    while (!queue_.jobs->publish(sample_job())) std::this_thread::sleep_for(20ms);
  });
  const auto start = Clock::now();
  auto deliveries = queue_.jobs->fetch(JobClass::kUpload, 1, 60s);
  ASSERT_TRUE(deliveries) << deliveries.error().to_string();
  EXPECT_EQ(deliveries->size(), 1u);
  EXPECT_LT(Clock::now() - start, 30s);
}

TEST_F(NatsRestartTest, NoConfirmedJobIsLostWhenTheServerIsKilledUnderLoad) {
  constexpr int kKills = 5;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::set<std::uint64_t> confirmed, delivered;
  std::jthread publisher([&] {
    while (!stop) {
      const Job job = sample_job();
      // Again until it is confirmed, as an unconfirmed one may or may not be there.
      while (!queue_.jobs->publish(job)) {
        if (stop) return;
        std::this_thread::sleep_for(5ms);
      }
      std::lock_guard lock(mutex);
      confirmed.insert(job.id.value);
    }
  });
  const auto consume = [&](std::chrono::milliseconds wait) {
    auto deliveries = queue_.jobs->fetch(JobClass::kUpload, 16, wait);
    if (!deliveries) return std::size_t{0};
    for (auto& delivery : *deliveries) {
      {
        std::lock_guard lock(mutex);
        delivered.insert(delivery->job()->id.value);
      }
      (void)delivery->ack();  // not confirmed: it may come again, or not
    }
    return deliveries->size();
  };
  std::jthread consumer([&] {
    while (!stop) consume(100ms);
  });
  std::minstd_rand random(1);
  for (int i = 0; i < kKills; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + random() % 700));
    kill_server();
  }
  std::this_thread::sleep_for(500ms);
  stop = true;
  publisher.join();
  consumer.join();
  ASSERT_TRUE(wait_until_healthy());
  const auto deadline = Clock::now() + 60s;
  while (Clock::now() < deadline) {
    if (consume(1500ms) == 0) break;
  }
  std::set<std::uint64_t> lost;
  std::ranges::set_difference(confirmed, delivered, std::inserter(lost, lost.end()));
  EXPECT_TRUE(lost.empty()) << lost.size() << " of " << confirmed.size();
  EXPECT_GT(confirmed.size(), 100u);
  RecordProperty("confirmed", static_cast<int>(confirmed.size()));
}

TEST_F(NatsRestartTest, AQueueWhoseDiskWasDeletedIsMadeAnew) {
  ASSERT_TRUE(queue_.jobs->publish(sample_job()));
  const std::string url = server_->url();
  kill_server();
  // Before its owner has restarted it; its files may be there again half way, so more than once.
  std::error_code ignored;
  std::filesystem::remove_all(folder_.path() + "/jetstream", ignored);
  ASSERT_TRUE(wait_until_healthy());
  const Job job = sample_job();
  ASSERT_TRUE(queue_.jobs->publish(job));
  auto deliveries = queue_.jobs->fetch(JobClass::kUpload, 10, 5s);
  ASSERT_TRUE(deliveries) << deliveries.error().to_string();
  ASSERT_EQ(deliveries->size(), 1u) << "only what was published after the loss is there";
  EXPECT_EQ(deliveries->front()->job()->id, job.id);
  EXPECT_TRUE(deliveries->front()->ack());
}

TEST_F(NatsRestartTest, EventsGoOnAfterARestart) {
  std::atomic<int> heard = 0;
  auto subscription = queue_.events->subscribe([&](const Event&) { ++heard; });
  ASSERT_TRUE(subscription);
  const auto hear_one_more = [&] {
    const int before = heard;
    for (int i = 0; i < 400 && heard == before; ++i) {
      (void)queue_.events->publish(sample_event());
      std::this_thread::sleep_for(50ms);
    }
    return heard > before;
  };
  EXPECT_TRUE(hear_one_more());
  kill_server();
  EXPECT_TRUE(hear_one_more());
}

TEST_F(NatsRestartTest, AnAckThatWasConfirmedStandsAfterAKill) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(queue_.jobs->publish(sample_job()));
  auto deliveries = queue_.jobs->fetch(JobClass::kUpload, 20, 2s);
  ASSERT_TRUE(deliveries);
  ASSERT_EQ(deliveries->size(), 20u);
  for (auto& delivery : *deliveries) ASSERT_TRUE(delivery->ack());
  kill_server();
  ASSERT_TRUE(wait_until_healthy());
  auto again = queue_.jobs->fetch(JobClass::kUpload, 20, 1500ms);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty()) << again->size();
}

}  // namespace
}  // namespace tintype
