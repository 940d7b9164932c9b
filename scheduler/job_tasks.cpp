#include "scheduler/job_tasks.h"

#include <algorithm>
#include <utility>

namespace tintype {
namespace {

bool is_full_size(const SourceInfo& source, const Plan& plan) {
  std::uint32_t longest = 0;
  for (const PlannedEncode& encode : plan.encodes) longest = std::max({longest, encode.width, encode.height});
  return longest >= std::max(source.width, source.height);
}

// A score is asked of an encode of that size.
bool is_measured(const Plan& plan, std::uint32_t width, std::uint32_t height) {
  return std::ranges::any_of(plan.encodes, [&](const PlannedEncode& encode) {
    return encode.target && encode.width == width && encode.height == height;
  });
}

std::vector<std::uint32_t> add_picture_steps(Task& task, const SourceInfo& source, const Plan& plan) {
  const bool own_is_measured =
      is_full_size(source, plan) && is_measured(plan, source.upright_width(), source.upright_height());
  task.steps.push_back(
      DecodeStep{source, smallest_decode_px(source, plan), plan.damaged, plan.metadata, own_is_measured});
  return add_resize_steps(task, source, plan);
}

}  // namespace

Task job_task(const Job& job) {
  Task task;
  task.job = job.id;
  task.trace_id = job.trace_id;
  task.job_class = job.job_class;
  task.owner = job.owner;
  return task;
}

std::uint32_t smallest_decode_px(const SourceInfo& source, const Plan& plan) {
  if (is_full_size(source, plan)) return 0;
  std::uint32_t longest = 0;
  for (const PlannedEncode& encode : plan.encodes) longest = std::max({longest, encode.width, encode.height});
  return longest;
}

std::uint32_t decode_scale(const SourceInfo& source, std::uint32_t min_long_side_px) {
  std::uint32_t scale = 1;
  if (source.format != ImageFormat::kJpeg || min_long_side_px == 0) return scale;
  const double long_side = std::max(source.width, source.height);
  while (scale < 8 && long_side / (scale * 2) >= min_long_side_px) scale *= 2;
  return scale;
}

std::vector<std::uint32_t> add_resize_steps(Task& task, const SourceInfo& source, const Plan& plan) {
  const bool full_size = is_full_size(source, plan);
  std::vector<std::uint32_t> picture_steps;
  std::uint32_t width = full_size ? source.upright_width() : 0;  // of the last step's picture; 0: not one of ours
  std::uint32_t height = full_size ? source.upright_height() : 0;
  for (const PlannedEncode& encode : plan.encodes) {
    if (encode.width != width || encode.height != height) {
      const auto larger = static_cast<std::uint32_t>(task.steps.size() - 1);
      task.steps.push_back(ResizeStep{{PictureRef::From::kStep, larger},
                                      encode.width,
                                      encode.height,
                                      is_measured(plan, encode.width, encode.height)});
      width = encode.width;
      height = encode.height;
    }
    picture_steps.push_back(static_cast<std::uint32_t>(task.steps.size() - 1));
  }
  return picture_steps;
}

bool makes_thumbhash(const Plan& plan, std::size_t encode) { return encode + 1 == plan.encodes.size(); }

FusedTask make_fused_task(const Job& job, const SourceInfo& source, const Plan& plan,
                          std::shared_ptr<const SourceBuffer> bytes) {
  FusedTask fused{job_task(job), {}};
  fused.task.source = std::move(bytes);
  const std::vector<std::uint32_t> pictures = add_picture_steps(fused.task, source, plan);
  for (std::size_t i = 0; i < plan.encodes.size(); ++i) {
    fused.encode_steps.push_back(static_cast<std::uint32_t>(fused.task.steps.size()));
    fused.task.steps.push_back(
        EncodeStep{{PictureRef::From::kStep, pictures[i]}, plan.encodes[i], nullptr, makes_thumbhash(plan, i)});
  }
  return fused;
}

PictureTask make_picture_task(const Job& job, const SourceInfo& source, const Plan& plan,
                              std::shared_ptr<const SourceBuffer> bytes) {
  PictureTask pictures{job_task(job), {}};
  pictures.task.source = std::move(bytes);
  pictures.picture_steps = add_picture_steps(pictures.task, source, plan);
  pictures.task.keep_pictures = pictures.picture_steps;
  const auto repeated = std::ranges::unique(pictures.task.keep_pictures);
  pictures.task.keep_pictures.erase(repeated.begin(), repeated.end());
  return pictures;
}

Task make_encode_task(const Job& job, const PlannedEncode& encode, PictureHandle picture,
                      std::shared_ptr<const EmbeddedMetadata> metadata, bool wants_thumbhash) {
  Task task = job_task(job);
  task.inputs.push_back(std::move(picture));
  task.steps.push_back(EncodeStep{{PictureRef::From::kInput, 0}, encode, std::move(metadata), wants_thumbhash});
  return task;
}

Task make_probe_task(const Job& job, std::shared_ptr<const SourceBuffer> bytes) {
  Task task = job_task(job);
  task.source = std::move(bytes);
  task.steps.push_back(ProbeStep{});
  return task;
}

}  // namespace tintype
