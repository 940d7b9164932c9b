#include "scheduler/cut_choice.h"

#include <format>
#include <limits>
#include <utility>

#include "scheduler/job_tasks.h"

namespace tintype {

struct CutChoice::Way : PlanWay {
  Foresight device = {};

  void then(const Foresight& stage) {
    if (excluded.empty()) excluded = stage.why_none;
    wait_seconds += stage.wait_seconds;
    work_seconds += stage.work_seconds;
    delay_of_others_seconds += stage.delay_of_others_seconds;
  }

  LaneCandidate candidate() const { return {name, wait_seconds, work_seconds, excluded}; }
};

Status CutChoiceConfig::validate() const {
  if (try_again_one_in < 1)
    return fail(ErrorCode::kInvalidArgument, "a device can be tried again for each job at most");
  return {};
}

CutChoice::CutChoice(const CutChoiceConfig& config, const Dispatcher& dispatcher, const Clock& clock)
    : config_(config), dispatcher_(dispatcher), clock_(clock) {
  for (std::size_t i = 0; i < dispatcher.lanes(); ++i) {
    const LaneInfo& lane = dispatcher.lane_info(i);
    (is_device(lane) ? devices_ : others_).push_back(lane.name);
  }
}

CutChoice::Way CutChoice::fused(const Job& job, const SourceInfo& source, const Plan& plan,
                                const std::shared_ptr<const SourceBuffer>& bytes) const {
  const Foresight all = dispatcher_.foresee(make_fused_task(job, source, plan, bytes).task, others_, {});
  Way way;
  way.name = all.lane.empty() ? "fused" : "fused on " + all.lane;
  way.then(all);
  return way;
}

CutChoice::Way CutChoice::with_device(const Job& job, const SourceInfo& source, const Plan& plan,
                                      const std::shared_ptr<const SourceBuffer>& bytes,
                                      const std::vector<std::string>& tried) const {
  Way way;
  way.name = "coefficients to a device";
  way.device =
      dispatcher_.foresee(make_device_task(job, source, plan, promised_by(source, plan)).task, devices_, tried);
  if (!way.device.lane.empty()) way.name = "coefficients to " + way.device.lane;
  way.then(way.device);
  way.then(dispatcher_.foresee(make_entropy_task(job, source, plan, bytes), others_, {}));
  const std::vector<std::size_t> rest = place_encodes(plan).cpu;
  if (rest.empty()) return way;
  std::vector<PictureHandle> pictures;
  for (const std::size_t i : rest) {
    pictures.push_back(promise({plan.encodes[i].width, plan.encodes[i].height, PixelLayout::kYcc420}));
  }
  Foresight encodes = dispatcher_.foresee(make_encodes_task(job, plan, rest, pictures, nullptr), others_, {});
  encodes.wait_seconds = 0;  // of what waits by then, this job's goes first
  way.then(encodes);
  return way;
}

// Empty: the CPU is to do it.
std::string CutChoice::why_device(const Job& job, const Way& cpu, const Way& device) {
  if (!device.excluded.empty()) return "";
  if (!cpu.excluded.empty()) return "nothing else can";
  const bool is_measured = device.device.times_seen >= config_.measure_first;
  if (is_measured && device.cost() < cpu.cost()) return "it is predicted to cost less";
  if (job.job_class == JobClass::kInteractive) return "";
  if (!is_measured) {
    if (!device.device.is_idle) return "";  // one at a time
    return std::format("{} has done such work {} times and is being measured", device.device.lane,
                       device.device.times_seen);
  }
  if (++lost_ % static_cast<std::uint64_t>(config_.try_again_one_in) != 0) return "";
  return std::format("it is tried for one in {} of the jobs that it would lose", config_.try_again_one_in);
}

PlaceVerdict CutChoice::fastest(const Job& job, const Way& cpu, const Way& device) {
  const std::string why = why_device(job, cpu, device);
  PlaceVerdict verdict{!why.empty(), why};
  if (why.empty()) {
    verdict.reason = !device.excluded.empty()                           ? "no device can: " + device.excluded
                     : device.device.times_seen < config_.measure_first ? "the device is still being measured"
                                                                        : "it is predicted to cost less";
  }
  if (device.excluded.empty()) {
    verdict.reason += std::format("; those who come after would wait {:.2f} s longer for {}, {:.2f} s for {}",
                                  cpu.delay_of_others_seconds, cpu.name, device.delay_of_others_seconds, device.name);
  }
  return verdict;
}

PlaceVerdict CutChoice::judge(const Job& job, const Way& cpu, const Way& device) {
  if (config_.placement == Placement::kFastest) return fastest(job, cpu, device);
  const double seconds_left =
      job.deadline_ms == 0 ? std::numeric_limits<double>::infinity() : double(job.deadline_ms - clock_.now_ms()) / 1000;
  return devices_first(cpu, device, seconds_left);
}

CutChoice::Chosen CutChoice::choose(const Job& job, const SourceInfo& source, const Plan& plan,
                                    const std::shared_ptr<const SourceBuffer>& bytes,
                                    const std::vector<std::string>& tried) {
  Chosen chosen;
  Decision& decision = chosen.decision;
  decision.task = "cut";
  decision.chosen = "fused";
  if (place_encodes(plan).device.empty()) {
    decision.reason =
        "no rung is for a device: those are WebP by the encoder \"tintype\", in recipes that ask for no score";
    return chosen;
  }
  if (source.format != ImageFormat::kJpeg) {
    decision.reason = "devices take JPEGs, and this is " + std::string(format_name(source.format));
    return chosen;
  }
  const Way cpu = fused(job, source, plan, bytes);
  const Way device = with_device(job, source, plan, bytes, tried);
  decision.candidates = {cpu.candidate(), device.candidate()};
  PlaceVerdict verdict = judge(job, cpu, device);
  chosen.is_for_device = verdict.is_for_device;
  decision.chosen = verdict.is_for_device ? device.name : cpu.name;
  decision.reason = std::move(verdict.reason);
  return chosen;
}

}  // namespace tintype
