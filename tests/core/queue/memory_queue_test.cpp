// What only the memory queue can: time that a test moves.
#include "core/queue/memory/memory_queue.h"

#include <gtest/gtest.h>

#include "tests/core/queue/sample_job.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

class MemoryQueueOnManualTime : public testing::Test {
 protected:
  std::size_t fetch_count() { return queue_->fetch(JobClass::kUpload, 10, 0ms)->size(); }

  ManualClock clock_;
  std::unique_ptr<JobQueue> queue_ =
      *make_memory_queue({.ack_wait = 30s, .duplicate_window = 120s, .max_waiting_jobs = 10}, clock_);
};

TEST_F(MemoryQueueOnManualTime, RedeliversExactlyWhenTheAckWaitIsOver) {
  ASSERT_TRUE(queue_->publish(sample_job()));
  EXPECT_EQ(fetch_count(), 1u);
  clock_.advance_ms(29'999);
  EXPECT_EQ(fetch_count(), 0u);
  clock_.advance_ms(1);
  EXPECT_EQ(fetch_count(), 1u);
}

TEST_F(MemoryQueueOnManualTime, ForgetsMessageIdsAfterTheWindow) {
  const Job job = sample_job();
  ASSERT_TRUE(queue_->publish(job));
  clock_.advance_ms(119'999);
  EXPECT_TRUE(queue_->publish(job)->duplicate);
  clock_.advance_ms(1);
  EXPECT_FALSE(queue_->publish(job)->duplicate);
}

TEST_F(MemoryQueueOnManualTime, AStaleDeliveryCannotPutOffOrKeepTheNext) {
  ASSERT_TRUE(queue_->publish(sample_job()));
  auto stale = std::move(queue_->fetch(JobClass::kUpload, 1, 0ms)->front());
  clock_.advance_ms(30'000);
  EXPECT_EQ(fetch_count(), 1u);
  clock_.advance_ms(29'000);
  ASSERT_TRUE(stale->in_progress());
  ASSERT_TRUE(stale->nak(60s));
  clock_.advance_ms(1'000);
  EXPECT_EQ(fetch_count(), 1u) << "the second delivery's ack-wait is over";
}

TEST(MemoryQueueConfig, IsChecked) {
  const SystemClock clock;
  EXPECT_EQ(make_memory_queue({.ack_wait = 0ms}, clock).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(make_memory_queue({.max_waiting_jobs = 0}, clock).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tintype
