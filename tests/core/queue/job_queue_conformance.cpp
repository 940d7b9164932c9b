// What every JobQueue must do, run on each implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "core/queue/job_queue.h"
#include "tests/core/queue/queue_under_test.h"
#include "tests/core/queue/sample_job.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Deliveries = std::vector<std::unique_ptr<Delivery>>;
using Clock = std::chrono::steady_clock;

constexpr auto kShortAckWait = 600ms;
constexpr auto kPatientAckWait = 1500ms;  // where a thread that is held up for a while must not lose its delivery
const Error kReason{ErrorCode::kTruncatedImage, "the data ends early"};

class JobQueueConformance : public testing::TestWithParam<QueueKind> {
 protected:
  JobQueue& make(const QueueSettings& settings = {}) {
    queue_ = make_queue_under_test(GetParam(), settings);
    return *queue_.jobs;
  }

  static PublishAck publish(JobQueue& queue, const Job& job) {
    auto ack = queue.publish(job);
    EXPECT_TRUE(ack) << ack.error().to_string();
    return ack.value_or(PublishAck{});
  }
  static Deliveries fetch(JobQueue& queue, JobClass job_class, int max = 10, milliseconds wait = 2s) {
    auto deliveries = queue.fetch(job_class, max, wait);
    EXPECT_TRUE(deliveries) << deliveries.error().to_string();
    return deliveries ? std::move(*deliveries) : Deliveries();
  }
  // Null if none comes.
  static std::unique_ptr<Delivery> fetch_one(JobQueue& queue, JobClass job_class = JobClass::kUpload,
                                             milliseconds wait = 2s) {
    Deliveries deliveries = fetch(queue, job_class, 1, wait);
    return deliveries.empty() ? nullptr : std::move(deliveries.front());
  }
  static void expect_ok(const Status& status) { EXPECT_TRUE(status) << status.error().to_string(); }

  QueueUnderTest queue_;
};

TEST_P(JobQueueConformance, DeliversWhatWasPublishedAndAckRemovesIt) {
  JobQueue& queue = make({.ack_wait = kShortAckWait});
  const Job job = sample_job();
  EXPECT_FALSE(publish(queue, job).duplicate);
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  ASSERT_TRUE(delivery->job()) << delivery->job().error().to_string();
  EXPECT_EQ(delivery->job()->id, job.id);
  EXPECT_EQ(delivery->job()->recipe, job.recipe);
  EXPECT_EQ(delivery->raw(), to_json(job));
  EXPECT_EQ(delivery->delivery_count(), 1u);
  expect_ok(delivery->ack());
  EXPECT_FALSE(fetch_one(queue, JobClass::kUpload, 2 * kShortAckWait));
}

TEST_P(JobQueueConformance, TakesSeveralAtOnceButNoMoreThanAsked) {
  JobQueue& queue = make();
  std::set<std::uint64_t> sequences;
  for (int i = 0; i < 5; ++i) sequences.insert(publish(queue, sample_job()).sequence);
  EXPECT_EQ(sequences.size(), 5u);
  EXPECT_EQ(fetch(queue, JobClass::kUpload, 3).size(), 3u);
  const auto start = Clock::now();
  EXPECT_EQ(fetch(queue, JobClass::kUpload, 10, 60s).size(), 2u);
  EXPECT_LT(Clock::now() - start, 30s) << "what is there must not wait for more";
}

TEST_P(JobQueueConformance, FetchWaitsForTheFirstAndNoLonger) {
  JobQueue& queue = make();
  auto start = Clock::now();
  EXPECT_TRUE(fetch(queue, JobClass::kUpload, 10, 300ms).empty());
  EXPECT_GE(Clock::now() - start, 250ms);
  EXPECT_LT(Clock::now() - start, 10s);

  std::jthread publisher([&] {
    std::this_thread::sleep_for(200ms);
    publish(queue, sample_job());
  });
  start = Clock::now();
  EXPECT_EQ(fetch(queue, JobClass::kUpload, 10, 60s).size(), 1u);
  EXPECT_LT(Clock::now() - start, 30s);
}

TEST_P(JobQueueConformance, AFetchWithoutWaitTakesWhatIsThere) {
  JobQueue& queue = make();
  EXPECT_TRUE(fetch(queue, JobClass::kUpload, 10, 0ms).empty());
  publish(queue, sample_job());
  EXPECT_EQ(fetch(queue, JobClass::kUpload, 10, 0ms).size(), 1u);
}

