// Jobs on a node with a CPU lane and devices: who does what, and what every kind of trouble with a device leaves
// behind.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "core/base/metric_names.h"
#include "tests/scheduler/scheduler_rig.h"
#include "workers/shared_memory.h"

namespace tintype {
namespace {

using testing::Contains;
using testing::HasSubstr;

bool reads_source(const Task& task) { return task.source != nullptr; }

class DeviceJobs : public testing::Test {
 protected:
  DeviceJobs() {
    for (Rung& rung : rig_.recipe.rungs) {
      if (rung.format == ImageFormat::kWebp) rung.encoder = Encoder::kTintype;
    }
    SimulatedLaneConfig& cpu = rig_.add_lane("cpu", 2);
    cpu.kind = "cpu";
    cpu.service_seconds = [](const Task& task) { return 0.002 * static_cast<double>(task.steps.size()); };
  }

  SimulatedLaneConfig& add_device(const std::string& name) {
    SimulatedLaneConfig& device = rig_.add_lane(name, 2);
    device.kind = "opencl-gpu";
    device.service_seconds = [](const Task&) { return 0.0002; };
    device.takes = [](const Task& task) {
      return !reads_source(task) && std::ranges::none_of(task.steps, [](const Step& step) {
        const auto* encode = std::get_if<EncodeStep>(&step);
        return encode && encode->encode.encoder != Encoder::kTintype;
      });
    };
    return device;
  }

  // One that is much slower than the CPU.
  SimulatedLaneConfig& add_slow_device(const std::string& name) {
    SimulatedLaneConfig& device = add_device(name);
    device.service_seconds = [](const Task&) { return 0.2; };
    return device;
  }

  void put_devices_first() { rig_.config.runner.cuts.placement = Placement::kDevicesFirst; }

  // Runs a job to its end. Its variants are all there, each once.
  Job run(JobClass job_class = JobClass::kUpload) {
    const Job job = rig_.upload(job_class);
    EXPECT_TRUE(rig_.reaches(job, JobState::kDone));
    const Photo photo = rig_.photo_of(job);
    EXPECT_EQ(photo.heavy.manifest.variants.size(), 8u);
    EXPECT_EQ(photo.heavy.manifest.revision, 1u);
    EXPECT_EQ(photo.light.thumbhash, "made up");
    return job;
  }

  std::vector<Decision> decisions_of(const Job& job) {
    const auto record = rig_.store.jobs->get(job.id);
    EXPECT_EQ(record->attempts.size(), 1u) << "whatever moves, moves within the attempt";
    return record->attempts.back().decisions;
  }
  std::vector<std::string> lanes_of(const Job& job) {
    std::vector<std::string> lanes;
    for (const Decision& decision : decisions_of(job)) lanes.push_back(decision.chosen);
    return lanes;
  }
  std::string reasons_of(const Job& job) {
    std::string reasons;
    for (const Decision& decision : decisions_of(job)) reasons += decision.reason + "\n";
    return reasons;
  }
  LaneReport report_of(const std::string& lane) {
    const std::vector<LaneReport> lanes = rig_.scheduler->lanes();
    return *std::ranges::find(lanes, lane, [](const LaneReport& report) { return report.info.name; });
  }
  double checks(const std::string& lane, const std::string& result) {
    return rig_.metrics.counter(metric::kLaneChecks, label({{"lane", lane}, {"result", result}})).value();
  }

