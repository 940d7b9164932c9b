// A fault before a call leaves the store as it was; a fault after it leaves the store as if nothing had failed; and
// trying again comes to the same end, with an answer that says so.
#include <gtest/gtest.h>

#include "storage_client/failing_store.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;
const PhotoId kPhoto = photo_id(kNowMs);
const PhotoId kOther = photo_id(kNowMs, 1);
const PhotoId kDeleted = photo_id(kNowMs, 2);

struct Seams {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
};

// Something that changes a store, and what doing it again answers once it was done.
struct Step {
  const char* method;
  std::function<Status(Seams)> run;
  std::optional<ErrorCode> again;
};

template <typename T>
Status status_of(const Result<T>& result) {
  if (!result) return fail(result.error());
  return {};
}

LightUpdate completed() {
  LightUpdate update;
  update.complete = true;
  update.taken_at_ms = 1;
  return update;
}

const std::vector<Step>& steps() {
  static const Bytes small = pattern(1000);
  static const Bytes large = pattern(100'000);
  static const std::vector<Step> all = {
      {"create",
       [](Seams s) { return status_of(s.index.create("anna", sample_photo("anna", photo_id(kNowMs, 9), "k"))); },
       {}},
      {"create", [](Seams s) { return status_of(s.index.create("anna", sample_photo("anna", photo_id(kNowMs, 9)))); },
       ErrorCode::kAlreadyExists},
      {"commit_manifest",
       [](Seams s) { return s.index.commit_manifest("anna", kPhoto, sample_manifest(0), completed()); },
       ErrorCode::kConflict},
      {"set_job", [](Seams s) { return s.index.set_job("anna", kPhoto, sample_job("anna", kPhoto, 5)); }, {}},
      {"renew_job", [](Seams s) { return s.index.renew_job("anna", kPhoto, sample_job("anna", kPhoto, 1)); },
       ErrorCode::kConflict},
      {"set_failed", [](Seams s) { return s.index.set_failed("anna", kPhoto); }, {}},
      {"remove", [](Seams s) { return s.index.remove("anna", kPhoto); }, ErrorCode::kNotFound},
      {"purge", [](Seams s) { return s.index.purge("anna", kDeleted); }, {}},
      {"commit", [](Seams s) { return status_of(write_blob(s.blobs, blob_key("anna", kOther), small)); },
       ErrorCode::kAlreadyExists},
      {"commit", [](Seams s) { return status_of(write_blob(s.blobs, blob_key("anna", kOther), large)); },
       ErrorCode::kAlreadyExists},
      {"put_all",
       [](Seams s) {
         return s.blobs.put_all(
             std::vector<BlobPut>{{blob_key("anna", kPhoto, "a"), small}, {blob_key("anna", kPhoto, "b"), large}});
       },
       {}},
      {"remove", [](Seams s) { return s.blobs.remove(blob_key("anna", kPhoto)); }, {}},
      {"remove_photo", [](Seams s) { return s.blobs.remove_photo("anna", kPhoto); }, {}},
      {"put", [](Seams s) { return s.jobs.put(sample_record(photo_id(kNowMs, 3))); }, {}},
      {"update",
       [](Seams s) {
         return status_of(s.jobs.update(kPhoto, [](JobRecord& record) {
           record.state = JobState::kDone;
           return true;
         }));
       },
       {}},
      {"remove", [](Seams s) { return s.jobs.remove(kPhoto); }, {}},
  };
  return all;
}

class FailingStore : public ::testing::TestWithParam<StoreCase> {
 protected:
  // A store with something of everything in it.
  std::unique_ptr<StoreUnderTest> filled_store() {
    auto store = GetParam().make(clock_);
    EXPECT_TRUE(store->index().create("anna", sample_photo("anna", kPhoto)));
    EXPECT_TRUE(store->index().create("anna", sample_photo("anna", kDeleted)));
    EXPECT_TRUE(store->index().remove("anna", kDeleted));
    EXPECT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto), pattern(500)));
    EXPECT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto, "large"), pattern(90'000)));
    EXPECT_TRUE(store->jobs().put(sample_record(kPhoto)));
    return store;
  }

  static std::string dump_of(StoreUnderTest& store) {
    return dump(store.blobs(), store.index(), store.jobs(), {"anna"});
  }

  // Runs the step through decorators that fail its method once.
  static Status run_with(InjectedFault fault, StoreUnderTest& store, const Step& step) {
    int left = 1;
    const auto plan = [&](std::string_view method) {
      return method == step.method && left-- > 0 ? fault : InjectedFault::kNone;
    };
    const auto blobs = make_failing(store.blobs(), plan);
    const auto index = make_failing(store.index(), plan);
    const auto jobs = make_failing(store.jobs(), plan);
    return step.run({*blobs, *index, *jobs});
  }

  ManualClock clock_{kNowMs};
};

