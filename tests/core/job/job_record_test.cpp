#include "core/job/job_record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/core/job/samples.h"

namespace tintype {
namespace {

TEST(JobRecordTest, StatesComeBackFromTheirNames) {
  for (JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kDone, JobState::kFailed, JobState::kCancelled}) {
    EXPECT_EQ(parse_job_state(job_state_name(state)).value(), state);
  }
  EXPECT_FALSE(parse_job_state("lost"));
  EXPECT_FALSE(is_final(JobState::kRunning));
  EXPECT_TRUE(is_final(JobState::kCancelled));
}

TEST(JobRecordTest, AWrittenRecordComesBack) {
  const JobRecord record = sample_record();
  const auto again = parse_job_record(to_json(record));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(same_job(again->job, record.job));
  EXPECT_EQ(again->state, record.state);
  EXPECT_EQ(again->failure->code, record.failure->code);
  EXPECT_EQ(again->failure->message, record.failure->message);
  EXPECT_EQ(again->bytes_in, record.bytes_in);
  EXPECT_EQ(again->bytes_out, record.bytes_out);
  EXPECT_EQ(again->updated_at_ms, record.updated_at_ms);
  EXPECT_EQ(again->cancel_requested, record.cancel_requested);
  ASSERT_EQ(again->attempts.size(), 1u);

  const Attempt& attempt = again->attempts[0];
  EXPECT_EQ(attempt.number, 2);
  EXPECT_EQ(attempt.node, "node-a");
  EXPECT_EQ(attempt.started_at_ms, record.attempts[0].started_at_ms);
  EXPECT_EQ(attempt.ended_at_ms, record.attempts[0].ended_at_ms);
  EXPECT_EQ(attempt.error->code, ErrorCode::kWorkerCrashed);
  ASSERT_EQ(attempt.decisions.size(), 1u);

  const Decision& decision = attempt.decisions[0];
  const Decision& expected = record.attempts[0].decisions[0];
  EXPECT_EQ(decision.task, expected.task);
  EXPECT_EQ(decision.chosen, expected.chosen);
  EXPECT_EQ(decision.reason, expected.reason);
  EXPECT_EQ(decision.waited_seconds, expected.waited_seconds);
  EXPECT_EQ(decision.worked_seconds, expected.worked_seconds);
  EXPECT_EQ(decision.outcome, expected.outcome);
  ASSERT_EQ(decision.candidates.size(), 2u);
  EXPECT_EQ(decision.candidates[0].lane, "cpu");
  EXPECT_EQ(decision.candidates[0].predicted_wait_seconds, 0.25);
  EXPECT_EQ(decision.candidates[0].predicted_work_seconds, 1.5);
  EXPECT_EQ(decision.candidates[1].excluded, "does not take GIF");
}

TEST(JobRecordTest, AFreshRecordHasNoFailure) {
  JobRecord record;
  record.job = sample_job();
  record.attempts.emplace_back();
  const auto again = parse_job_record(to_json(record));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->failure);
  EXPECT_FALSE(again->attempts[0].error);
  EXPECT_FALSE(again->cancel_requested);
}

TEST(JobRecordTest, TheLastTenAttemptsAreKept) {
  JobRecord record = sample_record();
  record.attempts.clear();
  for (int i = 1; i <= 13; ++i) record.attempts.emplace_back().number = i;
  const auto again = parse_job_record(to_json(record));
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->attempts.size(), 10u);
  EXPECT_EQ(again->attempts.front().number, 4);
  EXPECT_EQ(again->attempts.back().number, 13);
}

TEST(JobRecordTest, APredictionOfNeverComesBack) {
  JobRecord record = sample_record();
  record.attempts[0].decisions[0].candidates[1].predicted_wait_seconds = std::numeric_limits<double>::infinity();
  const auto again = parse_job_record(to_json(record));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::isinf(again->attempts[0].decisions[0].candidates[1].predicted_wait_seconds));
}

TEST(JobRecordTest, NoPrefixIsARecord) {
  const std::string json = to_json(sample_record());
  for (std::size_t size = 0; size < json.size(); ++size) {
    ASSERT_FALSE(parse_job_record(std::string_view(json).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace tintype
