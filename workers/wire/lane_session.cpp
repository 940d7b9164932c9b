#include "workers/wire/lane_session.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "workers/sandbox/fd_message.h"
#include "workers/shared_memory.h"
#include "workers/wire/session_wire.h"
#include "workers/wire/task_wire.h"

namespace tintype {
namespace {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (getrandom(&number, sizeof number, 0) != sizeof number) {
  }
  return number;
}

std::uint64_t files_bytes(const Task& task) {
  std::uint64_t bytes = 0;
  for (const Step& step : task.steps) {
    if (const auto* encode = std::get_if<EncodeStep>(&step)) bytes += max_file_bytes(encode->encode);
  }
  return bytes;
}

}  // namespace

Status LaneSession::begin(const Task& task) {
  ByteWriter body;
  write_steps(task, body);
  TaskHeader header;
  header.nonce = nonce_ = random_number();
  header.body_bytes = body.written().size();
  header.body_area_bytes = std::max<std::uint64_t>(kBodyAreaBytes, header.body_bytes);
  std::vector<int> fds;
  memory_ = {};
  header.exchange_bytes = exchange_bytes_;
  UniqueFd larger;  // ours to use only once the worker has it, too
  if (const std::uint64_t needed = header.body_area_bytes + files_bytes(task); needed > exchange_bytes_) {
    header.exchange_bytes = std::bit_ceil(needed);
    TT_ASSIGN(larger, make_shared_memory("tintype-exchange", header.exchange_bytes));
    header.has_new_exchange = 1;
    fds.push_back(larger.get());
  }
  TT_TRY(write_exactly(larger ? larger.get() : exchange_.get(), body.written(), 0));
  if (task.source) {
    header.has_source = 1;
    header.source_bytes = task.source->size();
    fds.push_back(task.source->fd());
  }
  for (const PictureHandle& input : task.inputs) {
    TT_ASSIGN(const int fd, input->host_fd());
    fds.push_back(fd);
    ++header.inputs;
  }
  for (std::uint32_t kept : task.keep_pictures) {
    const std::uint64_t bytes = max_picture_bytes(task, kept);
    TT_ASSIGN(UniqueFd fd, make_shared_memory("tintype-picture", bytes));
    fds.push_back(fd.get());
    header.kept_bytes[header.kept++] = bytes;
    memory_.kept.push_back(std::move(fd));
  }
  TT_TRY(send_message(socket_fd_, bytes_of(header), fds));
  if (larger) exchange_ = std::move(larger);
  exchange_bytes_ = header.exchange_bytes;
  memory_.exchange_fd = exchange_.get();
  memory_.exchange_bytes = exchange_bytes_;
  memory_.body_area_bytes = header.body_area_bytes;
  return {};
}

Result<TaskResult> LaneSession::finish(const Task& task, double wall_seconds) {
  AnswerHeader header;
  // No room for descriptors: one that is sent is dropped by the kernel.
  const ssize_t got = recv(socket_fd_, &header, sizeof header, MSG_DONTWAIT | MSG_TRUNC);
  if (got <= 0) return fail(ErrorCode::kWorkerCrashed, "the worker is gone");
  if (got != sizeof header || header.nonce != nonce_) {
    return fail(ErrorCode::kWorkerLied, "a worker answered something else than it was asked; it was ended");
  }
  if (has_more_to_say()) return fail(ErrorCode::kWorkerLied, "a worker answered twice; it was ended");
  if (header.body_bytes > memory_.body_area_bytes) {
    return fail(ErrorCode::kWorkerLied, "a worker answered more than there is room for; it was ended");
  }
  Bytes body(header.body_bytes);
  TT_TRY(read_exactly(exchange_.get(), body.mutable_view(), 0));
  TT_ASSIGN(WorkerAnswer answer, read_answer(body));
  return check_answer(task, std::move(answer), memory_, wall_seconds);
}

bool LaneSession::has_more_to_say() const {
  char byte;
  return recv(socket_fd_, &byte, sizeof byte, MSG_DONTWAIT | MSG_PEEK) > 0;
}

}  // namespace tintype
