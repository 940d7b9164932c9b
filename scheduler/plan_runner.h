// PlanRunner: has the lanes make what a plan asks for, in the way that looks best, and another way where that one
// fails.
//
// A device that cannot, fails, is lost or is not believed costs the time it took and nothing else: the work is done
// elsewhere within the same attempt, and the attempt's decisions say why. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/cut_choice.h"
#include "scheduler/device_checks.h"
#include "scheduler/job_services.h"

namespace tintype {

// What the lanes made of a photo.
struct Made {
  explicit Made(const Plan& plan) : files(plan.encodes.size()), encode_seconds(plan.encodes.size()) {}
  void put(std::size_t encode, StepResult step);  // that made plan.encodes[encode]

  DecodeResult decoded;
  std::vector<EncodedFile> files;  // one for each of the plan's encodes
  std::vector<double> encode_seconds;
};

class PlanRunner {
 public:
  // Both must outlive it.
  PlanRunner(const JobRunnerConfig& config, const JobServices& services);

  Result<SourceInfo> probe(const Job& job, std::shared_ptr<const SourceBuffer> source, Attempt& attempt);
  Result<Made> run(const Job& job, const SourceInfo& info, const Plan& plan, std::shared_ptr<const SourceBuffer> source,
                   Attempt& attempt);

 private:
  struct Photo {  // what is to be done
    const Job& job;
    const SourceInfo& info;
    const Plan& plan;
    std::shared_ptr<const SourceBuffer> source;
    std::uint64_t order = 0;
  };
  struct DeviceRun;  // a way with a device, as far as it has come

  std::optional<Result<Made>> try_devices(const Photo& photo, std::string& note, Attempt& attempt);
  Result<Made> run_with_device(const Photo& photo, DeviceRun& run, Attempt& attempt);
  Status run_device_task(const Photo& photo, DeviceRun& run, Attempt& attempt);
  Status check_device(const Photo& photo, DeviceRun& run, Attempt& attempt);
  Status run_rest(const Photo& photo, const DeviceRun& run, Made& made, Attempt& attempt);
  Result<Made> run_fused(const Photo& photo, const std::string& note, Attempt& attempt);
  Result<Made> run_split(const Photo& photo, const std::string& note, Attempt& attempt);
  // A device does what it was chosen for, and nothing else: its results are compared by the photo.
  PlaceRequest for_cpu(Task task, std::uint64_t order, const std::string& note = "") const;
  Status run_side_by_side(std::vector<PlaceRequest> requests, std::vector<TaskResult>& results, Attempt& attempt);
  Result<TaskResult> run_task(PlaceRequest request, Attempt& attempt);
  std::chrono::milliseconds patience(const Plan& plan, std::chrono::milliseconds least) const;

  const JobRunnerConfig& config_;
  const JobServices& services_;
  CutChoice cuts_;
  DeviceChecks checks_;
  std::atomic<std::uint64_t> next_order_ = 1;
};

}  // namespace tintype
