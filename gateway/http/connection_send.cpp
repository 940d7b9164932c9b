#include <boost/asio/buffer.hpp>

#include "gateway/http/connection.h"
#include "gateway/http/response_head.h"

namespace tintype::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// None: a feed, which has no end.
std::optional<std::uint64_t> length_of(const Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* bytes = std::get_if<Bytes>(&body)) return bytes->size();
  if (const auto* shared = std::get_if<SharedBytes>(&body)) return (*shared)->size();
  if (const auto* streamed = std::get_if<StreamedBody>(&body)) return streamed->length;
  return {};
}

}  // namespace

void Connection::refuse(const Refusal& refusal) {
  keep_alive_ = false;
  if (!began_at_) began_at_ = std::chrono::steady_clock::now();
  drop_sink();
  send(core_.application.refuse(refusal.status, refusal.detail));
}

void Connection::send(Response response) {
  if (auto* pending = std::get_if<std::unique_ptr<PendingAnswer>>(&response.body)) return wait_for(std::move(*pending));
  skip_buffered_body();
  phase_ = Phase::kSend;
  deadline_.reset();
  facts_.status = response.status;
  const auto length = length_of(response.body);
  keep_alive_ = keep_alive_ && in_.ended && length && !core_.draining;
  response.headers.insert(response.headers.end(), core_.config.always.begin(), core_.config.always.end());
  out_.head = response_head(response, length,
                            !keep_alive_ ? ConnectionWord::kClose
                            : http_1_0_  ? ConnectionWord::kKeepAlive
                                         : ConnectionWord::kNone);
  if (request_.method != "HEAD" && !is_bodiless(response.status)) out_.body = std::move(response.body);

  ByteView at_once;
  if (const auto* text = std::get_if<std::string>(&out_.body)) at_once = as_bytes(*text);
  if (const auto* bytes = std::get_if<Bytes>(&out_.body)) at_once = bytes->view();
  if (const auto* shared = std::get_if<SharedBytes>(&out_.body)) at_once = (*shared)->view();
  facts_.bytes_out = at_once.size();
  if (const auto* streamed = std::get_if<StreamedBody>(&out_.body)) {
    out_.source_offset = streamed->offset;
    out_.source_left = streamed->length;
  }
  write(as_bytes(out_.head), at_once);
  if (out_.source_left > 0) advance_source();
}

void Connection::write(ByteView first, ByteView second) {
  out_.views = {first, second};
  out_.writing = true;
  if (!deadline_) expect_progress();
  write_some();
}

void Connection::write_some() {
  const std::array<asio::const_buffer, 2> buffers = {asio::const_buffer(out_.views[0].data(), out_.views[0].size()),
                                                     asio::const_buffer(out_.views[1].data(), out_.views[1].size())};
  stream_.async_write_some(buffers, [self = shared_from_this()](const error_code& error, std::size_t size) {
    if (error || self->phase_ == Phase::kClosed) {
      self->out_.writing = false;
      return self->phase_ == Phase::kClosed ? self->settle() : self->close();
    }
    self->note_progress(size);
    for (ByteView& view : self->out_.views) {
      const std::size_t taken = std::min(size, view.size());
      view = view.subspan(taken);
      size -= taken;
    }
    if (!self->out_.views[0].empty() || !self->out_.views[1].empty()) return self->write_some();
    self->out_.writing = false;
    self->deadline_.reset();
    self->on_written();
  });
}

void Connection::on_written() {
  if (phase_ == Phase::kBody) return advance_body();  // it was "100 Continue"
  if (phase_ == Phase::kFeed) return advance_feed();
  if (std::holds_alternative<StreamedBody>(out_.body)) return advance_source();
  if (std::holds_alternative<std::unique_ptr<EventFeed>>(out_.body)) return start_feed();
  finish_exchange();
}

void Connection::advance_source() {
  if (!out_.writing && out_.next_size) {
    std::swap(out_.piece, out_.next);
    const std::size_t size = *std::exchange(out_.next_size, std::nullopt);
    facts_.bytes_out += size;
    write(out_.piece.view().first(size), {});
  }
  if (!worker_busy_ && !out_.next_size && out_.source_left > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(out_.source_left, kPieceBytes));
    if (out_.next.size() < size) out_.next = Bytes(size);
    on_worker(
        [this, size] {
          return std::get<StreamedBody>(out_.body).source->read(out_.source_offset,
                                                                out_.next.mutable_view().first(size));
        },
        [this](const Result<std::size_t>& read) { on_piece(read); });
    return;
  }
  if (!out_.writing && !worker_busy_ && !out_.next_size && out_.source_left == 0) finish_exchange();
}

void Connection::on_piece(const Result<std::size_t>& size) {
  if (!size || *size == 0) return close();  // the length was promised: only a cut tells the client
  out_.next_size = *size;
  out_.source_offset += *size;
  out_.source_left -= *size;
  advance_source();
}

void Connection::start_feed() {
  phase_ = Phase::kFeed;
  heartbeat_at_ = std::chrono::steady_clock::now() + core_.config.heartbeat_interval;
  auto& feed = *std::get<std::unique_ptr<EventFeed>>(out_.body);
  feed.on_ready([weak = weak_from_this(), &io = core_.io] {
    asio::post(io, [weak] {
      if (auto self = weak.lock(); self && self->phase_ == Phase::kFeed) self->advance_feed();
    });
  });
  if (!reading_) read_into(input_.room());
  advance_feed();
}

void Connection::advance_feed() {
  if (out_.writing) return;
  auto& feed = *std::get<std::unique_ptr<EventFeed>>(out_.body);
  if (feed.ended()) return close();
  out_.feed_text = feed.take();
  if (out_.feed_text.empty()) return;
  facts_.bytes_out += out_.feed_text.size();
  heartbeat_at_ = std::chrono::steady_clock::now() + core_.config.heartbeat_interval;
  write(as_bytes(out_.feed_text), {});
}

void Connection::finish_exchange() {
  // A refused body may still be with its sink: then the report waits until the connection is closed and
  // settled.
  if (!worker_busy_) report(false);
  out_.body = {};
  if (keep_alive_) return next_request();
  linger();
}

}  // namespace tintype::http
