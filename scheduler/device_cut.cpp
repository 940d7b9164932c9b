#include "scheduler/device_cut.h"

#include <algorithm>
#include <utility>

#include "scheduler/job_tasks.h"

namespace tintype {
namespace {

bool is_for_devices(const PlannedEncode& encode) {
  return encode.format == ImageFormat::kWebp && encode.encoder == Encoder::kTintype;
}

class PromisedPicture final : public Picture {
 public:
  explicit PromisedPicture(const PictureShape& shape) : shape_(shape) {}
  const PictureShape& shape() const override { return shape_; }
  Residence residence() const override { return Residence::kHost; }
  Result<int> host_fd() const override { return fail(ErrorCode::kInternal, "a promised picture has no pixels"); }

 private:
  const PictureShape shape_;
};

std::uint32_t add_input(Task& task, const PictureHandle& picture) {
  const auto known = std::ranges::find(task.inputs, picture);
  const auto place = static_cast<std::uint32_t>(known - task.inputs.begin());
  if (known == task.inputs.end()) task.inputs.push_back(picture);
  return place;
}

// Encodes by the device of pictures that steps make, and those pictures kept that the CPU's encodes are made from.
void add_encodes(DeviceTask& device, const Plan& plan, const std::vector<std::uint32_t>& pictures,
                 const std::shared_ptr<const EmbeddedMetadata>& metadata) {
  const EncodesByPlace places = place_encodes(plan);
  for (const std::size_t encode : places.device) {
    device.encode_steps.push_back(static_cast<std::uint32_t>(device.task.steps.size()));
    device.task.steps.push_back(EncodeStep{
        {PictureRef::From::kStep, pictures[encode]}, plan.encodes[encode], metadata, makes_thumbhash(plan, encode)});
  }
  for (const std::size_t encode : places.cpu) {
    device.picture_steps.push_back(pictures[encode]);
    if (!std::ranges::contains(device.task.keep_pictures, pictures[encode])) {
      device.task.keep_pictures.push_back(pictures[encode]);
    }
  }
}

}  // namespace

EncodesByPlace place_encodes(const Plan& plan) {
  EncodesByPlace places;
  const bool has_target =
      std::ranges::any_of(plan.encodes, [](const PlannedEncode& e) { return e.target.has_value(); });
  for (std::size_t i = 0; i < plan.encodes.size(); ++i) {
    (is_for_devices(plan.encodes[i]) && !has_target ? places.device : places.cpu).push_back(i);
  }
  return places;
}

Task make_entropy_task(const Job& job, const SourceInfo& source, const Plan& plan,
                       std::shared_ptr<const SourceBuffer> bytes) {
  Task task = job_task(job);
  task.source = std::move(bytes);
  task.steps.push_back(EntropyDecodeStep{source, smallest_decode_px(source, plan), plan.damaged, plan.metadata});
  task.keep_pictures = {0};
  return task;
}

Handed handed_by(TaskResult result) {
  StepResult& step = result.steps.at(0);
  return {std::move(step.picture), std::get<DecodeResult>(std::move(step.value))};
}

PictureHandle promise(const PictureShape& shape) { return std::make_shared<PromisedPicture>(shape); }

Handed promised_by(const SourceInfo& source, const Plan& plan) {
  const std::uint32_t scale = decode_scale(source, smallest_decode_px(source, plan));
  const auto scaled = [scale](std::uint32_t side) { return (side + scale - 1) / scale; };
  Handed handed;
  handed.decoded.shape = {scaled(source.upright_width()), scaled(source.upright_height()), PixelLayout::kYcc420};
  handed.coefficients = promise({source.width, source.height, PixelLayout::kJpegCoefficients});
  return handed;
}

DeviceTask make_device_task(const Job& job, const SourceInfo& source, const Plan& plan, const Handed& handed) {
  DeviceTask device{job_task(job), {}, {}};
  const PictureShape& shape = handed.decoded.shape;
  device.task.inputs.push_back(handed.coefficients);
  device.task.steps.push_back(
      ReconstructStep{{PictureRef::From::kInput, 0}, shape.width, shape.height, source.orientation, false});
  add_encodes(device, plan, add_resize_steps(device.task, source, plan), handed.decoded.embedded);
  return device;
}

DeviceTask make_check_task(const Job& job, const SourceInfo& source, const Plan& plan,
                           std::shared_ptr<const SourceBuffer> bytes) {
  PictureTask pictures = make_picture_task(job, source, plan, std::move(bytes));
  DeviceTask check{std::move(pictures.task), {}, {}};
  check.task.keep_pictures.clear();
  add_encodes(check, plan, pictures.picture_steps, nullptr);
  return check;
}

Task make_encodes_task(const Job& job, const Plan& plan, const std::vector<std::size_t>& encodes,
                       const std::vector<PictureHandle>& pictures, std::shared_ptr<const EmbeddedMetadata> metadata) {
  Task task = job_task(job);
  for (std::size_t i = 0; i < encodes.size(); ++i) {
    const PictureRef input{PictureRef::From::kInput, add_input(task, pictures[i])};
    task.steps.push_back(EncodeStep{input, plan.encodes[encodes[i]], metadata, makes_thumbhash(plan, encodes[i])});
  }
  return task;
}

}  // namespace tintype
