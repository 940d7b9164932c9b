// What only the queue on NATS has: provisioning, and steps that fail half way.
#include "core/queue/nats/nats_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/queue/nats/nats_server.h"
#include "tests/core/queue/nats/raw_nats.h"
#include "tests/core/queue/sample_job.h"
#include "tests/core/queue/temporary_folder.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Error kReason{ErrorCode::kTimedOut, "it hung"};

class NatsQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = start_nats_server({.data_dir = folder_.path()}, log_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    config_.url = server_->url();
    config_.ack_wait = 500ms;
    config_.max_stream_bytes = 64 << 20;
  }
  Result<NatsQueue> connect() { return connect_nats_queue(config_, clock_, log_); }
  NatsQueue must_connect() {
    auto queue = connect();
    EXPECT_TRUE(queue) << queue.error().to_string();
    return queue ? std::move(*queue) : NatsQueue{};
  }
  static std::unique_ptr<Delivery> fetch_one(JobQueue& queue, std::chrono::milliseconds wait = 5s) {
    auto deliveries = queue.fetch(JobClass::kUpload, 1, wait);
    EXPECT_TRUE(deliveries) << deliveries.error().to_string();
    return deliveries && !deliveries->empty() ? std::move(deliveries->front()) : nullptr;
  }

  SystemClock clock_;
  Logger log_{LogLevel::kError};
  TemporaryFolder folder_;
  NatsQueueConfig config_;
  std::unique_ptr<NatsServer> server_;
};

TEST_F(NatsQueueTest, ConnectingAgainFindsEverythingInOrder) {
  NatsQueue first = must_connect();
  ASSERT_TRUE(first.jobs->publish(sample_job()));
  NatsQueue second = must_connect();
  EXPECT_TRUE(fetch_one(*second.jobs));
}

TEST_F(NatsQueueTest, ChangedLimitsAreBroughtUpToDateAndNothingIsLost) {
  ASSERT_TRUE(must_connect().jobs->publish(sample_job()));
  config_.max_waiting_jobs = 2;
  config_.ack_wait = 700ms;
  config_.duplicate_window = 60s;
  NatsQueue queue = must_connect();
  EXPECT_TRUE(queue.jobs->publish(sample_job()));
  EXPECT_EQ(queue.jobs->publish(sample_job()).error().code, ErrorCode::kQueueFull);
  EXPECT_TRUE(fetch_one(*queue.jobs));
}

TEST_F(NatsQueueTest, AConsumerThatCannotBeChangedIsMadeAnewAndNothingIsLost) {
  ASSERT_TRUE(must_connect().jobs->publish(sample_job()));
  config_.max_pull_requests = 77;
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  EXPECT_EQ(raw.max_waiting("TINTYPE_JOBS_UPLOAD", "runners"), 77);
  EXPECT_TRUE(fetch_one(*queue.jobs));
}

TEST_F(NatsQueueTest, AStreamThatCannotBeMadeRightIsAnErrorThatNamesTheSetting) {
  RawNats raw(server_->url());
  const char* subject = "jobs.upload.*";
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = "TINTYPE_JOBS_UPLOAD";
  config.Subjects = &subject;
  config.SubjectsLen = 1;
  config.Retention = js_WorkQueuePolicy;
  config.Storage = js_FileStorage;
  config.MaxConsumers = 7;  // fixed at birth
  ASSERT_TRUE(raw.add_stream(config));
  auto queue = connect();
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(queue.error().message, HasSubstr("stream TINTYPE_JOBS_UPLOAD: max_consumers is 7 on the server and "
                                               "should be -1"));
}

// What a cluster answers that is about to store an earlier try, and will not if its leader goes.
TEST_F(NatsQueueTest, ADuplicateThatIsNotStoredYetIsNoConfirmation) {
  config_.republish_for = 1s;
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  ASSERT_TRUE(raw.delete_stream("TINTYPE_JOBS_UPLOAD"));
  raw.answer("jobs.upload.*",
             {R"({"stream":"TINTYPE_JOBS_UPLOAD","seq":0,"duplicate":true})",
              R"({"error":{"code":409,"err_code":10158,"description":"duplicate message id is in process"},"seq":0})",
              R"({"stream":"TINTYPE_JOBS_UPLOAD","seq":7,"duplicate":true})"});
  const auto ack = queue.jobs->publish(sample_job());
  ASSERT_TRUE(ack) << ack.error().to_string();
  EXPECT_EQ(ack->sequence, 7u);
  EXPECT_FALSE(ack->duplicate);
  EXPECT_EQ(raw.answered(), 3);
}

