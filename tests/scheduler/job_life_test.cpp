// Jobs through a whole node: what every kind of trouble leaves behind.
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <random>
#include <set>

#include "core/base/metric_names.h"
#include "storage_client/failing_store.h"
#include "tests/scheduler/scheduler_rig.h"
#include "workers/lane_accounts.h"

namespace tintype {
namespace {

TEST(JobLife, AnUploadBecomesALadder) {
  SchedulerRig rig;
  rig.add_lane("a", 2);
  std::mutex mutex;
  std::vector<Event> heard;
  const auto subscription = rig.events->subscribe([&](const Event& event) {
    const std::lock_guard lock(mutex);
    heard.push_back(event);
  });
  rig.start();
  const Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kDone));

  const Photo photo = rig.photo_of(job);
  EXPECT_TRUE(photo.light.complete);
  EXPECT_EQ(photo.light.thumbhash, "made up");
  EXPECT_EQ(photo.light.width, 4000u);
  EXPECT_EQ(photo.heavy.manifest.revision, 1u);
  ASSERT_EQ(photo.heavy.manifest.variants.size(), 8u);
  for (const Variant& variant : photo.heavy.manifest.variants) {
    const auto bytes = read_blob(*rig.blobs, *BlobKey::parse(variant.blob_key), 1 << 20);
    ASSERT_TRUE(bytes) << bytes.error().to_string();
    EXPECT_EQ(to_hex(sha256(*bytes)), variant.sha256) << variant.name;
  }
  EXPECT_EQ(rig.blob_count(), 9u);
  EXPECT_TRUE(eventually([&] { return rig.queue_is_empty(); }));
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return heard.size() == 1;
  }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard[0].type, "job.done");
  EXPECT_EQ(heard[0].photo, job.photo);

  const auto record = rig.store.jobs->get(job.id);
  ASSERT_EQ(record->attempts.size(), 1u);
  ASSERT_EQ(record->attempts[0].decisions.size(), 2u) << "probe, then the ladder";
  EXPECT_EQ(record->attempts[0].decisions[1].chosen, "a");
  EXPECT_THAT(record->attempts[0].decisions[1].reason, testing::HasSubstr("first"));
}

TEST(JobLife, ABadPictureIsGivenUpAtOnceWithItsCause) {
  SchedulerRig rig;
  rig.add_lane("a", 1).fault = [](const Task&) { return Error{ErrorCode::kTruncatedImage, "the data ends early"}; };
  rig.start();
  const Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kFailed));
  EXPECT_TRUE(rig.photo_of(job).light.failed);
  ASSERT_TRUE(eventually([&] { return rig.queue->dead_letters(0, 10)->size() == 1; }));
  const DeadLetter letter = std::move(rig.queue->dead_letters(0, 10)->front());
  EXPECT_EQ(letter.reason.code, ErrorCode::kTruncatedImage);
  ASSERT_TRUE(letter.job);
  EXPECT_EQ(letter.job->id, job.id);
  const auto record = rig.store.jobs->get(job.id);
  EXPECT_EQ(record->attempts.size(), 1u) << "the same bytes give the same answer";
  EXPECT_EQ(record->failure->code, ErrorCode::kTruncatedImage);
  EXPECT_TRUE(rig.store.index->incomplete("", 10)->refs.empty());
}

// A lane that keeps accounts, as real ones do, and can read no photo.
class BlindLane final : public Lane {
 public:
  explicit BlindLane(Metrics& metrics) : accounts_(metrics, "a") {}
  const LaneInfo& info() const override { return info_; }
  bool can_run(const Task&) const override { return true; }
  void submit(Task, TaskDone done) override {
    Result<TaskResult> result = fail(ErrorCode::kNotAnImage, "it sees nothing");
    accounts_.task_ended(result);
    done(std::move(result));
  }
  void cancel(JobId) override {}
  LaneHealth health() const override { return accounts_.health(); }

 private:
  const LaneInfo info_{.name = "a", .kind = "cpu", .device = "", .memory_bytes = 1ull << 30};
  LaneAccounts accounts_;
};

