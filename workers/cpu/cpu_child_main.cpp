#include <malloc.h>

#include "codec/resize.h"
#include "workers/wire/worker_session.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/cpu/step_runner.h"

namespace tintype {

int cpu_child_main(int socket_fd) {
  // Pictures come and go by the tens of megabytes: keeping their memory saves faulting it in for every photo.
  // WorkerSession gives it back when no task comes.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  use_one_thread_per_codec();
  WorkerSession session(socket_fd);
  for (;;) {
    const Result<WorkerTask> task = session.receive();
    if (!task) return task.error().code == ErrorCode::kUnavailable ? 0 : 1;
    if (!session.answer(*task, run_steps(*task, session))) return 1;
  }
}

}  // namespace tintype
