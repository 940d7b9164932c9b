// A plan cut so that a device does the pixel work of its WebP encodes. Pure.
//
// First a CPU child undoes a JPEG's entropy coding, which is what parses bytes from outside; then a device makes
// pictures of the coefficients and WebPs of them, all in one task, so that pixels cross to it and back once; then the
// CPU encodes what is not for devices (AVIF, other encoders), from pictures that the device gave back. The files are
// those of the fused task (scheduler/job_tasks.h), byte for byte.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/job/job.h"
#include "core/job/plan.h"
#include "workers/task.h"

namespace tintype {

// Which of the plan's encodes are for devices, and which are not. WebP by our own encoder at a quality is; where a
// score is asked of any rung none is: the search for it reads pictures with all their chroma, which rungs of that size
// then share.
struct EncodesByPlace {
  std::vector<std::size_t> device, cpu;
};
EncodesByPlace place_encodes(const Plan& plan);

// The CPU's first part: kUnsupported where the file has to be decoded, see EntropyDecodeStep.
Task make_entropy_task(const Job& job, const SourceInfo& source, const Plan& plan,
                       std::shared_ptr<const SourceBuffer> bytes);

// What it leaves for the others.
struct Handed {
  PictureHandle coefficients;
  DecodeResult decoded;
};
Handed handed_by(TaskResult result);
// The same before anything is done, without pixels: for predictions.
Handed promised_by(const SourceInfo& source, const Plan& plan);

// A picture of that shape without pixels.
PictureHandle promise(const PictureShape& shape);

// The device's part.
struct DeviceTask {
  Task task;
  std::vector<std::uint32_t> encode_steps;   // for each of the device's encodes
  std::vector<std::uint32_t> picture_steps;  // for each of the CPU's encodes the step whose picture is kept for it
};
DeviceTask make_device_task(const Job& job, const SourceInfo& source, const Plan& plan, const Handed& handed);

// The same files and pictures, made on the CPU from the source: for comparison.
DeviceTask make_check_task(const Job& job, const SourceInfo& source, const Plan& plan,
                           std::shared_ptr<const SourceBuffer> bytes);

// Encodes of pictures that others made: `pictures[i]` is what plan.encodes[encodes[i]] is made from, and step i makes
// its file.
Task make_encodes_task(const Job& job, const Plan& plan, const std::vector<std::size_t>& encodes,
                       const std::vector<PictureHandle>& pictures, std::shared_ptr<const EmbeddedMetadata> metadata);

}  // namespace tintype
