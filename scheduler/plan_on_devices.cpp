// The part of PlanRunner that uses devices.
#include <algorithm>
#include <format>
#include <utility>

#include "core/base/metric_names.h"
#include "scheduler/plan_runner.h"
#include "workers/shared_memory.h"

namespace tintype {
namespace {

// Of pictures that may lie on a device.
Result<bool> are_equal(const Picture& a, const Picture& b) {
  if (a.shape() != b.shape()) return false;
  TT_ASSIGN(const int a_fd, a.host_fd());
  TT_ASSIGN(const int b_fd, b.host_fd());
  TT_ASSIGN(const Mapping a_bytes, Mapping::map(a_fd, a.shape().bytes(), Mapping::Access::kRead));
  TT_ASSIGN(const Mapping b_bytes, Mapping::map(b_fd, b.shape().bytes(), Mapping::Access::kRead));
  return std::ranges::equal(a_bytes.view(), b_bytes.view());
}

bool are_equal(const EncodedFile& a, const EncodedFile& b) {
  return std::ranges::equal(a.bytes.view(), b.bytes.view()) && a.thumbhash == b.thumbhash;
}

// Nothing that another lane does can help.
bool is_final(const Error& error) { return error.code == ErrorCode::kCancelled || is_bad_picture(error.code); }

}  // namespace

struct PlanRunner::DeviceRun {
  std::vector<std::string> tried;  // devices that failed it
  bool is_refused = false;         // no device gets a part of this file
  Handed handed = {};
  DeviceTask device = {};
  std::string lane = "";  // that did the device's task
  TaskResult result = {};
  std::string remark = "";  // for people: what was unusual

