#include "workers/wire/worker_session.h"

#include <malloc.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "workers/sandbox/fd_message.h"

namespace tintype {
namespace {

constexpr int kIdleMs = 1000;

}  // namespace

Result<WorkerTask> WorkerSession::receive() {
  pollfd readable{socket_fd_, POLLIN, 0};
  if (poll(&readable, 1, kIdleMs) == 0) malloc_trim(0);

  WorkerTask task;
  TT_ASSIGN(ReceivedMessage message, receive_message(socket_fd_, writable_bytes_of(task.header)));
  const TaskHeader& header = task.header;
  const std::size_t expected_fds =
      std::size_t{header.has_new_exchange} + header.has_source + header.inputs + header.kept;
  if (message.bytes != sizeof header || header.kept > kMaxTaskPictures || message.fds.size() != expected_fds) {
    return fail(ErrorCode::kInvalidArgument, "a task's header is not what a lane writes");
  }
  auto fd = message.fds.begin();
  if (header.has_new_exchange) {
    exchange_ = std::move(*fd++);
    exchange_bytes_ = header.exchange_bytes;
  }
  if (header.has_source) {
    const UniqueFd source = std::move(*fd++);
    TT_ASSIGN(task.source, Mapping::map(source.get(), header.source_bytes, Mapping::Access::kRead));
  }
  std::move(fd, fd + header.inputs, std::back_inserter(task.inputs));
  std::move(fd + header.inputs, message.fds.end(), std::back_inserter(task.kept));

  if (header.body_bytes > header.body_area_bytes || header.body_area_bytes > exchange_bytes_) {
    return fail(ErrorCode::kInvalidArgument, "a task's steps do not fit its exchange");
  }
  Bytes body(header.body_bytes);
  TT_TRY(read_exactly(exchange_.get(), body.mutable_view(), 0));
  TT_ASSIGN(task.work, read_steps(body));
  if (task.work.inputs.size() != header.inputs || task.work.keep_pictures.size() != header.kept) {
    return fail(ErrorCode::kInvalidArgument, "a task's header and steps disagree");
  }
  next_file_ = header.body_area_bytes;
  return task;
}

Result<PlacedFile> WorkerSession::put_file(ByteView file) {
  if (file.size() > exchange_bytes_ - next_file_) {
    return fail(ErrorCode::kInternal, "an encoded file is larger than raw pixels would be");
  }
  TT_TRY(write_exactly(exchange_.get(), file, next_file_));
  PlacedFile placed;
  placed.offset = next_file_;
  placed.bytes = file.size();
  next_file_ += file.size();
  return placed;
}

Status WorkerSession::answer(const WorkerTask& task, const WorkerAnswer& answer) {
  ByteWriter body;
  write_answer(answer, body);
  if (body.written().size() > task.header.body_area_bytes) {
    return fail(ErrorCode::kInternal, "a task's answer does not fit its exchange");
  }
  TT_TRY(write_exactly(exchange_.get(), body.written(), 0));
  const AnswerHeader header{task.header.nonce, body.written().size()};
  if (write(socket_fd_, &header, sizeof header) != static_cast<ssize_t>(sizeof header)) {
    return fail(ErrorCode::kUnavailable, "the lane is gone");
  }
  return {};
}

}  // namespace tintype
