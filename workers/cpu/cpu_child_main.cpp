#include "codec/resize.h"
#include "core/base/kept_memory.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/cpu/step_runner.h"
#include "workers/wire/worker_session.h"

namespace tintype {

int cpu_child_main(int socket_fd) {
  keep_freed_memory();  // WorkerSession gives it back when no task comes
  use_one_thread_per_codec();
  WorkerSession session(socket_fd);
  for (;;) {
    const Result<WorkerTask> task = session.receive();
    if (!task) return task.error().code == ErrorCode::kUnavailable ? 0 : 1;
    if (!session.answer(*task, run_steps(*task, session))) return 1;
  }
}

}  // namespace tintype
