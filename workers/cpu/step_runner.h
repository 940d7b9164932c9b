// Runs a task's steps in a child: where bytes from outside are parsed.
#pragma once

#include "workers/wire/worker_session.h"

namespace tintype {

// Pictures are freed when no later step reads them; kept ones and files are in shared memory afterwards. Never
// throws: what goes wrong is in the answer.
WorkerAnswer run_steps(const WorkerTask& task, WorkerSession& session);

}  // namespace tintype
