// What a sweeper enqueues again, and what it leaves alone; on a clock that the test moves.
#include <gtest/gtest.h>

#include <optional>
#include <string_view>

#include "core/queue/memory/memory_queue.h"
#include "scheduler/disposition.h"
#include "scheduler/job_services.h"
#include "scheduler/sweeper.h"
#include "storage_client/failing_store.h"
#include "storage_client/memory/memory_store.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;

class SweeperTest : public ::testing::Test {
 protected:
  // As a gateway that dies before it publishes, unless it `publishes`.
  Job upload(bool publishes, JobClass job_class = JobClass::kUpload) {
    Job job;
    job.owner = "ann";
    job.job_class = job_class;
    job.recipe = builtin_recipes().front();
    job.enqueued_at_ms = clock_.now_ms();
    job.photo = job.id = {static_cast<std::uint64_t>(clock_.now_ms()) << 22 | ++uploads_};
    Photo photo;
    photo.light.photo = job.photo;
    photo.heavy.sha256 = std::string(64, '0');
    photo.heavy.original_key = BlobKey{job.owner, job.photo, 0, "original"}.to_string();
    photo.heavy.job = job;
    EXPECT_TRUE(store_.index->create(job.owner, photo));
    JobRecord record;
    record.job = job;
    EXPECT_TRUE(store_.jobs->put(record));
    if (publishes) {
      EXPECT_TRUE(queue_->publish(job));
    }
    return job;
  }

  void sweep() { sweep(*store_.index); }
  void sweep(PhotoIndex& index) {
    Sweeper(config_, {*store_.blobs, index, *store_.jobs, *queue_, clock_, metrics_, log_, [](JobId) { return false; }})
        .sweep();
  }
  Photo photo_of(const Job& job) { return store_.index->get(job.owner, job.photo).value(); }
  std::uint32_t generation_of(const Job& job) { return photo_of(job).heavy.job.generation; }
  // The next message of the class.
  std::unique_ptr<Delivery> take(JobClass job_class = JobClass::kUpload) {
    auto taken = queue_->fetch(job_class, 1, milliseconds(0)).value();
    return taken.empty() ? nullptr : std::move(taken.front());
  }
  // The job's message comes back after this, as one whose store does not answer.
  void put_off(const Job& job, milliseconds delay) {
    const auto delivery = take(job.job_class);
    ASSERT_TRUE(delivery);
    ASSERT_EQ(delivery->job()->id, job.id);
    ASSERT_TRUE(delivery->nak(delay));
  }

  ManualClock clock_;
  Metrics metrics_;
  Logger log_{LogLevel::kOff};
  const SweeperConfig config_;
  MemoryStore store_ = make_memory_store(clock_);
  std::unique_ptr<JobQueue> queue_ = make_memory_queue({}, clock_).value();
  std::uint64_t uploads_ = 0;
};

TEST_F(SweeperTest, WhatTheQueueLostIsEnqueuedAgain) {
  const Job lost = upload(false);
  clock_.advance_ms(3'900);
  sweep();
  EXPECT_EQ(generation_of(lost), 0u) << "its gateway may be about to publish it";
  clock_.advance_ms(200);
  sweep();
  sweep();
  EXPECT_EQ(generation_of(lost), 1u);
  const auto delivery = take();
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->job()->message_id(), photo_of(lost).heavy.job.message_id());
  EXPECT_EQ(store_.jobs->get(lost.id)->job.generation, 1u);
  EXPECT_FALSE(take());
}

