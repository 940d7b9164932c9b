#include "workers/device/engine_ladder.h"

#include <algorithm>
#include <utility>

#include "workers/task_ladder.h"

namespace tintype {

Result<EngineLadder> plan_engine_ladder(const EngineTask& task) {
  const auto found =
      std::ranges::find_if(task.steps, [](const Step& step) { return std::holds_alternative<ReconstructStep>(step); });
  if (found == task.steps.end()) return fail(ErrorCode::kInvalidArgument, "a device's task has no coefficients");
  EngineLadder ladder;
  ladder.reconstruct_step = static_cast<std::size_t>(found - task.steps.begin());
  const auto& reconstruct = std::get<ReconstructStep>(*found);
  if (reconstruct.input.from != PictureRef::From::kInput || reconstruct.input.index >= task.inputs.size()) {
    return fail(ErrorCode::kInvalidArgument, "a device's task reads coefficients that were not given");
  }
  const EngineInput& input = task.inputs[reconstruct.input.index];
  TT_ASSIGN(ladder.source, read_coefficients(input.bytes, input.shape));
  ladder.orientation = reconstruct.orientation;

  const TaskLadder wanted = ladder_of(task.steps, task.keep_pictures,
                                      {PictureRef::From::kStep, static_cast<std::uint32_t>(ladder.reconstruct_step)});
  ladder.picture_of_step.resize(task.steps.size());
  std::vector<bool> is_made(task.steps.size());
  const auto add = [&](const PictureSize& size, std::size_t step) {
    const auto known = std::ranges::find(ladder.sizes, size);
    ladder.picture_of_step[step] = static_cast<std::uint32_t>(known - ladder.sizes.begin());
    is_made[step] = true;
    if (known == ladder.sizes.end()) ladder.sizes.push_back(size);
  };
  if (wanted.keeps_own) {
    add({reconstruct.width, reconstruct.height, chroma_of(reconstruct.full_chroma)}, ladder.reconstruct_step);
  }
  for (const TaskLadder::Rung& rung : wanted.rungs)
    for (const std::size_t step : rung.steps) add(rung.size, step);

  for (std::size_t i = 0; i < task.steps.size(); ++i) {
    const auto* encode = std::get_if<EncodeStep>(&task.steps[i]);
    if (!encode) continue;
    const PictureRef& ref = encode->input;
    if (ref.from != PictureRef::From::kStep || ref.index >= i || !is_made[ref.index]) {
      return fail(ErrorCode::kInvalidArgument, "a device's task encodes a picture that it does not make");
    }
    ladder.picture_of_step[i] = ladder.picture_of_step[ref.index];
    const PictureSize& size = ladder.sizes[ladder.picture_of_step[i]];
    if (size.width != encode->encode.width || size.height != encode->encode.height || size.chroma != Chroma::kHalf) {
      return fail(ErrorCode::kInvalidArgument, "a device's task encodes a picture of another size than it makes");
    }
  }
  return ladder;
}

EncodeOptions options_of(const EncodeStep& step) {
  return {step.encode.format, step.encode.encoder, step.encode.quality, step.encode.effort, 1};
}

EncodedFile finished_file(const EncodeStep& step, Bytes webp, std::string thumbhash) {
  EncodedFile file;
  file.bytes = std::move(webp);
  file.format = step.encode.format;
  file.quality = step.encode.quality;
  file.effort = step.encode.effort;
  file.encoder = encoder_build(step.encode.encoder);
  file.thumbhash = std::move(thumbhash);
  return file;
}

}  // namespace tintype
