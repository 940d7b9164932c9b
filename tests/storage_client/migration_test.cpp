// Copying a farm from store to store: whatever dies at whatever step, and whatever the farm does meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <format>

#include "storage_client/failing_store.h"
#include "storage_client/memory/memory_store.h"
#include "tests/storage_client/migration_cases.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;
const PhotoId kPlain = photo_id(kNowMs + 5, 5);  // bert's, complete
const PhotoId kPending = photo_id(kNowMs, 0);    // anna's, without a manifest

MigrationConfig one_at_a_time() {
  MigrationConfig config;
  config.photos_at_once = 1;
  return config;
}

class MigrationTest : public ::testing::Test {
 protected:
  MigrationTest() { fill(source()); }
  StoreSeams source() { return {*source_.blobs, *source_.index, *source_.jobs}; }
  StoreSeams target() { return {*target_.blobs, *target_.index, *target_.jobs}; }

  MigrationRound round(MigrationConfig config = one_at_a_time()) {
    Migration migration(config, source(), target());
    auto done = migration.round({});
    EXPECT_TRUE(done) << done.error().to_string();
    return done ? *std::move(done) : MigrationRound{};
  }
  void expect_in_step() {
    const MigrationRound last = round();
    EXPECT_TRUE(last.count.is_in_step());
    for (const MigrationProblem& problem : last.problems) ADD_FAILURE() << problem.error.to_string();
    EXPECT_EQ(face_of(target()), face_of(source()));
  }

  ManualClock clock_{kNowMs};
  MemoryStore source_ = make_memory_store(clock_);
  MemoryStore target_ = make_memory_store(clock_);
};

TEST_F(MigrationTest, CopiesEveryPhotoInEveryState) {
  const MigrationRound first = round();
  EXPECT_EQ(first.count.copied, 6u);
  EXPECT_EQ(first.count.photos_at_source, 6u);
  EXPECT_EQ(first.count.same + first.count.changed + first.count.deleted + first.count.failed, 0u);
  EXPECT_EQ(first.count.blobs_verified, 0u);
  EXPECT_EQ(first.count.jobs_copied, 7u);
  expect_in_step();
  EXPECT_EQ(round().count.jobs_copied, 0u);
}

TEST_F(MigrationTest, ADryRunWritesNothingAndSaysTheSame) {
  MigrationConfig config;
  config.dry_run = true;
  const std::string before = face_of(target());
  EXPECT_EQ(round(config).count.copied, 6u);
  EXPECT_EQ(face_of(target()), before);
}

TEST_F(MigrationTest, ManyAtOnceComeToTheSame) {
  for (std::uint32_t i = 0; i < 60; ++i) {
    upload(source(), "anna", photo_id(kNowMs + 100, i), i);
    complete(source(), "anna", photo_id(kNowMs + 100, i), i);
  }
  round(MigrationConfig{});
  expect_in_step();
}

TEST_F(MigrationTest, FollowsWhatTheFarmDoesBetweenRounds) {
  round();
  upload(source(), "bert", photo_id(kNowMs + 50), 50);
  complete(source(), "anna", kPending, 3);
  ASSERT_TRUE(source().index.set_job("bert", kPlain, sample_job("bert", kPlain, 3)));
  complete(source(), "bert", kPlain, 77);
  // An idempotency key is free again, and another photo has it.
  const PhotoId keyed = photo_id(kNowMs + 2, 2);
  ASSERT_TRUE(source().index.remove("bert", keyed));
  ASSERT_TRUE(source().blobs.remove_photo("bert", keyed));
  upload(source(), "bert", photo_id(kNowMs + 51), 51, "key 2");
  const MigrationRound second = round();
  EXPECT_EQ(second.count.copied, 2u);
  EXPECT_EQ(second.count.changed, 2u);
  EXPECT_EQ(second.count.deleted, 1u);
  expect_in_step();
}