TEST_F(NatsQueueTest, ADuplicateThatIsNeverStoredIsUnavailable) {
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  ASSERT_TRUE(raw.delete_stream("TINTYPE_JOBS_UPLOAD"));
  raw.answer("jobs.upload.*", {R"({"stream":"TINTYPE_JOBS_UPLOAD","seq":0,"duplicate":true})"});
  const auto ack = queue.jobs->publish(sample_job());
  ASSERT_FALSE(ack);
  EXPECT_EQ(ack.error().code, ErrorCode::kUnavailable) << ack.error().to_string();
}

TEST_F(NatsQueueTest, StreamsThatDoNotFitTheServerAreAnErrorThatSaysSo) {
  config_.max_stream_bytes = 100ll << 30;
  auto queue = connect();
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, ErrorCode::kStorageFull) << queue.error().to_string();
}

TEST_F(NatsQueueTest, FarmsWithTheirOwnPrefixShareAServer) {
  NatsQueue one = must_connect();
  config_.name_prefix = "other-";
  NatsQueue other = must_connect();
  ASSERT_TRUE(one.jobs->publish(sample_job()));
  EXPECT_FALSE(fetch_one(*other.jobs, 300ms));
  EXPECT_TRUE(fetch_one(*one.jobs));
}

TEST_F(NatsQueueTest, AStrangersMessageIsDeliveredAndBuriedByteForByte) {
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  for (const std::string& body : {std::string(), std::string("\0\xff\nrubbish", 10), std::string(200'000, 'x')}) {
    ASSERT_TRUE(raw.publish("jobs.upload.3", body));
    auto delivery = fetch_one(*queue.jobs);
    ASSERT_TRUE(delivery);
    EXPECT_FALSE(delivery->job());
    EXPECT_EQ(delivery->raw(), body);
    const Status buried = queue.jobs->dead_letter(*delivery, delivery->job().error());
    ASSERT_TRUE(buried) << buried.error().to_string();
  }
  EXPECT_EQ(raw.message_count("TINTYPE_JOBS_UPLOAD"), 0);
  auto letters = queue.jobs->dead_letters(0, 10);
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 3u);
  EXPECT_EQ((*letters)[1].raw, std::string("\0\xff\nrubbish", 10));
}

TEST_F(NatsQueueTest, TheSameRubbishTwiceIsTwoDeadLetters) {
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(raw.publish("jobs.upload.3", "rubbish"));
    auto delivery = fetch_one(*queue.jobs);
    ASSERT_TRUE(delivery);
    ASSERT_TRUE(queue.jobs->dead_letter(*delivery, kReason));
  }
  EXPECT_EQ(queue.jobs->dead_letters(0, 10)->size(), 2u);
}