TEST(JobLife, ATaskIsCountedOnce) {
  SchedulerRig rig;
  BlindLane lane(rig.metrics);
  Scheduler scheduler(rig.config,
                      {*rig.blobs, *rig.index, *rig.jobs, *rig.queue, *rig.events, rig.clock, rig.metrics, rig.log},
                      {&lane});
  ASSERT_TRUE(scheduler.start());
  const Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kFailed));
  scheduler.drain();
  EXPECT_EQ(lane.health().tasks_failed, 1u);
  const std::string labels = label({{"lane", "a"}, {"result", "not_an_image"}});
  EXPECT_EQ(rig.metrics.counter(metric::kTasks, labels).value(), 1);
}

TEST(JobLife, AWorkerThatCrashesCostsOneAttempt) {
  SchedulerRig rig;
  std::atomic<int> crashes = 1;
  rig.add_lane("a", 1).fault = [&](const Task&) -> std::optional<Error> {
    if (crashes-- > 0) return Error{ErrorCode::kWorkerCrashed, "signal 11"};
    return std::nullopt;
  };
  rig.start();
  const Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kDone));
  const auto record = rig.store.jobs->get(job.id);
  ASSERT_EQ(record->attempts.size(), 2u);
  EXPECT_EQ(record->attempts[0].error->code, ErrorCode::kWorkerCrashed);
  EXPECT_FALSE(record->attempts[1].error);
  EXPECT_EQ(record->attempts[1].number, 2);
  EXPECT_EQ(rig.photo_of(job).heavy.manifest.revision, 1u);
}

TEST(JobLife, AJobThatKeepsCrashingIsGivenUpWithItsHistory) {
  SchedulerRig rig;
  rig.add_lane("a", 1).fault = [](const Task&) { return Error{ErrorCode::kTimedOut, "hung"}; };
  rig.start();
  const Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kFailed));
  EXPECT_EQ(rig.store.jobs->get(job.id)->attempts.size(), 3u);
  ASSERT_TRUE(eventually([&] { return rig.queue->dead_letters(0, 10)->size() == 1; }));
  EXPECT_EQ(rig.queue->dead_letters(0, 10)->front().reason.code, ErrorCode::kTimedOut);
}

// Whoever enqueued it may have another clock than this node, and clocks are set.
TEST(JobLife, AJobFromTheFutureHasNoMoreAttemptsThanOthers) {
  SchedulerRig rig;
  rig.add_lane("a", 1).fault = [](const Task&) { return Error{ErrorCode::kWorkerCrashed, "signal 11"}; };
  rig.start();
  Job job = rig.upload(JobClass::kUpload, false);
  job.enqueued_at_ms += 3'600'000;
  ASSERT_TRUE(rig.queue->publish(job));
  ASSERT_TRUE(eventually([&] { return rig.queue->dead_letters(0, 10)->size() == 1; }));
  EXPECT_EQ(rig.store.jobs->get(job.id)->attempts.size(), 3u);

  // And as many again once it is replayed.
  ++job.generation;
  ASSERT_TRUE(rig.store.index->set_job(job.owner, job.photo, job));
  ASSERT_TRUE(rig.queue->publish(job));
  ASSERT_TRUE(eventually([&] { return rig.queue->dead_letters(0, 10)->size() == 2; }));
  EXPECT_EQ(rig.store.jobs->get(job.id)->attempts.size(), 6u);
}

TEST(JobLife, ABrokenLaneCostsARetryOnAnother) {
  SchedulerRig rig;
  rig.add_lane("broken", 1).fault = [](const Task& task) -> std::optional<Error> {
    if (std::holds_alternative<ProbeStep>(task.steps[0])) return std::nullopt;
    return Error{ErrorCode::kWorkerCrashed, "device lost"};
  };
  SimulatedLaneConfig& slow = rig.add_lane("slow", 1);
  slow.service_seconds = [](const Task&) { return 0.02; };
  rig.start();
  std::vector<Job> jobs;
  for (int i = 0; i < 10; ++i) jobs.push_back(rig.upload());
  bool moved = false;
  for (const Job& job : jobs) {
    ASSERT_TRUE(rig.reaches(job, JobState::kDone));
    const auto record = rig.store.jobs->get(job.id);
    ASSERT_EQ(record->attempts.size(), 1u) << "moved within the attempt";
    for (const Decision& decision : record->attempts[0].decisions) {
      moved |= decision.reason.contains("broken failed it before");
    }
  }
  EXPECT_TRUE(moved);
}

