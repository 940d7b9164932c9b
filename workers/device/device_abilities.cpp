#include "workers/device/device_abilities.h"

#include <algorithm>

namespace tintype {
namespace {

class Judge {
 public:
  Judge(const DeviceAbilities& abilities, const Task& task) : abilities_(abilities), task_(task) {}

  bool can_do_all() const {
    return check_task(task_) && has_one_picture() && std::ranges::all_of(task_.steps, [&](const Step& step) {
             return std::visit([&](const auto& one) { return can_do(one); }, step);
           });
  }

 private:
  // All that a task makes comes of one picture that was handed in.
  bool has_one_picture() const {
    const PictureRef* picture = nullptr;
    for (const Step& step : task_.steps) {
      const PictureRef* ref = input_of(step);
      if (!ref || ref->from != PictureRef::From::kInput) continue;
      if (picture && (*ref != *picture || std::holds_alternative<ReconstructStep>(step))) return false;
      picture = ref;
    }
    return picture != nullptr;
  }

  bool can_do(const ProbeStep&) const { return false; }
  bool can_do(const DecodeStep&) const { return false; }
  bool can_do(const EntropyDecodeStep&) const { return false; }

  bool can_do(const ReconstructStep& step) const {
    const PictureShape& shape = task_.inputs[step.input.index]->shape();
    return abilities_.takes_coefficients && fits(shape.width, shape.height) && can_make(step);
  }

  bool can_do(const ResizeStep& step) const { return is_readable(step.input) && can_make(step); }

  bool can_do(const EncodeStep& step) const {
    const PlannedEncode& encode = step.encode;
    return abilities_.makes_webp && encode.format == ImageFormat::kWebp && encode.encoder == Encoder::kTintype &&
           !encode.target && !encode.rival && is_readable(step.input) && layout_of(step.input) == PixelLayout::kYcc420;
  }

  template <typename Made>
  bool can_make(const Made& step) const {
    return fits(step.width, step.height) && (!step.full_chroma || abilities_.makes_full_chroma);
  }

  bool fits(std::uint32_t width, std::uint32_t height) const {
    return std::max(width, height) <= abilities_.most_side_px &&
           std::uint64_t{width} * height <= abilities_.most_pixels;
  }

  bool is_readable(const PictureRef& ref) const {
    if (ref.from == PictureRef::From::kStep) return true;
    const PictureShape& shape = task_.inputs[ref.index]->shape();
    return abilities_.takes_planes && shape.layout == PixelLayout::kYcc420 && fits(shape.width, shape.height);
  }

  PixelLayout layout_of(const PictureRef& ref) const {
    if (ref.from == PictureRef::From::kInput) return task_.inputs[ref.index]->shape().layout;
    const Step& step = task_.steps[ref.index];
    const auto* resize = std::get_if<ResizeStep>(&step);
    const bool is_full = resize ? resize->full_chroma : std::get<ReconstructStep>(step).full_chroma;
    return is_full ? PixelLayout::kYcc444 : PixelLayout::kYcc420;
  }

  const DeviceAbilities& abilities_;
  const Task& task_;
};

}  // namespace

bool can_do(const DeviceAbilities& abilities, const Task& task) { return Judge(abilities, task).can_do_all(); }

}  // namespace tintype