TEST_P(FailingStore, AFaultBeforeChangesNothingAndARetryDoesIt) {
  for (const Step& step : steps()) {
    auto clean = filled_store();
    ASSERT_TRUE(step.run({clean->blobs(), clean->index(), clean->jobs()})) << step.method;
    auto store = filled_store();
    const std::string before = dump_of(*store);
    EXPECT_EQ(run_with(InjectedFault::kBefore, *store, step).error().code, ErrorCode::kUnavailable) << step.method;
    EXPECT_EQ(dump_of(*store), before) << step.method;
    EXPECT_TRUE(run_with(InjectedFault::kNone, *store, step)) << step.method;
    EXPECT_EQ(dump_of(*store), dump_of(*clean)) << step.method;
    EXPECT_NE(dump_of(*store), before) << step.method;
  }
}

TEST_P(FailingStore, AFaultAfterHasDoneItAndARetryComesToTheSameEnd) {
  for (const Step& step : steps()) {
    auto clean = filled_store();
    ASSERT_TRUE(step.run({clean->blobs(), clean->index(), clean->jobs()})) << step.method;
    auto store = filled_store();
    EXPECT_EQ(run_with(InjectedFault::kAfter, *store, step).error().code, ErrorCode::kUnavailable) << step.method;
    EXPECT_EQ(dump_of(*store), dump_of(*clean)) << step.method;
    const Status again = run_with(InjectedFault::kNone, *store, step);
    EXPECT_EQ(again.has_value() ? std::nullopt : std::optional(again.error().code), step.again) << step.method;
    EXPECT_EQ(dump_of(*store), dump_of(*clean)) << step.method;
  }
}

TEST_P(FailingStore, ReadsFailAndTellTheirMethod) {
  auto store = filled_store();
  std::vector<std::string> asked;
  const auto plan = [&](std::string_view method) {
    asked.emplace_back(method);
    return InjectedFault::kBefore;
  };
  const auto blobs = make_failing(store->blobs(), plan);
  const auto index = make_failing(store->index(), plan);
  const auto jobs = make_failing(store->jobs(), plan);
  const BlobKey key = blob_key("anna", kPhoto);
  EXPECT_FALSE(blobs->open(key));
  EXPECT_FALSE(blobs->stat(key));
  EXPECT_FALSE(blobs->list("", 10));
  EXPECT_FALSE(blobs->free_bytes());
  EXPECT_FALSE(index->get("anna", kPhoto));
  EXPECT_FALSE(index->list("anna", {}));
  EXPECT_FALSE(index->find_idempotent("anna", "k"));
  EXPECT_FALSE(index->incomplete("", 10));
  EXPECT_FALSE(index->tombstones("", 10));
  EXPECT_FALSE(index->owns_blobs("anna", kPhoto));
  EXPECT_FALSE(jobs->get(kPhoto));
  EXPECT_FALSE(jobs->list({}));
  EXPECT_EQ(asked, (std::vector<std::string>{"open", "stat", "list", "free_bytes", "get", "list", "find_idempotent",
                                             "incomplete", "tombstones", "owns_blobs", "get", "list"}));
}

TEST_P(FailingStore, PiecesOfABlobFailToo) {
  auto store = filled_store();
  std::string failing;
  const auto blobs = make_failing(store->blobs(), [&](std::string_view method) {
    return method == failing ? InjectedFault::kBefore : InjectedFault::kNone;
  });
  auto reader = blobs->open(blob_key("anna", kPhoto));
  auto writer = blobs->create(blob_key("anna", kOther), 0);
  ASSERT_TRUE(reader && writer);
  std::vector<std::uint8_t> out(10);
  failing = "read";
  EXPECT_EQ((*reader)->read(0, out).error().code, ErrorCode::kUnavailable);
  failing = "write";
  EXPECT_EQ((*writer)->write(pattern(10)).error().code, ErrorCode::kUnavailable);
  failing = "";
  EXPECT_EQ((*reader)->read(0, out).value_or(0), 10u);
  EXPECT_TRUE((*writer)->write(pattern(10)));
  EXPECT_EQ((*writer)->commit()->size, 10u);
}

INSTANTIATE_TEST_SUITE_P(Stores, FailingStore, ::testing::ValuesIn(undecorated_store_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tintype::testing
