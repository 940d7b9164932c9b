// A task's steps as bytes, from the lane to a worker.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "workers/task.h"
#include "workers/wire/byte_stream.h"

namespace tintype {

// The part of a Task that a worker needs.
struct WorkerSteps {
  std::vector<Step> steps;
  std::vector<PictureShape> inputs;
  std::vector<std::uint32_t> keep_pictures;
};

void write_steps(const Task& task, ByteWriter& out);

// kInvalidArgument if the bytes are not what write_steps() wrote.
Result<WorkerSteps> read_steps(ByteView bytes);

void write_source_info(const SourceInfo& info, ByteWriter& out);
SourceInfo read_source_info(ByteReader& in);
void write_shape(const PictureShape& shape, ByteWriter& out);
PictureShape read_shape(ByteReader& in);

}  // namespace tintype