TEST_F(MigrationTest, AnOwnerWithNothingLeftHasNothingAtTheTarget) {
  round();
  for (const std::uint32_t i : {2u, 5u}) {
    ASSERT_TRUE(source().index.remove("bert", photo_id(kNowMs + i, i)));
    ASSERT_TRUE(source().blobs.remove_photo("bert", photo_id(kNowMs + i, i)));
  }
  EXPECT_EQ(round().count.deleted, 2u);
  expect_in_step();
}

TEST_F(MigrationTest, AJobThatChangedBeforeItsPhotoDidIsFollowed) {
  round();
  ASSERT_TRUE(source().index.set_job("anna", kPending, sample_job("anna", kPending, 4)));
  EXPECT_EQ(round().count.changed, 1u);
  EXPECT_EQ(target().index.get("anna", kPending)->heavy.job.generation, 4u);
  expect_in_step();
}

// Requests that the target gets, counted; from some one on nobody is there who could send any.
class Death {
 public:
  explicit Death(int at, InjectedFault how) : at_(at), how_(how) {}
  FaultPlan plan() {
    return [this](std::string_view) {
      const int call = calls_++;
      return call < at_ ? InjectedFault::kNone : call == at_ ? how_ : InjectedFault::kBefore;
    };
  }
  int calls() const { return calls_; }

 private:
  const int at_;
  const InjectedFault how_;
  std::atomic<int> calls_ = 0;
};

TEST_F(MigrationTest, GoesOnAfterADeathAtEveryStep) {
  // The second round of a farm that went on has steps of every kind.
  round();
  complete(source(), "anna", kPending, 3);
  ASSERT_TRUE(source().index.remove("bert", kPlain));
  ASSERT_TRUE(source().blobs.remove_photo("bert", kPlain));
  upload(source(), "anna", photo_id(kNowMs + 60), 1, "key 7");
  complete(source(), "anna", photo_id(kNowMs + 60), 1);
  ASSERT_TRUE(source().index.set_job("anna", photo_id(kNowMs + 60), sample_job("anna", photo_id(kNowMs + 60), 2)));
  complete(source(), "anna", photo_id(kNowMs + 60), 6);
  const std::string wanted = face_of(source());
  int deaths = 0;
  for (const InjectedFault how : {InjectedFault::kBefore, InjectedFault::kAfter}) {
    for (int at = 0;; ++at) {
      // A target as the first round left it: copied from one that had it.
      const MemoryStore fresh = make_memory_store(clock_);
      const MemoryStore first = make_memory_store(clock_);
      const StoreSeams before{*first.blobs, *first.index, *first.jobs};
      fill(before);
      const StoreSeams there{*fresh.blobs, *fresh.index, *fresh.jobs};
      ASSERT_TRUE(Migration(one_at_a_time(), before, there).round({}));

      Death death(at, how);
      const auto blobs = make_failing(*fresh.blobs, death.plan());
      const auto index = make_failing(*fresh.index, death.plan());
      const auto jobs = make_failing(*fresh.jobs, death.plan());
      const auto dying = Migration(one_at_a_time(), source(), {*blobs, *index, *jobs}).round({});
      if (death.calls() <= at) break;
      ++deaths;
      const auto next = Migration(one_at_a_time(), source(), there).round({});
      ASSERT_TRUE(next) << next.error().to_string();
      ASSERT_TRUE(next->problems.empty()) << at << ": " << next->problems.front().error.to_string();
      const auto last = Migration(one_at_a_time(), source(), there).round({});
      ASSERT_TRUE(last && last->count.is_in_step()) << "died at request " << at;
      // A death between a deleted row and its blobs leaves them to the target's sweeper.
      const RefPage deleted = there.index.tombstones("", 1000).value();
      for (const PhotoRef& ref : deleted.refs) ASSERT_TRUE(there.blobs.remove_photo(ref.owner, ref.photo));
      ASSERT_EQ(face_of(there), wanted) << "died at request " << at;
    }
  }
  EXPECT_GT(deaths, 80);
}

