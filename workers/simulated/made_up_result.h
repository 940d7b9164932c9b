// What the simulated lane answers for a task: right in shape, made up in content.
#pragma once

#include "core/base/result.h"
#include "core/job/source_info.h"
#include "workers/task.h"

namespace tintype {

// `source` is what probe steps answer (its `bytes` become the task's own source's). What check_task()
// says of a task that makes no sense.
Result<TaskResult> make_up_result(const Task& task, const SourceInfo& source, double work_seconds);

}  // namespace tintype