TEST(JobLife, AMessageThatComesAgainAfterTheCommitChangesNothing) {
  SchedulerRig rig;
  rig.add_lane("a", 1);
  rig.start();
  Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kDone));
  const Photo before = rig.photo_of(job);
  ++job.generation;  // else the queue drops it as a duplicate
  ASSERT_TRUE(rig.queue->publish(job));
  ASSERT_TRUE(eventually([&] { return rig.store.jobs->get(job.id)->attempts.size() == 2 && rig.queue_is_empty(); }));
  EXPECT_EQ(rig.photo_of(job).heavy.manifest.revision, before.heavy.manifest.revision);
  EXPECT_EQ(rig.blob_count(), 9u);
}

// As a sweeper does that read of the photo before another node completed it: nothing is left to make, and the mark
// goes.
TEST(JobLife, APhotoThatIsMarkedAgainAfterItsCommitIsCompleteAgain) {
  SchedulerRig rig;
  rig.add_lane("a", 1);
  rig.start();
  Job job = rig.upload();
  ASSERT_TRUE(rig.reaches(job, JobState::kDone));
  ++job.generation;
  ASSERT_TRUE(rig.store.index->set_job(job.owner, job.photo, job));
  ASSERT_FALSE(rig.photo_of(job).light.complete);
  ASSERT_TRUE(rig.queue->publish(job));
  EXPECT_TRUE(eventually([&] { return rig.photo_of(job).light.complete; }));
  EXPECT_TRUE(rig.store.index->incomplete("", 10)->refs.empty());
  EXPECT_EQ(rig.blob_count(), 9u) << "nothing was made twice";
}

TEST(JobLife, AStaleGenerationIsDropped) {
  SchedulerRig rig;
  rig.add_lane("a", 1);
  const Job old = rig.upload();
  Job newer = old;
  newer.generation = 3;
  newer.enqueued_at_ms = rig.clock.now_ms();
  ASSERT_TRUE(rig.store.index->set_job(old.owner, old.photo, newer));
  rig.start();
  ASSERT_TRUE(eventually([&] { return rig.queue_is_empty(); }));
  EXPECT_FALSE(rig.photo_of(old).light.complete);
  ASSERT_TRUE(rig.queue->publish(newer));
  ASSERT_TRUE(rig.reaches(old, JobState::kDone));
}

