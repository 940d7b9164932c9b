#include "workers/fpga/fpga_task.h"

#include <algorithm>
#include <string>
#include <utility>

#include "codec/encode.h"
#include "codec/thumbhash.h"
#include "codec/webp/encode_webp_own.h"
#include "codec/webp/webp_container.h"
#include "workers/device/engine_ladder.h"

namespace tintype {
namespace {

// Adds the time that it lives to `seconds`.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  const Clock::time_point start_ = Clock::now();
};

Planes copy_of(const Planes& planes) {
  Planes copy = Planes::allocate(planes.width(), planes.height(), planes.chroma());
  std::ranges::copy(planes.view(), copy.mutable_view().begin());
  return copy;
}

}  // namespace

Result<std::vector<EngineStepResult>> FpgaTask::run() {
  TT_ASSIGN(const EngineLadder plan, plan_engine_ladder(task_));
  {
    const Stopwatch watch(results_[plan.reconstruct_step].seconds);
    TT_ASSIGN(std::vector<StoredPlane> stored, stored_planes(plan.source.components, plan.source.coefficients, calls_));
    ladder_ = std::make_unique<FpgaLadder>(std::move(stored), plan.orientation, plan.sizes);
    TT_TRY(ladder_->start(calls_));
  }
  // Each picture's frames are begun as soon as it is there, while the card makes the next one.
  for (std::size_t size = 0; size < plan.sizes.size(); ++size) {
    std::optional<Planes> picture;
    for (std::size_t i = 0; i < task_.steps.size(); ++i) {
      const auto* encode = std::get_if<EncodeStep>(&task_.steps[i]);
      const bool is_kept = std::ranges::contains(task_.keep_pictures, i);
      if (plan.picture_of_step[i] != size) continue;
      const Stopwatch watch(results_[i].seconds);
      if (!picture) {
        TT_ASSIGN(picture, ladder_->take(size, calls_));
      }
      if (encode) TT_TRY(start_encode(i, *encode, *picture));
      if (is_kept) results_[i].picture = copy_of(*picture);
    }
  }
  for (std::size_t i = 0; i < task_.steps.size(); ++i) {
    const Stopwatch watch(results_[i].seconds);
    if (const auto* encode = std::get_if<EncodeStep>(&task_.steps[i])) TT_TRY(finish_encode(i, *encode));
  }
  return std::move(results_);
}

Status FpgaTask::start_encode(std::size_t index, const EncodeStep& step, const Planes& picture) {
  TT_ASSIGN(const vp8::Settings settings, own_webp_settings(options_of(step)));
  TT_ASSIGN(frames_[index], FpgaFrame::start(picture, settings, calls_));
  std::string thumbhash;
  if (step.wants_thumbhash) {
    TT_ASSIGN(thumbhash, thumbhash_of(to_rgb(picture)));
  }
  results_[index].file = finished_file(step, {}, std::move(thumbhash));
  return {};
}

Status FpgaTask::finish_encode(std::size_t index, const EncodeStep& step) {
  TT_ASSIGN(const Bytes frame, frames_[index]->finish(calls_));
  const EmbeddedMetadata none;
  const EmbeddedMetadata& metadata = step.metadata ? *step.metadata : none;
  TT_ASSIGN(results_[index].file->bytes,
            write_webp({step.encode.width, step.encode.height, frame, {}, metadata.icc, metadata.exif, {}}));
  return {};
}

}  // namespace tintype