TEST_P(JobQueueConformance, AnUnsettledDeliveryComesAgainAfterTheAckWait) {
  JobQueue& queue = make({.ack_wait = kPatientAckWait});
  EXPECT_EQ(queue.ack_wait(), kPatientAckWait);
  publish(queue, sample_job());
  auto first = fetch_one(queue);
  ASSERT_TRUE(first);
  EXPECT_FALSE(fetch_one(queue, JobClass::kUpload, 200ms)) << "it is owned";
  auto second = fetch_one(queue, JobClass::kUpload, 20s);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->delivery_count(), 2u);
  EXPECT_EQ(second->raw(), first->raw());
  // Whoever finished first has finished it.
  expect_ok(first->ack());
  EXPECT_FALSE(fetch_one(queue, JobClass::kUpload, kPatientAckWait + 500ms));
}

TEST_P(JobQueueConformance, InProgressKeepsADelivery) {
  JobQueue& queue = make({.ack_wait = kPatientAckWait});
  publish(queue, sample_job());
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  const auto until = Clock::now() + kPatientAckWait + 500ms;
  while (Clock::now() < until) {
    expect_ok(delivery->in_progress());
    EXPECT_FALSE(fetch_one(queue, JobClass::kUpload, 100ms));
  }
  expect_ok(delivery->ack());
}

TEST_P(JobQueueConformance, NakBringsItBackAfterTheDelayAndNotBefore) {
  JobQueue& queue = make();
  publish(queue, sample_job());
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  const auto start = Clock::now();
  expect_ok(delivery->nak(700ms));
  auto again = fetch_one(queue, JobClass::kUpload, 20s);
  ASSERT_TRUE(again);
  EXPECT_GE(Clock::now() - start, 650ms);
  EXPECT_EQ(again->delivery_count(), 2u);
  expect_ok(again->nak(0ms));
  EXPECT_TRUE(fetch_one(queue, JobClass::kUpload, 5s)) << "without a delay it comes at once";
}

TEST_P(JobQueueConformance, TheSameMessageTwiceIsADuplicateAndTheNextGenerationIsNot) {
  JobQueue& queue = make();
  Job job = sample_job();
  const PublishAck first = publish(queue, job);
  const PublishAck second = publish(queue, job);
  EXPECT_TRUE(second.duplicate);
  EXPECT_EQ(second.sequence, first.sequence);
  EXPECT_EQ(fetch(queue, JobClass::kUpload, 10, 500ms).size(), 1u);
  ++job.generation;
  EXPECT_FALSE(publish(queue, job).duplicate);
  EXPECT_EQ(fetch(queue, JobClass::kUpload, 10).size(), 1u);
}

TEST_P(JobQueueConformance, ADuplicateIsKnownAlsoAfterItsJobWasDone) {
  JobQueue& queue = make();
  const Job job = sample_job();
  publish(queue, job);
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  expect_ok(delivery->ack());
  EXPECT_TRUE(publish(queue, job).duplicate);
}

TEST_P(JobQueueConformance, AReplayRightAfterADeadLetterWorks) {
  JobQueue& queue = make();
  Job job = sample_job();
  publish(queue, job);
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  expect_ok(queue.dead_letter(*delivery, kReason));
  std::this_thread::sleep_for(1s);
  ++job.generation;
  EXPECT_FALSE(publish(queue, job).duplicate);
  auto replayed = fetch_one(queue);
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->job()->generation, 1u);
  // And it may die again.
  expect_ok(queue.dead_letter(*replayed, kReason));
  auto letters = queue.dead_letters(0, 10);
  ASSERT_TRUE(letters);
  EXPECT_EQ(letters->size(), 2u);
}

TEST_P(JobQueueConformance, AFullClassRefusesAndTakesAgainWhenThereIsRoom) {
  JobQueue& queue = make({.max_waiting_jobs = 3});
  for (int i = 0; i < 3; ++i) publish(queue, sample_job());
  const Job refused = sample_job();
  auto ack = queue.publish(refused);
  ASSERT_FALSE(ack);
  EXPECT_EQ(ack.error().code, ErrorCode::kQueueFull) << ack.error().to_string();
  EXPECT_TRUE(is_retryable(ack.error().code));
  publish(queue, sample_job(JobClass::kBulk));  // other classes have room of their own

  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  expect_ok(delivery->ack());
  EXPECT_FALSE(publish(queue, refused).duplicate) << "a refused job must not be remembered as taken";
}

