#include "gateway/jobs/job_publisher.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "core/base/metric_names.h"
#include "core/queue/memory/memory_queue.h"
#include "tests/gateway/store_decorators.h"

namespace tintype {
namespace {

Job job() {
  static std::uint64_t next = 1;
  Job made;
  made.id = SortableId{next++};
  made.owner = "local";
  made.photo = SortableId{1};
  made.recipe = builtin_recipes()[0];
  return made;
}

class Publisher : public testing::Test {
 protected:
  ManualClock clock;
  std::unique_ptr<JobQueue> memory = make_memory_queue({}, clock).value();
  std::function<Status()> fault = [] { return Status(); };
  MoodyQueue queue{*memory, [this] { return fault(); }};
  Metrics metrics;
  Logger log{LogLevel::kOff};
  JobPublisher publisher{queue, clock, metrics, log};
};

TEST_F(Publisher, PublishesAndTakesADuplicateForAnError) {
  const Job one = job();
  EXPECT_TRUE(publisher.publish(one));
  const Status again = publisher.publish(one);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kInternal);
  EXPECT_EQ(metrics.counter(metric::kQueuePublishFailures).value(), 1);
}

TEST_F(Publisher, AsksAQueueThatIsDownOnceASecond) {
  fault = [] { return fail(ErrorCode::kUnavailable, "down"); };
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(publisher.publish(job()));
  EXPECT_EQ(queue.publishes, 1);
  clock.advance_ms(1001);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(publisher.publish(job()));
  EXPECT_EQ(queue.publishes, 2);
  fault = [] { return Status(); };
  clock.advance_ms(1001);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(publisher.publish(job()));
  EXPECT_EQ(metrics.counter(metric::kQueuePublishFailures).value(), 20);
}

TEST_F(Publisher, KeepsAskingAQueueThatIsFull) {
  fault = [] { return fail(ErrorCode::kQueueFull, "full"); };
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(publisher.publish(job()));
  EXPECT_EQ(queue.publishes, 10);
}

TEST_F(Publisher, LetsOneCallerWaitForAQueueThatHangs) {
  std::latch waiting(1), go_on(1);
  fault = [] { return fail(ErrorCode::kUnavailable, "down"); };
  EXPECT_FALSE(publisher.publish(job()));
  clock.advance_ms(1001);
  fault = [&]() -> Status {
    waiting.count_down();
    go_on.wait();
    return {};
  };
  std::jthread prober([&] { EXPECT_TRUE(publisher.publish(job())); });
  waiting.wait();
  EXPECT_FALSE(publisher.publish(job()));  // at once: it would hang otherwise
  EXPECT_EQ(queue.publishes, 2);
  go_on.count_down();
  prober.join();
  fault = [] { return Status(); };
  EXPECT_TRUE(publisher.publish(job()));
}

}  // namespace
}  // namespace tintype