  SchedulerRig rig_;
};

TEST_F(DeviceJobs, ADeviceTakesTheWebpsAndTheCpuTheAvifs) {
  add_device("gpu");
  rig_.start();
  Job job;
  for (int i = 0; i < 8; ++i) job = run();
  const std::vector<Decision> decisions = decisions_of(job);
  ASSERT_EQ(decisions.size(), 5u) << "probe, cut, entropy decode, device, rest";
  EXPECT_EQ(decisions[1].task, "cut");
  EXPECT_EQ(decisions[1].chosen, "coefficients to gpu");
  EXPECT_EQ(decisions[1].outcome, "ok");
  EXPECT_EQ(decisions[2].task, "entropy-decode");
  EXPECT_EQ(decisions[2].chosen, "cpu");
  EXPECT_EQ(decisions[3].task, "reconstruct+resize x4+encode x4");
  EXPECT_EQ(decisions[3].chosen, "gpu");
  EXPECT_EQ(decisions[4].task, "encode x4");
  EXPECT_EQ(decisions[4].chosen, "cpu");
  const Photo photo = rig_.photo_of(job);
  for (const Variant& variant : photo.heavy.manifest.variants) {
    EXPECT_EQ(variant.encoder, variant.format == ImageFormat::kWebp ? "simulated tintype" : "simulated aom");
  }
}

TEST_F(DeviceJobs, ANewDeviceIsMeasuredAndOneThatIsSlowerIsLeftAlone) {
  add_device("gpu").service_seconds = [](const Task&) { return 0.5; };
  rig_.start();
  for (int i = 0; i < 4; ++i) run(JobClass::kBulk);
  std::vector<std::string> chosen;
  for (int i = 0; i < 10; ++i) chosen.push_back(decisions_of(run(JobClass::kBulk))[1].chosen);
  EXPECT_EQ(std::ranges::count(chosen, "fused on cpu"), 10);
  EXPECT_GE(report_of("gpu").health.tasks_done, 3u);
}

TEST_F(DeviceJobs, NobodyWaitsForAMeasurement) {
  add_device("gpu").service_seconds = [](const Task&) { return 0.5; };
  rig_.start();
  for (int i = 0; i < 5; ++i) run(JobClass::kInteractive);
  EXPECT_EQ(report_of("gpu").health.tasks_done, 0u);
}

TEST_F(DeviceJobs, ADeviceThatFailsCostsNoJob) {
  for (const ErrorCode code :
       {ErrorCode::kOutOfMemory, ErrorCode::kTimedOut, ErrorCode::kWorkerCrashed, ErrorCode::kWorkerLied,
        ErrorCode::kUnsupported, ErrorCode::kUnavailable, ErrorCode::kInternal}) {
    SCOPED_TRACE(error_name(code));
    SchedulerRig rig;
    rig.recipe = rig_.recipe;
    rig.lane_configs = rig_.lane_configs;
    rig.lane_configs.push_back(rig_.lane_configs.front());
    SimulatedLaneConfig& gpu = rig.lane_configs.back();
    gpu.name = "gpu";
    gpu.kind = "opencl-gpu";
    gpu.takes = [](const Task& task) { return !reads_source(task); };
    gpu.fault = [code](const Task&) { return Error{code, "the device says no"}; };
    rig.start();
    const Job job = rig.upload();
    ASSERT_TRUE(rig.reaches(job, JobState::kDone));
    EXPECT_EQ(rig.photo_of(job).heavy.manifest.variants.size(), 8u);
    const auto record = rig.store.jobs->get(job.id);
    ASSERT_EQ(record->attempts.size(), 1u);
    std::string reasons;
    for (const Decision& decision : record->attempts[0].decisions) reasons += decision.reason + "\n";
    EXPECT_THAT(reasons, HasSubstr("moved here: gpu failed: the device says no"));
    EXPECT_EQ(rig.metrics.counter(metric::kDeviceCuts, label({{"result", error_name(code)}})).value(), 1);
  }
}

TEST_F(DeviceJobs, ADeviceThatFailsLeavesItsWorkToAnother) {
  add_device("broken").fault = [](const Task&) { return Error{ErrorCode::kWorkerCrashed, "lost"}; };
  add_device("whole");
  rig_.start();
  bool moved = false;
  for (int i = 0; i < 12; ++i) {
    const std::vector<std::string> lanes = lanes_of(run());
    const auto broken = std::ranges::find(lanes, "broken");
    moved |= std::find(broken, lanes.end(), "whole") != lanes.end();
  }
  EXPECT_TRUE(moved);
}

TEST_F(DeviceJobs, WhatACpuChildCannotHandOnIsDoneByIt) {
  rig_.lane_configs.front().fault = [](const Task& task) -> std::optional<Error> {
    if (!std::holds_alternative<EntropyDecodeStep>(task.steps[0])) return std::nullopt;
    return Error{ErrorCode::kUnsupported, "its colours have to change"};
  };
  add_device("gpu");
  rig_.start();
  const Job job = run();
  EXPECT_THAT(reasons_of(job), HasSubstr("moved here: it gives a device no part: its colours have to change"));
  EXPECT_EQ(lanes_of(job).back(), "cpu");
}

TEST_F(DeviceJobs, ABadPictureIsTheSameVerdictWithADevice) {
  rig_.lane_configs.front().fault = [](const Task& task) -> std::optional<Error> {
    if (std::holds_alternative<ProbeStep>(task.steps[0])) return std::nullopt;
    return Error{ErrorCode::kTruncatedImage, "the data ends early"};
  };
  add_device("gpu");
  rig_.start();
  const Job job = rig_.upload();
  ASSERT_TRUE(rig_.reaches(job, JobState::kFailed));
  EXPECT_EQ(rig_.store.jobs->get(job.id)->failure->code, ErrorCode::kTruncatedImage);
}

TEST_F(DeviceJobs, ALaneThatGoesOutOfServiceKeepsNobodyWaiting) {
  auto is_out = std::make_shared<std::atomic<bool>>(false);
  add_device("gpu").out_of_service = [is_out] { return *is_out ? std::string("its process ended") : std::string(); };
  rig_.start();
  for (int i = 0; i < 6; ++i) run();
  *is_out = true;
  const Job job = run();
  EXPECT_EQ(decisions_of(job)[1].chosen, "fused on cpu");
  EXPECT_THAT(decisions_of(job)[1].candidates[1].excluded, HasSubstr("its process ended"));
  *is_out = false;
  EXPECT_THAT(lanes_of(run()), Contains("gpu"));
}

TEST_F(DeviceJobs, GoneBetweenTheChoiceAndTheTaskItIsDoneElsewhere) {
  auto is_out = std::make_shared<std::atomic<bool>>(false);
  rig_.lane_configs.front().fault = [is_out](const Task& task) {
    if (std::holds_alternative<EntropyDecodeStep>(task.steps[0])) *is_out = true;
    return std::optional<Error>();
  };
  add_device("gpu").out_of_service = [is_out] { return *is_out ? std::string("unplugged") : std::string(); };
  rig_.start();
  EXPECT_THAT(reasons_of(run()), HasSubstr("unplugged"));
}

TEST_F(DeviceJobs, PressureOnTheCoresHoldsNoDeviceBack) {
  rig_.config.pressure.enabled = true;
  rig_.config.watch_period = std::chrono::milliseconds(1);
  rig_.config.read_pressure = [] { return Pressure{.cpu = 0.99}; };
  add_device("gpu");
  rig_.start();
  ASSERT_TRUE(eventually([&] { return rig_.scheduler->yielding().bulk_slots == 1; }));
  EXPECT_EQ(rig_.scheduler->yielding().slots, 2) << "the CPU's";
  std::vector<Job> jobs;
  for (int i = 0; i < 8; ++i) jobs.push_back(rig_.upload(JobClass::kBulk));
  for (const Job& job : jobs) {
    ASSERT_TRUE(rig_.reaches(job, JobState::kDone));
    for (const Decision& decision : decisions_of(job)) {
      if (decision.chosen == "gpu") {
        EXPECT_THAT(decision.reason, testing::Not(HasSubstr("bulk jobs had")));
      }
    }
  }
}

TEST_F(DeviceJobs, WhereDevicesComeFirstASlowOneDoesAllThatItCan) {
  put_devices_first();
  add_slow_device("card").slots = 1;
  rig_.start();
  std::vector<Job> jobs;
  for (const JobClass job_class : {JobClass::kUpload, JobClass::kBulk, JobClass::kInteractive, JobClass::kUpload})
    jobs.push_back(rig_.upload(job_class));
  for (const Job& job : jobs) {
    ASSERT_TRUE(rig_.reaches(job, JobState::kDone));
    const std::vector<Decision> decisions = decisions_of(job);
    EXPECT_THAT(decisions[1].reason, HasSubstr("devices come first"));
    EXPECT_EQ(decisions[1].chosen, "coefficients to card");
    EXPECT_EQ(decisions[3].chosen, "card") << "also when it has to be waited for";
    EXPECT_EQ(decisions[3].task, "reconstruct+resize x4+encode x4");
    EXPECT_EQ(decisions[4].chosen, "cpu");
  }
  EXPECT_EQ(report_of("card").health.tasks_done, jobs.size());
}

TEST_F(DeviceJobs, WhereDevicesComeFirstTheCpuDoesWhatNoneCan) {
  put_devices_first();
  add_slow_device("card");
  rig_.lane_configs.front().source.format = ImageFormat::kPng;
  rig_.start();
  EXPECT_THAT(reasons_of(run()), HasSubstr("devices take JPEGs"));
  EXPECT_EQ(report_of("card").health.tasks_done, 0u);
}

TEST_F(DeviceJobs, WhereDevicesComeFirstTheCpuDoesWhatIsTooLargeForThem) {
  put_devices_first();
  add_slow_device("card").memory_bytes = 1 << 20;
  rig_.start();
  const Job job = run();
  EXPECT_EQ(decisions_of(job)[1].chosen, "fused on cpu");
  EXPECT_THAT(decisions_of(job)[1].reason, HasSubstr("none can: card: cannot do these steps"));
}

TEST_F(DeviceJobs, WhereDevicesComeFirstOneThatFailedItsTaskLosesItToTheNextAndTheCpu) {
  put_devices_first();
  add_device("broken").fault = [](const Task&) { return Error{ErrorCode::kWorkerCrashed, "lost"}; };
  add_slow_device("whole").fault = [](const Task&) { return Error{ErrorCode::kOutOfMemory, "no room"}; };
  rig_.start();
  const Job job = run();
  EXPECT_EQ(lanes_of(job), (std::vector<std::string>{"cpu", "coefficients to broken", "cpu", "broken",
                                                     "coefficients to whole", "cpu", "whole", "fused on cpu", "cpu"}));
  EXPECT_THAT(reasons_of(job), HasSubstr("moved here: whole failed: no room"));
}

TEST_F(DeviceJobs, WhereDevicesComeFirstOneThatIsOutOfServiceIsNotWaitedFor) {
  put_devices_first();
  auto is_out = std::make_shared<std::atomic<bool>>(true);
  add_slow_device("card").out_of_service = [is_out] { return *is_out ? std::string("unplugged") : std::string(); };
  rig_.start();
  const Job job = run();
  EXPECT_EQ(decisions_of(job)[1].chosen, "fused on cpu");
  EXPECT_THAT(decisions_of(job)[1].reason, HasSubstr("none can: card: out of service: unplugged"));
  *is_out = false;
  EXPECT_THAT(lanes_of(run()), Contains("card"));
}

TEST_F(DeviceJobs, WhereDevicesComeFirstADeadlineIsMetByTheCpu) {
  put_devices_first();
  add_slow_device("card").service_seconds = [](const Task&) { return 0.6; };
  rig_.start();
  EXPECT_THAT(lanes_of(run(JobClass::kInteractive)), Contains("card")) << "it has no deadline";
  rig_.patience_ms = 400;
  Decision cut;
  for (int i = 0; i < 10 && cut.chosen != "fused on cpu"; ++i)  // until the card's pace is known
    cut = decisions_of(run(JobClass::kInteractive))[1];
  EXPECT_EQ(cut.chosen, "fused on cpu");
  EXPECT_THAT(cut.reason, HasSubstr("its deadline is 0."));
}

// One bit of one file, in one task of so many.
std::function<void(const Task&, TaskResult&)> flip_every(int period) {
  auto tasks = std::make_shared<std::atomic<int>>(0);
  return [tasks, period](const Task&, TaskResult& result) {
    if (++*tasks % period != 0) return;
    for (StepResult& step : result.steps) {
      if (auto* file = std::get_if<EncodedFile>(&step.value)) {
        file->bytes.mutable_view().back() ^= 1;
        return;
      }
    }
  };
}

TEST_F(DeviceJobs, AWrongBitTakesTheDeviceOutOfServiceAndIsNeverStored) {
  add_device("gpu").spoil = flip_every(1);
  rig_.start();
  const Job job = run();
  EXPECT_EQ(checks("gpu", "differs"), 1);
  EXPECT_EQ(report_of("gpu").health.state, LaneState::kOutOfService);
  EXPECT_THAT(report_of("gpu").health.reason, HasSubstr("than the CPU"));
  EXPECT_THAT(reasons_of(job), HasSubstr("gpu is out of service"));
  const Photo photo = rig_.photo_of(job);
  for (const Variant& variant : photo.heavy.manifest.variants) {
    const auto bytes = read_blob(*rig_.blobs, *BlobKey::parse(variant.blob_key), 1 << 20);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->view().back() & 1, 0) << variant.name << ": made-up files end in a zero";
  }
  EXPECT_EQ(decisions_of(run())[1].chosen, "fused on cpu");
  EXPECT_TRUE(eventually([&] {
    return rig_.metrics.gauge(metric::kLaneInService, label({{"lane", "gpu"}, {"kind", "opencl-gpu"}})).value() == 0;
  }));
}

TEST_F(DeviceJobs, AWrongPictureIsFoundAlthoughItsFilesAreRight) {
  add_device("gpu").spoil = [](const Task&, TaskResult& result) {
    for (StepResult& step : result.steps) {
      if (!step.picture) continue;
      const PictureShape shape = step.picture->shape();
      UniqueFd fd = *make_shared_memory("spoiled", shape.bytes());
      const std::uint8_t one = 1;
      ASSERT_TRUE(write_exactly(fd.get(), {&one, 1}, shape.bytes() - 1));
      ASSERT_TRUE(seal_for_good(fd.get()));
      step.picture = make_host_picture(shape, std::move(fd));
      return;
    }
  };
  rig_.start();
  run();
  EXPECT_EQ(checks("gpu", "differs"), 1);
}

TEST_F(DeviceJobs, TheFirstFewAreCheckedThenASample) {
  rig_.config.runner.device_checks = {.first = 3, .one_in = 10};
  add_device("gpu");
  rig_.start();
  int by_device = 0;
  while (by_device < 23) by_device += std::ranges::count(lanes_of(run()), "gpu");
  EXPECT_EQ(checks("gpu", "equal"), 3 + 2);
}

TEST_F(DeviceJobs, AFarmWithoutChecksSaysNothingOfThem) {
  rig_.config.runner.device_checks = {.first = 4, .one_in = 0};
  add_device("gpu").spoil = flip_every(1);
  rig_.start();
  run();
  EXPECT_EQ(checks("gpu", "differs"), 0);
  EXPECT_EQ(report_of("gpu").health.state, LaneState::kReady);
}

TEST_F(DeviceJobs, ManyJobsOnAFlakyDeviceLoseNothing) {
  auto tasks = std::make_shared<std::atomic<int>>(0);
  add_device("gpu").fault = [tasks](const Task&) -> std::optional<Error> {
    if (++*tasks % 5 != 0) return std::nullopt;
    return Error{ErrorCode::kOutOfMemory, "no room"};
  };
  rig_.start();
  std::vector<Job> jobs;
  for (int i = 0; i < 60; ++i) jobs.push_back(rig_.upload(i % 2 == 0 ? JobClass::kUpload : JobClass::kBulk));
  for (const Job& job : jobs) {
    ASSERT_TRUE(rig_.reaches(job, JobState::kDone));
    EXPECT_EQ(rig_.photo_of(job).heavy.manifest.variants.size(), 8u);
  }
  EXPECT_EQ(rig_.blob_count(), 60 * 9u);
}

}  // namespace
}  // namespace tintype
