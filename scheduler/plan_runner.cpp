#include "scheduler/plan_runner.h"

#include <algorithm>
#include <future>
#include <utility>

#include "core/base/metric_names.h"
#include "scheduler/disposition.h"
#include "scheduler/job_tasks.h"

namespace tintype {
namespace {

bool has_target(const PlannedEncode& encode) { return encode.target.has_value(); }

}  // namespace

void Made::put(std::size_t encode, StepResult step) {
  files[encode] = std::get<EncodedFile>(std::move(step.value));
  encode_seconds[encode] = step.seconds;
}

PlanRunner::PlanRunner(const JobRunnerConfig& config, const JobServices& services)
    : config_(config),
      services_(services),
      cuts_(config.cuts, services.dispatcher, services.clock),
      checks_(config.device_checks, services.dispatcher, services.metrics, services.log) {}

PlaceRequest PlanRunner::for_cpu(Task task, std::uint64_t order, const std::string& note) const {
  return {.task = std::move(task), .order = order, .only = cuts_.other_lanes(), .note = note};
}

Result<SourceInfo> PlanRunner::probe(const Job& job, std::shared_ptr<const SourceBuffer> source, Attempt& attempt) {
  TT_ASSIGN(const TaskResult probed,
            run_task(for_cpu(make_probe_task(job, std::move(source)), next_order_++), attempt));
  return std::get<SourceInfo>(probed.steps.at(0).value);
}

Result<Made> PlanRunner::run(const Job& job, const SourceInfo& info, const Plan& plan,
                             std::shared_ptr<const SourceBuffer> source, Attempt& attempt) {
  const Photo photo{job, info, plan, std::move(source), next_order_++};
  std::string note;  // why it comes here
  if (!cuts_.devices().empty()) {
    if (std::optional<Result<Made>> made = try_devices(photo, note, attempt)) return *std::move(made);
  }
  // Somebody waits and there is room: the encodes of one photo side by side. Otherwise the fused way costs less, and
  // with scores to be met it also searches less: each search starts from those before.
  const bool searches = std::ranges::any_of(plan.encodes, has_target);
  const bool hurry = job.job_class == JobClass::kInteractive && plan.encodes.size() > 1 && !searches;
  if (hurry && services_.dispatcher.idle_slots() > 1) return run_split(photo, note, attempt);
  return run_fused(photo, note, attempt);
}

std::chrono::milliseconds PlanRunner::patience(const Plan& plan, std::chrono::milliseconds least) const {
  double megapixels = 0;
  for (const PlannedEncode& encode : plan.encodes) megapixels += encode.megapixels();
  const double more = megapixels * static_cast<double>(config_.task_timeout_a_megapixel.count());
  return least + std::chrono::milliseconds(static_cast<std::int64_t>(more));
}

Result<Made> PlanRunner::run_fused(const Photo& photo, const std::string& note, Attempt& attempt) {
  FusedTask fused = make_fused_task(photo.job, photo.info, photo.plan, photo.source);
  fused.task.timeout = patience(photo.plan, config_.task_timeout);
  TT_ASSIGN(TaskResult result, run_task(for_cpu(std::move(fused.task), photo.order, note), attempt));
  Made made(photo.plan);
  made.decoded = std::get<DecodeResult>(std::move(result.steps.at(0).value));
  for (std::size_t i = 0; i < fused.encode_steps.size(); ++i)
    made.put(i, std::move(result.steps.at(fused.encode_steps[i])));
  return made;
}

Result<Made> PlanRunner::run_split(const Photo& photo, const std::string& note, Attempt& attempt) {
  PictureTask pictures = make_picture_task(photo.job, photo.info, photo.plan, photo.source);
  pictures.task.timeout = config_.task_timeout;
  TT_ASSIGN(TaskResult decoded, run_task(for_cpu(std::move(pictures.task), photo.order, note), attempt));
  Made made(photo.plan);
  made.decoded = std::get<DecodeResult>(std::move(decoded.steps.at(0).value));

  std::vector<PlaceRequest> requests;
  for (std::size_t i = 0; i < photo.plan.encodes.size(); ++i) {
    const PictureHandle picture = decoded.steps.at(pictures.picture_steps[i]).picture;
    Task task = make_encode_task(photo.job, photo.plan.encodes[i], picture, made.decoded.embedded,
                                 makes_thumbhash(photo.plan, i));
    task.timeout = config_.task_timeout;
    requests.push_back(for_cpu(std::move(task), next_order_++));
  }
  std::vector<TaskResult> results;
  TT_TRY(run_side_by_side(std::move(requests), results, attempt));
  for (std::size_t i = 0; i < results.size(); ++i) made.put(i, std::move(results[i].steps.at(0)));
  return made;
}

// Waits for all of them, also after one has failed.
Status PlanRunner::run_side_by_side(std::vector<PlaceRequest> requests, std::vector<TaskResult>& results,
                                    Attempt& attempt) {
  std::vector<std::future<Placed>> pending;
  for (PlaceRequest& request : requests) {
    auto promise = std::make_shared<std::promise<Placed>>();
    pending.push_back(promise->get_future());
    services_.dispatcher.submit(std::move(request),
                                [promise](Placed placed) { promise->set_value(std::move(placed)); });
  }
  Status failed;
  for (std::future<Placed>& future : pending) {
    Placed placed = future.get();
    attempt.decisions.push_back(std::move(placed.decision));
    if (placed.result) {
      results.push_back(*std::move(placed.result));
    } else if (failed) {
      failed = fail(placed.result.error());
    }
  }
  return failed;
}

// A worker's failure costs a try on another lane, where there is one; the picture's own fault does not.
Result<TaskResult> PlanRunner::run_task(PlaceRequest request, Attempt& attempt) {
  const bool other_lane = services_.dispatcher.lanes() > 1;
  PlaceRequest again{
      other_lane ? request.task : Task{}, request.order, request.avoid, true, request.only, request.note};
  Placed placed = services_.dispatcher.place_and_wait(std::move(request));
  attempt.decisions.push_back(placed.decision);
  if (placed.result || !other_lane || disposition_of(placed.result.error().code) != Disposition::kRetry) {
    return std::move(placed.result);
  }
  again.avoid.push_back(placed.decision.chosen);
  Placed second = services_.dispatcher.place_and_wait(std::move(again));
  if (second.decision.chosen.empty()) return std::move(placed.result);  // no other lane can
  services_.metrics.counter(metric::kJobRetries, label({{"cause", error_name(placed.result.error().code)}})).add();
  attempt.decisions.push_back(second.decision);
  return std::move(second.result);
}

}  // namespace tintype