TEST_F(NatsQueueTest, AMessageLargerThanAStreamTakesIsRefused) {
  NatsQueue queue = must_connect();
  Job job = sample_job();
  job.batch = std::string(300'000, 'x');
  auto ack = queue.jobs->publish(job);
  ASSERT_FALSE(ack);
  EXPECT_EQ(ack.error().code, ErrorCode::kInvalidArgument) << ack.error().to_string();
}

// The step before the removal fails: nothing is among the dead letters, and the job comes again.
TEST_F(NatsQueueTest, ADeadLetterThatCannotBeKeptLeavesTheJobInItsClass) {
  NatsQueue queue = must_connect();
  ASSERT_TRUE(queue.jobs->publish(sample_job()));
  auto delivery = fetch_one(*queue.jobs);
  ASSERT_TRUE(delivery);
  RawNats raw(server_->url());
  ASSERT_TRUE(raw.delete_stream("TINTYPE_DEAD"));
  const Status buried = queue.jobs->dead_letter(*delivery, kReason);
  ASSERT_FALSE(buried);
  EXPECT_EQ(buried.error().code, ErrorCode::kUnavailable) << buried.error().to_string();
  EXPECT_EQ(raw.message_count("TINTYPE_JOBS_UPLOAD"), 1);

  auto again = fetch_one(*queue.jobs);
  ASSERT_TRUE(again);
  EXPECT_TRUE(queue.jobs->dead_letter(*again, kReason)) << "the missing stream has been made again";
  EXPECT_EQ(queue.jobs->dead_letters(0, 10)->size(), 1u);
  EXPECT_EQ(raw.message_count("TINTYPE_JOBS_UPLOAD"), 0);
}

// The removal itself fails: the job is among the dead letters and in its class, and once among them in the end.
TEST_F(NatsQueueTest, AJobThatCannotBeRemovedIsInBothAndNeverInNone) {
  NatsQueue queue = must_connect();
  ASSERT_TRUE(queue.jobs->publish(sample_job()));
  auto delivery = fetch_one(*queue.jobs);
  ASSERT_TRUE(delivery);
  RawNats raw(server_->url());
  ASSERT_TRUE(raw.delete_consumer("TINTYPE_JOBS_UPLOAD", "runners"));
  ASSERT_FALSE(queue.jobs->dead_letter(*delivery, kReason));
  EXPECT_EQ(raw.message_count("TINTYPE_DEAD"), 1);
  EXPECT_EQ(raw.message_count("TINTYPE_JOBS_UPLOAD"), 1);

  auto again = fetch_one(*queue.jobs);
  ASSERT_TRUE(again);
  EXPECT_TRUE(queue.jobs->dead_letter(*again, kReason));
  EXPECT_EQ(raw.message_count("TINTYPE_DEAD"), 1);
  EXPECT_EQ(raw.message_count("TINTYPE_JOBS_UPLOAD"), 0);
}

TEST_F(NatsQueueTest, AStreamDeletedUnderWayIsMadeAgain) {
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  ASSERT_TRUE(raw.delete_stream("TINTYPE_JOBS_UPLOAD"));
  const Job job = sample_job();
  auto lost = queue.jobs->publish(job);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable) << lost.error().to_string();
  EXPECT_TRUE(queue.jobs->publish(job));
  EXPECT_TRUE(fetch_one(*queue.jobs));
  EXPECT_TRUE(queue.jobs->health());
}

TEST_F(NatsQueueTest, ADeletedConsumerEndsNoFetch) {
  NatsQueue queue = must_connect();
  RawNats raw(server_->url());
  std::jthread breaker([&] {
    std::this_thread::sleep_for(200ms);
    EXPECT_TRUE(raw.delete_consumer("TINTYPE_JOBS_UPLOAD", "runners"));
    std::this_thread::sleep_for(200ms);
    EXPECT_TRUE(queue.jobs->publish(sample_job()));
  });
  EXPECT_TRUE(fetch_one(*queue.jobs, 10s));
}

TEST_F(NatsQueueTest, MoreOwnedThanMaxAckPendingWaits) {
  config_.max_ack_pending = 2;
  NatsQueue queue = must_connect();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.jobs->publish(sample_job()));
  auto owned = queue.jobs->fetch(JobClass::kUpload, 10, 200ms);
  ASSERT_TRUE(owned);
  EXPECT_EQ(owned->size(), 2u);
  EXPECT_FALSE(fetch_one(*queue.jobs, 200ms));
  ASSERT_TRUE(owned->front()->ack());
  EXPECT_TRUE(fetch_one(*queue.jobs));
}

TEST_F(NatsQueueTest, SettingsAreChecked) {
  const auto refused = [&](auto change) {
    NatsQueueConfig config = config_;
    change(config);
    auto queue = connect_nats_queue(config, clock_, log_);
    return !queue && queue.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](NatsQueueConfig& c) { c.url = ""; }));
  EXPECT_TRUE(refused([](NatsQueueConfig& c) { c.name_prefix = "a.b"; }));
  EXPECT_TRUE(refused([](NatsQueueConfig& c) { c.shards = 0; }));
  EXPECT_TRUE(refused([](NatsQueueConfig& c) { c.ack_wait = 0ms; }));
  EXPECT_TRUE(refused([](NatsQueueConfig& c) { c.replicas = 0; }));
  EXPECT_TRUE(refused([](NatsQueueConfig& c) { c.max_ack_pending = 0; }));
}

}  // namespace
}  // namespace tintype
