// What every JobStore keeps of its contract.
#include <gtest/gtest.h>

#include <thread>

#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;

class JobStoreConformance : public ::testing::TestWithParam<StoreCase> {
 protected:
  JobStore& jobs() { return store_->jobs(); }

  std::vector<JobId> list(const JobQuery& query) {
    std::vector<JobId> ids;
    auto page = jobs().list(query);
    EXPECT_TRUE(page);
    if (page) {
      for (const JobRecord& record : page->records) ids.push_back(record.job.id);
    }
    return ids;
  }

  ManualClock clock_{kNowMs};
  std::unique_ptr<StoreUnderTest> store_ = GetParam().make(clock_);
};

TEST_P(JobStoreConformance, ARecordReadsBackAndIsReplaced) {
  JobRecord record = sample_record(photo_id(kNowMs));
  record.attempts.push_back({.number = 1, .node = "n", .error = Error{ErrorCode::kTimedOut, "too slow"}});
  record.failure = Error{ErrorCode::kCorruptImage, "no end"};
  ASSERT_TRUE(jobs().put(record));
  EXPECT_EQ(to_json(*jobs().get(record.job.id)), to_json(record));
  record.state = JobState::kFailed;
  ASSERT_TRUE(jobs().put(record));
  EXPECT_EQ(to_json(*jobs().get(record.job.id)), to_json(record));
  EXPECT_EQ(jobs().get(photo_id(kNowMs, 1)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(list({}).size(), 1u);
}

TEST_P(JobStoreConformance, RefusesAJobThatTheQueueWould) {
  EXPECT_EQ(jobs().put(JobRecord{}).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(JobStoreConformance, AnUpdateAnswersWhatItLeft) {
  const JobId id = photo_id(kNowMs);
  const auto run = [](JobRecord& record) {
    record.state = JobState::kRunning;
    return true;
  };
  EXPECT_EQ(jobs().update(id, run).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(jobs().put(sample_record(id)));
  EXPECT_EQ(jobs().update(id, run)->state, JobState::kRunning);
  EXPECT_EQ(jobs().get(id)->state, JobState::kRunning);
  auto left = jobs().update(id, [](JobRecord& record) {
    record.state = JobState::kDone;
    return false;
  });
  EXPECT_EQ(left->state, JobState::kRunning) << "the change was taken back";
  EXPECT_EQ(jobs().get(id)->state, JobState::kRunning);
}

TEST_P(JobStoreConformance, ListsNewestFirstByEachFilter) {
  std::vector<JobRecord> records;
  for (std::uint64_t i = 0; i < 24; ++i) {
    JobRecord record = sample_record(photo_id(kNowMs + static_cast<UnixMs>(i)), i % 2 == 0 ? "anna" : "bert");
    record.state = i % 3 == 0 ? JobState::kFailed : JobState::kDone;
    record.job.job_class = i % 4 == 0 ? JobClass::kBulk : JobClass::kUpload;
    record.job.batch = i < 10 ? "b1" : "";
    ASSERT_TRUE(jobs().put(record));
    records.insert(records.begin(), record);
  }
  const auto expect = [&](const JobQuery& query, const std::function<bool(const JobRecord&)>& wanted) {
    std::vector<JobId> ids;
    for (const JobRecord& record : records) {
      if (wanted(record)) ids.push_back(record.job.id);
    }
    EXPECT_EQ(list(query), ids);
    EXPECT_FALSE(ids.empty());
  };
  JobQuery query;
  expect(query, [](const JobRecord&) { return true; });
  query.state = JobState::kFailed;
  expect(query, [](const JobRecord& r) { return r.state == JobState::kFailed; });
  query.owner = "anna";
  expect(query, [](const JobRecord& r) { return r.state == JobState::kFailed && r.job.owner == "anna"; });
  query.batch = "b1";
  query.state.reset();
  expect(query, [](const JobRecord& r) { return r.job.batch == "b1" && r.job.owner == "anna"; });
  query = {};
  query.job_class = JobClass::kBulk;
  expect(query, [](const JobRecord& r) { return r.job.job_class == JobClass::kBulk; });
}

TEST_P(JobStoreConformance, PagesJoinToTheWholeList) {
  for (int i = 0; i < 25; ++i) {
    JobRecord record = sample_record(photo_id(kNowMs + i));
    record.state = i % 2 == 0 ? JobState::kDone : JobState::kQueued;
    ASSERT_TRUE(jobs().put(record));
  }
  for (int limit : {1, 4, 13, 14}) {
    JobQuery query;
    query.state = JobState::kDone;
    const auto whole = list(query);
    EXPECT_EQ(whole.size(), 13u);
    std::vector<JobId> joined;
    query.limit = limit;
    do {
      auto page = jobs().list(query);
      ASSERT_TRUE(page);
      for (const JobRecord& record : page->records) joined.push_back(record.job.id);
      query.cursor = page->next;
    } while (!query.cursor.empty());
    EXPECT_EQ(joined, whole);
  }
  JobQuery bad;
  bad.limit = 0;
  EXPECT_EQ(jobs().list(bad).error().code, ErrorCode::kInvalidArgument);
  bad.limit = 1001;
  EXPECT_EQ(jobs().list(bad).error().code, ErrorCode::kInvalidArgument);
  bad = {};
  bad.cursor = "x";
  EXPECT_EQ(jobs().list(bad).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(JobStoreConformance, RemovedRecordsAreGone) {
  const JobId id = photo_id(kNowMs);
  EXPECT_TRUE(jobs().remove(id));
  ASSERT_TRUE(jobs().put(sample_record(id)));
  ASSERT_TRUE(jobs().remove(id));
  EXPECT_EQ(jobs().get(id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(list({}).empty());
}

TEST_P(JobStoreConformance, NoUpdateIsLost) {
  const JobId id = photo_id(kNowMs);
  ASSERT_TRUE(jobs().put(sample_record(id)));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) {
          EXPECT_TRUE(jobs().update(id, [](JobRecord& record) {
            ++record.bytes_out;
            return true;
          }));
        }
      });
    }
  }
  EXPECT_EQ(jobs().get(id)->bytes_out, 200u);
}

INSTANTIATE_TEST_SUITE_P(Stores, JobStoreConformance, ::testing::ValuesIn(store_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tintype::testing
