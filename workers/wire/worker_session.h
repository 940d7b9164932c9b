// WorkerSession: a worker's end of its talk with the lane. In a sandboxed child it runs confined. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "workers/shared_memory.h"
#include "workers/wire/answer_wire.h"
#include "workers/wire/session_wire.h"
#include "workers/wire/task_wire.h"

namespace tintype {

struct WorkerTask {
  TaskHeader header;
  WorkerSteps work;
  Mapping source;
  std::vector<UniqueFd> inputs;  // as work.inputs says
  std::vector<UniqueFd> kept;    // one for each of work.keep_pictures
};

class WorkerSession {
 public:
  explicit WorkerSession(int socket_fd) : socket_fd_(socket_fd) {}

  // Waits for the next task; gives free memory back to the system while nothing comes. kUnavailable: there will
  // be none.
  Result<WorkerTask> receive();
  // Writes an encoded file behind those of this task.
  Result<PlacedFile> put_file(ByteView file);
  // Once for each task.
  Status answer(const WorkerTask& task, const WorkerAnswer& answer);

  int socket_fd() const { return socket_fd_; }
  int exchange_fd() const { return exchange_.get(); }

 private:
  const int socket_fd_;
  UniqueFd exchange_;
  std::uint64_t exchange_bytes_ = 0;
  std::uint64_t next_file_ = 0;  // offset
};

}  // namespace tintype
