// A plan as tasks for lanes. Pure.
//
// Fused: one task does everything, pixels stay where they are: least work. Split: one task decodes and resizes,
// then every encode is a task of its own: shortest time for one photo when slots are idle. What devices do of a plan:
// scheduler/device_cut.h.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/job/job.h"
#include "core/job/plan.h"
#include "workers/task.h"

namespace tintype {

// Steps of a task that make the encodes of a plan; `encode_steps[i]` makes plan.encodes[i].
struct FusedTask {
  Task task;
  std::vector<std::uint32_t> encode_steps;
};
FusedTask make_fused_task(const Job& job, const SourceInfo& source, const Plan& plan,
                          std::shared_ptr<const SourceBuffer> bytes);

// Decode and resize; `picture_steps[i]` makes the picture that plan.encodes[i] is made from, and is kept.
struct PictureTask {
  Task task;
  std::vector<std::uint32_t> picture_steps;
};
PictureTask make_picture_task(const Job& job, const SourceInfo& source, const Plan& plan,
                              std::shared_ptr<const SourceBuffer> bytes);

// One encode of a picture made by the task above.
Task make_encode_task(const Job& job, const PlannedEncode& encode, PictureHandle picture,
                      std::shared_ptr<const EmbeddedMetadata> metadata, bool wants_thumbhash);

// The encode whose picture the photo's thumbhash is made of: a plan's last, which is its smallest.
bool makes_thumbhash(const Plan& plan, std::size_t encode);

// What both kinds of cuts are made of. A task of the job, without steps.
Task job_task(const Job& job);
// DecodeStep::min_long_side_px for the plan, and what it divides a JPEG's sides by.
std::uint32_t smallest_decode_px(const SourceInfo& source, const Plan& plan);
std::uint32_t decode_scale(const SourceInfo& source, std::uint32_t min_long_side_px);
// Adds, after a step that makes the whole picture, for each size of the plan a resize from the next larger one. Answers
// for each encode the step that makes its picture.
std::vector<std::uint32_t> add_resize_steps(Task& task, const SourceInfo& source, const Plan& plan);

Task make_probe_task(const Job& job, std::shared_ptr<const SourceBuffer> bytes);

}  // namespace tintype