TEST(JobLife, ADeletedPhotoLeavesNothing) {
  SchedulerRig rig;
  rig.config.sweeper.orphan_after = std::chrono::milliseconds(50);
  std::atomic<bool> started = false;
  rig.add_lane("a", 1).service_seconds = [&](const Task& task) {
    if (std::holds_alternative<ProbeStep>(task.steps[0])) return 0.001;
    started = true;
    return 0.1;
  };
  rig.start();
  const Job job = rig.upload();
  ASSERT_TRUE(eventually([&] { return started.load(); }));
  ASSERT_TRUE(rig.store.index->remove(job.owner, job.photo));
  EXPECT_TRUE(eventually([&] { return rig.queue_is_empty() && rig.blob_count() == 0; }));
  EXPECT_EQ(rig.store.index->get(job.owner, job.photo).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(eventually([&] { return rig.store.index->tombstones("", 10)->refs.empty(); }));
  EXPECT_EQ(rig.store.jobs->get(job.id).error().code, ErrorCode::kNotFound) << "the job's record goes with its photo";
}

TEST(JobLife, ADeletedPhotosJobIsForgottenHoweverItEnds) {
  // Its message comes after the photo went, with its record or without.
  SchedulerRig rig;
  rig.add_lane("a", 1);
  const Job with_record = rig.upload();
  const Job without_record = rig.upload();
  for (const Job& job : {with_record, without_record}) ASSERT_TRUE(rig.store.index->remove(job.owner, job.photo));
  ASSERT_TRUE(rig.store.jobs->remove(without_record.id));
  rig.start();
  for (const Job& job : {with_record, without_record}) {
    EXPECT_TRUE(eventually([&] { return rig.queue_is_empty() && !rig.store.jobs->get(job.id); }));
  }
}

TEST(JobLife, ADeletedPhotosDeadLetterGoes) {
  SchedulerRig rig;
  rig.add_lane("a", 1).fault = [](const Task&) { return std::optional(Error{ErrorCode::kCorruptImage, "bad"}); };
  rig.start();
  const Job deleted = rig.upload();
  const Job kept = rig.upload();
  for (const Job& job : {deleted, kept}) ASSERT_TRUE(rig.reaches(job, JobState::kFailed));
  ASSERT_TRUE(eventually([&] { return rig.queue->dead_letters(0, 10)->size() == 2; }));
  ASSERT_TRUE(rig.store.index->remove(deleted.owner, deleted.photo));
  ASSERT_TRUE(eventually([&] { return rig.queue->dead_letters(0, 10)->size() == 1; }));
  EXPECT_EQ(rig.queue->dead_letters(0, 10)->at(0).job->id, kept.id);
}

TEST(JobLife, CancelStopsAQueuedAndARunningJob) {
  SchedulerRig rig;
  std::atomic<int> started = 0;
  rig.add_lane("a", 1).service_seconds = [&](const Task&) {
    ++started;
    return 30.0;
  };
  const Job queued = rig.upload();
  ASSERT_TRUE(rig.store.jobs->update(queued.id, [](JobRecord& record) { return record.cancel_requested = true; }));
  rig.start();
  EXPECT_TRUE(rig.reaches(queued, JobState::kCancelled));
  EXPECT_EQ(started, 0) << "it never reached a lane";

  const Job running = rig.upload();
  ASSERT_TRUE(eventually([&] { return started > 0; }));
  ASSERT_TRUE(rig.events->publish({.id = "x", .type = "job.cancel_requested", .job = running.id}));
  EXPECT_TRUE(rig.reaches(running, JobState::kCancelled));
  EXPECT_TRUE(eventually([&] { return rig.queue_is_empty(); }));
  EXPECT_TRUE(rig.store.index->incomplete("", 10)->refs.empty()) << "nobody will enqueue it again";
}

TEST(JobLife, ALostQueueIsRebuiltFromTheIndex) {
  SchedulerRig rig;
  rig.add_lane("a", 2);
  std::vector<Job> jobs;
  for (int i = 0; i < 50; ++i) jobs.push_back(rig.upload(JobClass::kBulk, /*publish=*/false));
  rig.start();
  for (const Job& job : jobs) ASSERT_TRUE(rig.reaches(job, JobState::kDone));
  EXPECT_EQ(rig.photo_of(jobs[0]).heavy.job.generation, 1u);
}

TEST(JobLife, DrainGivesRunningJobsBack) {
  SchedulerRig rig;
  std::atomic<int> started = 0;
  rig.add_lane("a", 1).service_seconds = [&](const Task& task) {
    if (std::holds_alternative<ProbeStep>(task.steps[0])) return 0.001;
    ++started;
    return 30.0;
  };
  rig.start();
  const Job job = rig.upload();
  ASSERT_TRUE(eventually([&] { return started > 0; }));
  rig.scheduler->drain();
  EXPECT_EQ(rig.state_of(job), JobState::kRunning);
  const auto again = rig.queue->fetch(JobClass::kUpload, 1, std::chrono::milliseconds(100));
  ASSERT_EQ(again->size(), 1u) << "at once, not after the ack-wait";
}

TEST(JobLife, AnInteractivePhotoIsEncodedSideBySideWhenThereIsRoom) {
  SchedulerRig rig;
  rig.add_lane("a", 4);
  rig.start();
  const Job job = rig.upload(JobClass::kInteractive);
  ASSERT_TRUE(rig.reaches(job, JobState::kDone));
  EXPECT_EQ(rig.store.jobs->get(job.id)->attempts[0].decisions.size(), 1u + 1 + 8) << "probe, pictures, encodes";
  EXPECT_EQ(rig.photo_of(job).heavy.manifest.variants.size(), 8u);
}

TEST(JobLife, ACorruptOriginalIsNotCompressed) {
  SchedulerRig rig;
  rig.add_lane("a", 1);
  const Job job = rig.upload();
  const BlobKey key{job.owner, job.photo, 0, "original"};
  ASSERT_TRUE(rig.blobs->put_all(std::vector<BlobPut>{{key, as_bytes("phot0 1")}}));
  rig.start();
  ASSERT_TRUE(rig.reaches(job, JobState::kFailed));
  EXPECT_EQ(rig.store.jobs->get(job.id)->failure->code, ErrorCode::kCorruptData);
}

// However often: it is not the jobs' doing, and none of them is given up for it.
TEST(JobLife, AStoreThatDoesNotAnswerForLongIsWaitedFor) {
  for (const std::string_view silent : {"get", "open", "put_all", "commit_manifest", "update"}) {
    SchedulerRig rig;
    rig.config.runner.retry_first_after = std::chrono::milliseconds(1);
    rig.add_lane("a", 2);
    const Job job = rig.upload();
    std::atomic<int> calls = 0;
    const FaultPlan plan = [&](std::string_view method) {
      return method == silent && ++calls <= 8 ? InjectedFault::kLate : InjectedFault::kNone;
    };
    const auto blobs = make_failing(*rig.store.blobs, plan);
    const auto index = make_failing(*rig.store.index, plan);
    const auto jobs = make_failing(*rig.store.jobs, plan);
    rig.blobs = blobs.get();
    rig.index = index.get();
    rig.jobs = jobs.get();
    rig.start();
    EXPECT_TRUE(eventually([&] { return rig.photo_of(job).light.complete; })) << silent;
    EXPECT_GT(calls, 8) << silent;
    EXPECT_TRUE(rig.queue->dead_letters(0, 10)->empty()) << silent;
    rig.scheduler.reset();  // before the decorators it works on
  }
}

// Any call to the store may fail, before or after it took effect: every job still ends once in effect.
TEST(JobLife, AStoreThatFailsNowAndThenLosesNothing) {
  SchedulerRig rig;
  rig.config.sweeper.orphan_after = std::chrono::milliseconds(300);
  rig.config.runner.retry_first_after = std::chrono::milliseconds(1);
  rig.add_lane("a", 2);
  std::atomic<bool> failing = true;
  const FaultPlan plan = [&failing](std::string_view) {
    thread_local std::mt19937 random(std::random_device{}());
    const auto dice = random() % 20;
    if (!failing || dice > 1) return InjectedFault::kNone;
    return dice == 0 ? InjectedFault::kBefore : InjectedFault::kAfter;
  };
  const auto blobs = make_failing(*rig.store.blobs, plan);
  const auto index = make_failing(*rig.store.index, plan);
  const auto jobs = make_failing(*rig.store.jobs, plan);
  rig.blobs = blobs.get();
  rig.index = index.get();
  rig.jobs = jobs.get();
  std::vector<Job> uploaded;
  for (int i = 0; i < 60; ++i) uploaded.push_back(rig.upload());
  rig.start();
  for (const Job& job : uploaded) {
    ASSERT_TRUE(eventually([&] { return rig.photo_of(job).light.complete; }));
    EXPECT_EQ(rig.photo_of(job).heavy.manifest.revision, 1u) << "committed once";
  }
  failing = false;
  EXPECT_TRUE(eventually([&] { return rig.blob_count() == 60 * 9; })) << "no orphan remains: " << rig.blob_count();
  EXPECT_TRUE(rig.queue->dead_letters(0, 10)->empty());
  rig.scheduler.reset();  // before the decorators it works on
}

}  // namespace
}  // namespace tintype