  const EncodedFile& file(std::size_t i) const {
    return std::get<EncodedFile>(result.steps.at(device.encode_steps[i]).value);
  }
};

// Nothing: the CPU is to do all of it; `note` then says why no device did.
std::optional<Result<Made>> PlanRunner::try_devices(const Photo& photo, std::string& note, Attempt& attempt) {
  DeviceRun run;
  while (!run.is_refused) {
    CutChoice::Chosen chosen = cuts_.choose(photo.job, photo.info, photo.plan, photo.source, run.tried);
    attempt.decisions.push_back(std::move(chosen.decision));
    if (!chosen.is_for_device) break;
    const std::size_t said = attempt.decisions.size() - 1;
    run.remark.clear();
    const double started = services_.clock.steady_seconds();
    Result<Made> made = run_with_device(photo, run, attempt);
    Decision& decision = attempt.decisions[said];
    decision.outcome = made ? "ok" : std::string(error_name(made.error().code));
    decision.worked_seconds = services_.clock.steady_seconds() - started;
    if (!run.remark.empty()) decision.reason += "; " + run.remark;
    services_.metrics.counter(metric::kDeviceCuts, label({{"result", decision.outcome}})).add();
    if (made || run.remark.empty() || is_final(made.error())) return made;
    note = "moved here: " + run.remark;
  }
  return std::nullopt;
}

// An error with a remark: another way is to be tried.
Result<Made> PlanRunner::run_with_device(const Photo& photo, DeviceRun& run, Attempt& attempt) {
  Task entropy = make_entropy_task(photo.job, photo.info, photo.plan, photo.source);
  entropy.timeout = config_.task_timeout;
  Result<TaskResult> decoded = run_task(for_cpu(std::move(entropy), photo.order), attempt);
  if (!decoded) {
    run.is_refused = true;
    run.remark = "it gives a device no part: " + decoded.error().message;
    return fail(decoded.error());
  }
  run.handed = handed_by(*std::move(decoded));
  TT_TRY(run_device_task(photo, run, attempt));
  if (checks_.is_due(run.lane)) TT_TRY(check_device(photo, run, attempt));

  Made made(photo.plan);
  made.decoded = run.handed.decoded;
  TT_TRY(run_rest(photo, run, made, attempt));
  const std::vector<std::size_t> encodes = place_encodes(photo.plan).device;
  for (std::size_t i = 0; i < encodes.size(); ++i)
    made.put(encodes[i], std::move(run.result.steps.at(run.device.encode_steps[i])));
  return made;
}

Status PlanRunner::run_device_task(const Photo& photo, DeviceRun& run, Attempt& attempt) {
  run.device = make_device_task(photo.job, photo.info, photo.plan, run.handed);
  run.device.task.timeout = patience(photo.plan, config_.device_task_timeout);
  Placed placed = services_.dispatcher.place_and_wait({.task = run.device.task,
                                                       .order = photo.order,
                                                       .avoid = run.tried,
                                                       .has_another_way = true,
                                                       .only = cuts_.devices()});
  attempt.decisions.push_back(placed.decision);
  run.lane = placed.decision.chosen;
  if (!placed.result) {
    run.is_refused = run.lane.empty();
    if (!run.lane.empty()) run.tried.push_back(run.lane);
    run.remark = (run.lane.empty() ? "" : run.lane + " failed: ") + placed.result.error().message;
    return fail(placed.result.error());
  }
  run.result = *std::move(placed.result);
  if (const std::string why = checks_.why_not_believed(run.lane); !why.empty()) {
    run.tried.push_back(run.lane);
    run.remark = std::format("what {} made is not used: {}", run.lane, why);
    return fail(ErrorCode::kWorkerLied, run.remark);
  }
  return {};
}

// Does the device's part again on the CPU; where that differs, it takes the device's place.
Status PlanRunner::check_device(const Photo& photo, DeviceRun& run, Attempt& attempt) {
  DeviceTask check = make_check_task(photo.job, photo.info, photo.plan, photo.source);
  check.task.timeout = patience(photo.plan, config_.task_timeout);
  PlaceRequest request = for_cpu(check.task, photo.order, "to be compared with what " + run.lane + " made");
  request.has_another_way = true;
  Placed placed = services_.dispatcher.place_and_wait(std::move(request));
  attempt.decisions.push_back(std::move(placed.decision));
  if (!placed.result) {
    if (is_final(placed.result.error())) return fail(placed.result.error());
    checks_.not_done(run.lane, placed.result.error());
    return {};
  }
  TaskResult& checked = *placed.result;
  std::string different;
  const std::vector<std::size_t> encodes = place_encodes(photo.plan).device;
  for (std::size_t i = 0; i < encodes.size() && different.empty(); ++i) {
    const PlannedEncode& encode = photo.plan.encodes[encodes[i]];
    if (!are_equal(run.file(i), std::get<EncodedFile>(checked.steps.at(check.encode_steps[i]).value))) {
      different = std::format("WebP of {} x {}", encode.width, encode.height);
    }
  }
  for (std::size_t i = 0; i < run.device.picture_steps.size() && different.empty(); ++i) {
    const Picture& made = *run.result.steps.at(run.device.picture_steps[i]).picture;
    TT_ASSIGN(const bool equal, are_equal(made, *checked.steps.at(check.picture_steps[i]).picture));
    if (!equal) different = std::format("picture of {} x {}", made.shape().width, made.shape().height);
  }
  if (different.empty()) {
    checks_.equal(run.lane);
    return {};
  }
  run.remark = std::format("{} is out of service: {}", run.lane, checks_.differs(run.lane, photo.job, different));
  attempt.decisions.back().reason += "; they differ: " + run.remark;
  run.device = std::move(check);
  run.result = std::move(checked);
  return {};
}

// The encodes that are not for devices.
Status PlanRunner::run_rest(const Photo& photo, const DeviceRun& run, Made& made, Attempt& attempt) {
  const std::vector<std::size_t> encodes = place_encodes(photo.plan).cpu;
  if (encodes.empty()) return {};
  std::vector<PictureHandle> pictures;
  for (const std::uint32_t step : run.device.picture_steps) pictures.push_back(run.result.steps.at(step).picture);
  const auto& metadata = run.handed.decoded.embedded;
  const bool hurry = photo.job.job_class == JobClass::kInteractive && services_.dispatcher.idle_slots() > 1;
  const std::size_t a_task = hurry ? 1 : encodes.size();
  std::vector<PlaceRequest> requests;
  for (std::size_t i = 0; i < encodes.size(); i += a_task) {
    const auto some = [&](const auto& of) {
      return std::vector(of.begin() + i, of.begin() + std::min(i + a_task, of.size()));
    };
    Task task = make_encodes_task(photo.job, photo.plan, some(encodes), some(pictures), metadata);
    task.timeout = patience(photo.plan, config_.task_timeout);
    requests.push_back(for_cpu(std::move(task), photo.order));
  }
  std::vector<TaskResult> results;
  TT_TRY(run_side_by_side(std::move(requests), results, attempt));
  for (std::size_t i = 0; i < encodes.size(); ++i)
    made.put(encodes[i], std::move(results[i / a_task].steps.at(i % a_task)));
  return {};
}

}  // namespace tintype
