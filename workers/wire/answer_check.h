// Turns a worker's answer into a TaskResult, believing nothing: a child parsed bytes from outside and may be anybody's
// by now. What it could still write is copied or sealed first, then looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "workers/task.h"
#include "workers/wire/answer_wire.h"

namespace tintype {

// The shared memory a task was given.
struct TaskMemory {
  int exchange_fd = -1;
  std::uint64_t exchange_bytes = 0;
  std::uint64_t body_area_bytes = 0;
  std::vector<UniqueFd> kept;  // one for each of the task's keep_pictures
};

// Room for the picture that step `index` of `task` makes, whatever its channels and scale.
std::uint64_t max_picture_bytes(const Task& task, std::uint32_t index);

// kWorkerLied for anything that an honest worker would not say of `task`, else the result or the worker's own error.
// `wall_seconds`: how long it took.
Result<TaskResult> check_answer(const Task& task, WorkerAnswer answer, TaskMemory& memory, double wall_seconds);

}  // namespace tintype
