#include "workers/simulated/made_up_result.h"

#include <algorithm>
#include <utility>

#include "workers/shared_memory.h"
#include "workers/simulated/made_up_file.h"

namespace tintype {
namespace {

class Answers {
 public:
  Answers(const Task& task, const SourceInfo& source) : task_(task), source_(source), shapes_(task.steps.size()) {}

  Result<StepResult> answer(std::size_t index) {
    StepResult result;
    TT_TRY(std::visit([&](const auto& step) { return fill(step, index, result); }, task_.steps[index]));
    if (std::ranges::contains(task_.keep_pictures, index)) {
      TT_ASSIGN(UniqueFd fd, make_shared_memory("tintype-simulated", shapes_[index].bytes()));
      if (!seal_for_good(fd.get())) return fail(ErrorCode::kInternal, "fresh shared memory cannot be sealed");
      result.picture = make_host_picture(shapes_[index], std::move(fd));
    }
    return result;
  }

 private:
  Status fill(const ProbeStep&, std::size_t, StepResult& result) const {
    SourceInfo info = source_;
    info.bytes = task_.source ? task_.source->size() : 0;
    result.value = info;
    return {};
  }

  Status fill(const DecodeStep& step, std::size_t index, StepResult& result) {
    const bool is_planar = step.info.format == ImageFormat::kJpeg;
    const PixelLayout layout = is_planar             ? PixelLayout::kYcc420
                               : step.info.has_alpha ? PixelLayout::kRgba8
                                                     : PixelLayout::kRgb8;
    shapes_[index] = {step.info.upright_width(), step.info.upright_height(), layout};
    result.value = DecodeResult{.shape = shapes_[index],
                                .taken_at_ms = {},
                                .metadata_json = {},
                                .embedded = std::make_shared<EmbeddedMetadata>(),
                                .warnings = {}};
    return {};
  }

  Status fill(const EntropyDecodeStep& step, std::size_t index, StepResult& result) {
    shapes_[index] = {step.info.width, step.info.height, PixelLayout::kJpegCoefficients};
    result.value = DecodeResult{.shape = {step.info.upright_width(), step.info.upright_height(), PixelLayout::kYcc420},
                                .taken_at_ms = {},
                                .metadata_json = {},
                                .embedded = std::make_shared<EmbeddedMetadata>(),
                                .warnings = {}};
    return {};
  }

  Status fill(const ReconstructStep& step, std::size_t index, StepResult&) {
    shapes_[index] = {step.width, step.height, step.full_chroma ? PixelLayout::kYcc444 : PixelLayout::kYcc420};
    return {};
  }

  Status fill(const ResizeStep& step, std::size_t index, StepResult&) {
    const bool given = step.input.from == PictureRef::From::kInput;
    const PictureShape& input = given ? task_.inputs[step.input.index]->shape() : shapes_[step.input.index];
    shapes_[index] = {step.width, step.height, input.layout};
    return {};
  }

  Status fill(const EncodeStep& step, std::size_t, StepResult& result) const {
    EncodedFile file;
    TT_ASSIGN(file.bytes, make_up_file(step.encode.format, step.encode.width, step.encode.height));
    file.encoder = "simulated " + std::string(encoder_name(step.encode.encoder));
    file.format = step.encode.format;
    file.quality = step.encode.quality;
    file.effort = step.encode.effort;
    if (const auto& target = step.encode.target) {
      file.quality = target->highest_quality;
      file.contract = ContractResult{.target = *target, .score = target->score};
      file.contract->probes.push_back({file.quality, target->score, file.bytes.size(), 0});
    }
    if (step.wants_thumbhash) file.thumbhash = "made up";
    result.value = std::move(file);
    return {};
  }

  const Task& task_;
  const SourceInfo& source_;
  std::vector<PictureShape> shapes_;
};

}  // namespace

Result<TaskResult> make_up_result(const Task& task, const SourceInfo& source, double work_seconds) {
  TT_TRY(check_task(task));
  TaskResult result;
  result.work_seconds = work_seconds;
  result.peak_bytes = estimate_task_bytes(task);
  Answers answers(task, source);
  for (std::size_t i = 0; i < task.steps.size(); ++i) {
    TT_ASSIGN(StepResult step, answers.answer(i));
    step.seconds = work_seconds / static_cast<double>(task.steps.size());
    result.steps.push_back(std::move(step));
  }
  return result;
}

}  // namespace tintype