TEST_F(MigrationTest, BytesThatAreNotThoseOfTheIndexStayWhereTheyAre) {
  const Photo photo = *source().index.get("bert", kPlain);
  const BlobKey key = BlobKey::parse(photo.heavy.original_key).value();
  ASSERT_TRUE(source().blobs.remove(key));
  ASSERT_TRUE(write_blob(source().blobs, key, pattern(photo.light.bytes, 99)));
  MigrationRound done = round();
  EXPECT_EQ(done.count.copied, 5u);
  ASSERT_EQ(done.problems.size(), 1u);
  EXPECT_EQ(done.problems[0].photo, kPlain);
  EXPECT_EQ(done.problems[0].error.code, ErrorCode::kCorruptData);
  EXPECT_EQ(target().index.get("bert", kPlain).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(source().blobs.remove(key));
  done = round();
  ASSERT_EQ(done.problems.size(), 1u);
  EXPECT_THAT(done.problems[0].error.message, ::testing::HasSubstr("missing"));
}

TEST_F(MigrationTest, BytesThatTheTargetAltersAreNoticed) {
  round();
  const Photo photo = *source().index.get("bert", kPlain);
  const BlobKey key = BlobKey::parse(photo.heavy.original_key).value();
  // As a migration that died left it, on a disk that lost some of it.
  ASSERT_TRUE(target().blobs.remove(key));
  ASSERT_TRUE(write_blob(target().blobs, key, pattern(10)));
  ASSERT_TRUE(source().index.set_job("bert", kPlain, sample_job("bert", kPlain, 3)));
  const MigrationRound done = round();
  EXPECT_EQ(done.count.blobs_written, 1u);
  EXPECT_EQ(done.count.blobs_verified, 2u);
  expect_in_step();
}

TEST_F(MigrationTest, WhatWasDeletedAtTheTargetDoesNotComeBackAndIsSaid) {
  round();
  ASSERT_TRUE(target().index.remove("bert", kPlain));
  const MigrationRound done = round();
  ASSERT_EQ(done.problems.size(), 1u);
  EXPECT_EQ(done.problems[0].error.code, ErrorCode::kConflict);
}

TEST_F(MigrationTest, APhotoThatSomebodyWorksOnAtTheTargetIsSaid) {
  round();
  complete(target(), "bert", kPlain, 5);
  const MigrationRound done = round();
  ASSERT_EQ(done.problems.size(), 1u);
  EXPECT_EQ(done.problems[0].error.code, ErrorCode::kConflict);
}

TEST_F(MigrationTest, StopsBetweenPhotosAndGoesOn) {
  Migration migration(one_at_a_time(), source(), target());
  const auto first = migration.round([&] { return migration.progress().count.copied == 2; });
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->stopped);
  EXPECT_EQ(first->count.copied, 2u);
  EXPECT_EQ(round().count.copied, 4u);
  expect_in_step();
}

TEST_F(MigrationTest, AFullTargetEndsTheRound) {
  class Full final : public BlobStore {
   public:
    explicit Full(BlobStore& blobs) : blobs_(blobs) {}
    Result<std::unique_ptr<BlobWriter>> create(const BlobKey&, std::uint64_t) override {
      return fail(ErrorCode::kStorageFull, "full");
    }
    Status put_all(std::span<const BlobPut>) override { return fail(ErrorCode::kStorageFull, "full"); }
    Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override { return blobs_.open(key); }
    Result<BlobInfo> stat(const BlobKey& key) override { return blobs_.stat(key); }
    Status remove(const BlobKey& key) override { return blobs_.remove(key); }
    Status remove_photo(const std::string& owner, PhotoId photo) override { return blobs_.remove_photo(owner, photo); }
    Result<BlobListing> list(const std::string& after, int limit) override { return blobs_.list(after, limit); }
    Result<std::uint64_t> free_bytes() override { return 0; }

   private:
    BlobStore& blobs_;
  } full(*target_.blobs);
  Migration migration(MigrationConfig{}, source(), {full, *target_.index, *target_.jobs});
  EXPECT_EQ(migration.round({}).error_or({}).code, ErrorCode::kStorageFull);
}

}  // namespace
}  // namespace tintype::testing