// Just before each of its steps, somebody else does this.
TEST_F(SweeperTest, LeavesAloneWhatIsCompletedOrEnqueuedWhileItLooks) {
  for (const std::string_view step : {"get", "renew_job"}) {
    for (const bool completed : {true, false}) {
      Job job = upload(false);
      const auto index = make_failing(*store_.index, [&](std::string_view method) {
        if (method != step) return InjectedFault::kNone;
        if (completed) {
          EXPECT_TRUE(store_.index->commit_manifest(job.owner, job.photo, Manifest{}, {.complete = true}));
        } else {
          ++job.generation;
          job.enqueued_at_ms = clock_.now_ms();
          EXPECT_TRUE(store_.index->set_job(job.owner, job.photo, job));
        }
        return InjectedFault::kNone;
      });
      clock_.advance_ms(10'000);
      sweep(*index);
      // At the later step its message is out already; whoever gets it finds nothing to do.
      const auto delivery = take();
      EXPECT_EQ(delivery != nullptr, step == "renew_job");
      if (delivery) {
        EXPECT_TRUE(delivery->ack());
      }
      EXPECT_EQ(photo_of(job).light.complete, completed) << step;
      EXPECT_EQ(generation_of(job), job.generation) << step;
      EXPECT_TRUE(store_.index->set_failed(job.owner, job.photo)) << "not to be seen by the next";
    }
  }
}

TEST_F(SweeperTest, FindsWhatTheQueueHasPassedThoughItIsNeverEmpty) {
  const Job lost = upload(false);
  clock_.advance_ms(29'000);
  const Job waits = upload(true);
  put_off(waits, milliseconds(10'000));
  clock_.advance_ms(10'000);
  sweep();
  EXPECT_EQ(generation_of(lost), 0u) << "the oldest message is newer, but clocks may differ by as much";

  const auto delivery = take();
  ASSERT_TRUE(delivery);
  const Job later = upload(true);
  ASSERT_TRUE(store_.index->commit_manifest(waits.owner, waits.photo, Manifest{}, {.complete = true}));
  ASSERT_TRUE(delivery->ack());
  sweep();
  EXPECT_EQ(generation_of(lost), 1u);
  EXPECT_EQ(generation_of(later), 0u);
}

TEST_F(SweeperTest, IsPatientWithWhatMayWaitBehindOlderMessages) {
  const Job first = upload(true);
  put_off(first, std::chrono::hours(1));
  const Job behind = upload(false);
  const Job bulk = upload(false, JobClass::kBulk);
  clock_.advance_ms(120'000);
  sweep();
  EXPECT_EQ(generation_of(first), 0u);
  EXPECT_EQ(generation_of(behind), 0u);
  EXPECT_EQ(generation_of(bulk), 1u) << "a queue of its own, which is empty";
  clock_.advance_ms(480'000);
  sweep();
  EXPECT_EQ(generation_of(behind), 1u);
}

// Else the message that it may still have, of the generation before, would be dropped for one that nobody published.
TEST_F(SweeperTest, AQueueThatRefusesLeavesTheJobAsItWas) {
  queue_ = make_memory_queue({.max_waiting_jobs = 1}, clock_).value();
  const Job lost = upload(false);
  clock_.advance_ms(40'000);
  const Job waits = upload(true);
  clock_.advance_ms(10'000);
  sweep();
  EXPECT_EQ(generation_of(lost), 0u) << "the queue is full";
  ASSERT_TRUE(store_.index->set_failed(waits.owner, waits.photo));
  ASSERT_TRUE(take()->ack());
  sweep();
  EXPECT_EQ(generation_of(lost), 1u);
}

TEST_F(SweeperTest, WhatTheQueueTookForADuplicateIsEnqueuedTheNextTime) {
  const Job lost = upload(false);
  Job next = lost;
  ++next.generation;
  ASSERT_TRUE(queue_->publish(next));  // as another's sweeper that died then, and its message was lost
  ASSERT_TRUE(take()->ack());
  clock_.advance_ms(10'000);
  sweep();
  EXPECT_EQ(generation_of(lost), 1u);
  EXPECT_FALSE(take());
  clock_.advance_ms(10'000);
  sweep();
  EXPECT_EQ(generation_of(lost), 2u);
  EXPECT_EQ(take()->job()->generation, 2u);
}

TEST_F(SweeperTest, ARecordOfWhatRunsAlreadyIsLeftAlone) {
  const Job lost = upload(false);
  const auto index = make_failing(*store_.index, [&](std::string_view method) {
    if (method != "renew_job") return InjectedFault::kNone;
    const auto delivery = take();
    EXPECT_TRUE(delivery) << "published before";
    EXPECT_TRUE(store_.jobs->update(lost.id, [&](JobRecord& record) {
      record.job = delivery->job().value();
      record.state = JobState::kRunning;
      return true;
    }));
    return InjectedFault::kNone;
  });
  clock_.advance_ms(10'000);
  sweep(*index);
  EXPECT_EQ(generation_of(lost), 1u);
  EXPECT_EQ(store_.jobs->get(lost.id)->state, JobState::kRunning);
}

// The store or the queue may be away for most of a day; when it is back, nobody waits much longer.
TEST(Disposition, JobsOutlastALongOutageAndGoOnSoonAfterIt) {
  const JobRunnerConfig config;
  milliseconds waited{0};
  for (int delivery = 1; delivery < config.max_deliveries; ++delivery) {
    const milliseconds delay = retry_delay(config.retry_first_after, delivery);
    EXPECT_LE(delay, std::chrono::seconds(32));
    waited += delay;
  }
  EXPECT_EQ(retry_delay(config.retry_first_after, 3), std::chrono::seconds(4)) << "quick at first";
  EXPECT_GT(waited, std::chrono::hours(20));
}

}  // namespace
}  // namespace tintype