TEST_P(JobQueueConformance, ClassesAreIndependent) {
  JobQueue& queue = make();
  // A fetch that waits on one class must not hold up another.
  std::atomic<bool> has_ended = false;
  std::jthread waiting([&] {
    EXPECT_TRUE(fetch_one(queue, JobClass::kInteractive, 60s));
    has_ended = true;
  });
  std::this_thread::sleep_for(100ms);
  const Job bulk = sample_job(JobClass::kBulk);
  publish(queue, bulk);
  auto delivery = fetch_one(queue, JobClass::kBulk);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->job()->id, bulk.id);
  EXPECT_FALSE(fetch_one(queue, JobClass::kUpload, 0ms));
  EXPECT_FALSE(has_ended);
  publish(queue, sample_job(JobClass::kInteractive));
}

TEST_P(JobQueueConformance, ADeadLetterTellsAllAndIsGoneFromItsClass) {
  JobQueue& queue = make({.ack_wait = kShortAckWait});
  const Job job = sample_job(JobClass::kBulk);
  publish(queue, job);
  auto delivery = fetch_one(queue, JobClass::kBulk);
  ASSERT_TRUE(delivery);
  const Error reason{ErrorCode::kTimedOut, "the encoder\nhung on \xff \"x\""};
  expect_ok(queue.dead_letter(*delivery, reason));
  EXPECT_FALSE(fetch_one(queue, JobClass::kBulk, 2 * kShortAckWait));

  auto letters = queue.dead_letters(0, 10);
  ASSERT_TRUE(letters) << letters.error().to_string();
  ASSERT_EQ(letters->size(), 1u);
  const DeadLetter& letter = letters->front();
  ASSERT_TRUE(letter.job);
  EXPECT_EQ(letter.job->id, job.id);
  EXPECT_EQ(letter.raw, to_json(job));
  EXPECT_EQ(letter.reason.code, ErrorCode::kTimedOut);
  EXPECT_TRUE(letter.reason.message.starts_with("the encoder\nhung on "));
  EXPECT_EQ(letter.deliveries, 1u);
  EXPECT_NEAR(double(letter.died_at_ms), double(SystemClock().now_ms()), 60'000);
}

TEST_P(JobQueueConformance, DeadLettersAreListedReadAndRemovedBySequence) {
  JobQueue& queue = make();
  for (int i = 0; i < 5; ++i) publish(queue, sample_job());
  for (auto& delivery : fetch(queue, JobClass::kUpload, 5)) expect_ok(queue.dead_letter(*delivery, kReason));
  auto all = queue.dead_letters(0, 100);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 5u);
  EXPECT_TRUE(std::ranges::is_sorted(*all, {}, &DeadLetter::sequence));

  auto page = queue.dead_letters((*all)[1].sequence, 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ((*page)[0].sequence, (*all)[2].sequence);

  const std::uint64_t third = (*all)[2].sequence;
  auto one = queue.read_dead_letter(third);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->raw, (*all)[2].raw);
  expect_ok(queue.remove_dead_letter(third));
  EXPECT_EQ(queue.read_dead_letter(third).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(queue.remove_dead_letter(third).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(queue.dead_letters(0, 100)->size(), 4u);
  EXPECT_EQ(queue.dead_letters((*all)[1].sequence, 1)->front().sequence, (*all)[3].sequence);
  EXPECT_EQ(queue.read_dead_letter(1'000'000).error().code, ErrorCode::kNotFound);
}

TEST_P(JobQueueConformance, AMessageThatIsNoJobCanBeBuried) {
  JobQueue& queue = make({.ack_wait = kShortAckWait});
  Job job = sample_job();
  job.owner = "not a valid owner/";
  publish(queue, job);
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  ASSERT_FALSE(delivery->job());
  EXPECT_EQ(delivery->raw(), to_json(job));
  expect_ok(queue.dead_letter(*delivery, delivery->job().error()));
  EXPECT_FALSE(fetch_one(queue, JobClass::kUpload, 2 * kShortAckWait));
  auto letters = queue.dead_letters(0, 10);
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 1u);
  EXPECT_FALSE(letters->front().job);
  EXPECT_EQ(letters->front().raw, to_json(job));
}

TEST_P(JobQueueConformance, CountsWhatItHolds) {
  JobQueue& queue = make();
  for (int i = 0; i < 3; ++i) publish(queue, sample_job());
  publish(queue, sample_job(JobClass::kBulk));
  auto owned = fetch_one(queue);
  auto buried = fetch_one(queue, JobClass::kBulk);
  ASSERT_TRUE(owned && buried);
  expect_ok(queue.dead_letter(*buried, kReason));
  auto depth = queue.depth();
  ASSERT_TRUE(depth) << depth.error().to_string();
  EXPECT_EQ(depth->dead, 1u);
  ASSERT_EQ(depth->classes.size(), std::size(kJobClasses));
  for (const ClassDepth& one : depth->classes) {
    const bool upload = one.job_class == JobClass::kUpload;
    EXPECT_EQ(one.waiting, upload ? 2u : 0u) << job_class_name(one.job_class);
    EXPECT_EQ(one.in_flight, upload ? 1u : 0u) << job_class_name(one.job_class);
  }
  expect_ok(queue.health());
}

TEST_P(JobQueueConformance, DestroyingTheQueueEndsItsFetches) {
  make();
  std::atomic<int> waiting = 0;
  std::vector<std::jthread> threads;
  for (JobClass job_class : kJobClasses) {
    threads.emplace_back([&, job_class, queue = queue_.jobs.get()] {
      ++waiting;
      auto deliveries = queue->fetch(job_class, 1, 60s);
      EXPECT_TRUE(!deliveries || deliveries->empty());
    });
  }
  while (waiting < 3) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(200ms);
  const auto start = Clock::now();
  queue_.jobs.reset();
  threads.clear();
  EXPECT_LT(Clock::now() - start, 30s);
}

TEST_P(JobQueueConformance, ADeliveryMayOutliveItsQueue) {
  JobQueue& queue = make();
  publish(queue, sample_job());
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  queue_.jobs.reset();
  queue_.events.reset();
  EXPECT_FALSE(delivery->raw().empty());
  (void)delivery->ack();
}

TEST_P(JobQueueConformance, ADeliveryOfAnotherQueueIsRefused) {
  JobQueue& queue = make();
  publish(queue, sample_job());
  auto delivery = fetch_one(queue);
  ASSERT_TRUE(delivery);
  QueueUnderTest other = make_queue_under_test(GetParam());
  EXPECT_EQ(other.jobs->dead_letter(*delivery, kReason).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(JobQueueConformance, ManyThreadsDoEveryJobOnce) {
  constexpr int kThreads = 4;
  constexpr int kJobsEach = 500;
  JobQueue& queue = make();
  std::mutex mutex;
  std::map<std::uint64_t, int> done;  // job id -> how often
  std::atomic<int> acked = 0;
  const auto deadline = Clock::now() + 100s;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, job_class = kJobClasses[t % 3]] {
        for (int i = 0; i < kJobsEach; ++i) publish(queue, sample_job(job_class));
      });
      threads.emplace_back([&, t] {
        for (int turn = t; acked < kThreads * kJobsEach && Clock::now() < deadline; ++turn) {
          for (auto& delivery : fetch(queue, kJobClasses[turn % 3], 1 + turn % 7, 20ms)) {
            {
              std::lock_guard lock(mutex);
              ++done[delivery->job()->id.value];
            }
            expect_ok(delivery->ack());
            ++acked;
          }
        }
      });
    }
  }
  EXPECT_EQ(done.size(), std::size_t{kThreads * kJobsEach});
  for (const auto& [id, times] : done) EXPECT_EQ(times, 1) << id;
  auto depth = queue.depth();
  ASSERT_TRUE(depth);
  for (const ClassDepth& one : depth->classes) EXPECT_EQ(one.waiting + one.in_flight, 0u);
}

INSTANTIATE_TEST_SUITE_P(Queues, JobQueueConformance, testing::Values(QueueKind::kMemory, QueueKind::kNats),
                         [](const auto& param) { return queue_kind_name(param.param); });

}  // namespace
}  // namespace tintype
