#include <algorithm>
#include <cstring>
#include <format>

#include "gateway/http/connection.h"

namespace tintype::http {

void Connection::start_body(std::unique_ptr<BodySink> sink, bool send_continue) {
  phase_ = Phase::kBody;
  in_.sink = std::move(sink);
  const std::uint64_t expected = request_.chunked ? kPieceBytes : in_.left;
  in_.filling = Bytes(std::min<std::uint64_t>(expected, kPieceBytes));
  if (send_continue && input_.empty() && !in_.ended) {
    out_.head = "HTTP/1.1 100 Continue\r\n\r\n";
    return write(as_bytes(out_.head), {});
  }
  advance_body();
}

void Connection::advance_body() {
  for (;;) {
    if (!take_buffered()) return;
    if (!in_.ended && in_.filled < in_.filling.size()) break;
    deadline_.reset();  // the client has done its part
    if (worker_busy_ || in_.last_handed) return;
    hand_over();
    if (in_.ended) return;
  }
  if (reading_) return;
  if (!deadline_) expect_progress();
  if (request_.chunked) return read_into(input_.room());
  const auto room = in_.filling.mutable_view().subspan(in_.filled);
  read_into(room.first(std::min<std::uint64_t>(room.size(), in_.left)));
}

// Moves body bytes from input_ to the piece. False when the request had to be refused.
bool Connection::take_buffered() {
  if (in_.ended) return true;
  const auto room = in_.filling.mutable_view().subspan(in_.filled);
  if (!request_.chunked) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({input_.view().size(), room.size(), in_.left}));
    if (size > 0) std::memcpy(room.data(), input_.view().data(), size);
    input_.drop(size);
    in_.left -= size;
    in_.filled += size;
    facts_.bytes_in += size;
    in_.ended = in_.left == 0;
    return true;
  }
  if (room.empty() || input_.empty()) return true;
  const auto step = parser_->read_chunked(input_.view(), room);
  if (!step) {
    refuse(step.error());
    return false;
  }
  input_.drop(step->consumed);
  in_.filled += step->produced;
  facts_.bytes_in += step->produced;
  in_.ended = step->done;
  if (facts_.bytes_in > core_.config.max_body_bytes) {
    refuse({413, std::format("the body is over {} bytes, and no more are taken: send a smaller one, or raise the "
                             "farm's --max-upload-mb",
                             core_.config.max_body_bytes)});
    return false;
  }
  if (step->consumed == 0 && input_.view().size() == input_.data.size()) {
    refuse({400, "a chunk's header is too long"});
    return false;
  }
  return true;
}

void Connection::on_body_bytes(std::size_t size) {
  note_progress(size);
  if (request_.chunked) {
    input_.end += size;
  } else {
    in_.filled += size;
    in_.left -= size;
    in_.ended = in_.left == 0;
    facts_.bytes_in += size;
  }
  advance_body();
}

void Connection::hand_over() {
  std::swap(in_.filling, in_.handed);
  const std::size_t size = std::exchange(in_.filled, 0);
  if (in_.filling.empty()) in_.filling = Bytes(in_.handed.size());
  in_.last_handed = in_.ended;
  on_worker(
      [this, size, last = in_.ended]() -> std::optional<Response> {
        std::optional<Response> answer;
        if (size > 0) answer = in_.sink->write(in_.handed.view().first(size));
        if (!answer && last) answer = in_.sink->finish();
        if (answer) in_.sink.reset();
        return answer;
      },
      [this](std::optional<Response> answer) { on_sink_done(std::move(answer)); });
}

void Connection::on_sink_done(std::optional<Response> answer) {
  if (phase_ != Phase::kBody) return drop_sink();  // refused meanwhile
  if (answer) return send(std::move(*answer));
  advance_body();
}

// On a worker: it may have files to remove. The worker gets a copy of what came last, for a read into the piece may
// still be under way.
void Connection::drop_sink() {
  if (worker_busy_ || !in_.sink) return;  // in this order: the sink is the worker's while it is busy
  const ByteView came = in_.filling.view().first(std::exchange(in_.filled, 0));
  core_.workers.post([sink = std::move(in_.sink), rest = Bytes::copy_of(came)] { sink->abandon(rest); });
}

// A body that nobody wanted but that came with its head needs no closing of the connection.
void Connection::skip_buffered_body() {
  if (in_.ended || request_.chunked || reading_ || in_.left > input_.view().size()) return;
  input_.drop(static_cast<std::size_t>(in_.left));
  in_.left = 0;
  in_.ended = true;
}

}  // namespace tintype::http
