#include "gateway/http/connection.h"

#include <cstring>
#include <format>

namespace tintype::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kLingerTime{2'000};

}  // namespace

std::span<std::uint8_t> Connection::Input::room() {
  if (begin > 0) {
    std::memmove(data.data(), data.data() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  return {reinterpret_cast<std::uint8_t*>(data.data()) + end, data.size() - end};
}

Connection::Connection(ServerCore& core, Stream stream)
    : core_(core), stream_(std::move(stream)), look_timer_(core.io) {
  error_code ignored;
  stream_.socket().non_blocking(true, ignored);
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Connection::start() {
  shake_hands([this] {
    parser_.emplace();
    expect_within(core_.config.header_timeout);
    read_into(input_.room());
  });
}

void Connection::start_refused() {
  shake_hands([this] {
    refuse({503, std::format("all {} connections are in use; come again in a moment", core_.config.max_connections)});
  });
}

void Connection::shake_hands(std::function<void()> then) {
  if (!stream_.is_encrypted()) return then();
  phase_ = Phase::kHandshake;
  expect_within(core_.config.header_timeout);
  stream_.async_handshake([self = shared_from_this(), then = std::move(then)](const error_code& error) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->phase_ = Phase::kHead;
    then();
  });
}

void Connection::check_time(SteadyTime now) {
  if (phase_ == Phase::kFeed && !out_.writing && now >= heartbeat_at_) {
    heartbeat_at_ = now + core_.config.heartbeat_interval;
    out_.feed_text = ":\n\n";
    write(as_bytes(out_.feed_text), {});
  }
  if (phase_ == Phase::kWait && client_left()) return close();
  if (!deadline_ || now < *deadline_) return;
  switch (phase_) {
    case Phase::kHead:
      if (input_.empty()) return close();
      return refuse({408, "the request's head did not come in time"});
    case Phase::kBody:
      if (out_.writing) return close();  // not even "100 Continue" is taken
      return refuse(
          {408, std::format("the body came too slowly; send at least {} bytes a second", kMinBytesPerSecond)});
    default:
      return close();
  }
}

void Connection::drain() {
  if (phase_ == Phase::kHandshake || (phase_ == Phase::kHead && input_.empty())) close();
}

void Connection::end_feed() {
  if (phase_ == Phase::kFeed) close();
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kHead || phase_ == Phase::kFeed) say_goodbye();
  phase_ = Phase::kClosed;
  deadline_.reset();
  look_timer_.cancel();
  error_code ignored;
  stream_.socket().close(ignored);
  auto self = shared_from_this();
  core_.connections.erase(self);
  settle();
  core_.on_closed();
}

// Whoever hears none cannot tell an answer's end from a connection that was cut.
void Connection::say_goodbye() {
  if (!out_.writing) stream_.say_goodbye();
}

// A closed connection lets go of what it held, once neither a worker nor a write uses it.
void Connection::settle() {
  if (worker_busy_ || out_.writing) return;
  drop_sink();
  drop_pending();
  out_.body = {};
  report(true);
}

void Connection::report(bool cut) {
  if (!began_at_) return;
  facts_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - *began_at_).count();
  facts_.cut = cut;
  began_at_.reset();
  core_.application.finished(request_, facts_);
}

void Connection::expect_within(std::chrono::milliseconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
  window_bytes_ = 0;
}

void Connection::expect_progress() { expect_within(core_.config.idle_timeout); }

void Connection::note_progress(std::size_t bytes) {
  window_bytes_ += bytes;
  const auto wanted = kMinBytesPerSecond * static_cast<std::uint64_t>(core_.config.idle_timeout.count()) / 1000;
  if (window_bytes_ >= wanted) expect_progress();
}

void Connection::read_into(std::span<std::uint8_t> room) {
  reading_ = true;
  stream_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = shared_from_this()](const error_code& error, std::size_t size) {
                            self->reading_ = false;
                            self->on_read(static_cast<bool>(error), size);
                          });
}

void Connection::on_read(bool failed, std::size_t size) {
  switch (phase_) {
    case Phase::kHandshake:
    case Phase::kBegin:
    case Phase::kWait:
    case Phase::kSend:  // of a body that is no longer wanted
    case Phase::kClosed:
      return;
    case Phase::kHead:
      if (failed) return close();
      if (input_.empty()) expect_within(core_.config.header_timeout);
      input_.end += size;
      return parse_head();
    case Phase::kBody:
      if (failed) return close();
      return on_body_bytes(size);
    case Phase::kFeed:  // what a listener says is of no interest, that it left is
      if (failed) return close();
      return read_into(input_.room());
    case Phase::kLinger:
      lingered_bytes_ += size;
      if (failed) return close();
      return linger();
  }
}

void Connection::next_request() {
  if (core_.draining && input_.empty()) return close();
  phase_ = Phase::kHead;
  parser_.emplace();
  request_ = {};
  in_ = {};
  out_ = {};
  facts_ = {};
  if (!input_.empty()) {
    expect_within(core_.config.header_timeout);
    return parse_head();
  }
  expect_progress();
  read_into(input_.room());
}

void Connection::parse_head() {
  const auto step = parser_->read_head(input_.view());
  if (!step) return refuse(step.error());
  input_.drop(step->consumed);
  if (!step->done) return read_into(input_.room());
  on_head();
}

void Connection::on_head() {
  deadline_.reset();
  began_at_ = std::chrono::steady_clock::now();
  keep_alive_ = parser_->wants_keep_alive();
  http_1_0_ = parser_->is_http_1_0();
  expects_continue_ = parser_->expects_continue();
  request_ = parser_->take_request();
  error_code ignored;
  request_.local_port = stream_.socket().local_endpoint(ignored).port();
  in_.left = request_.content_length.value_or(0);
  in_.ended = !request_.has_body();
  if (in_.left > core_.config.max_body_bytes) {
    return refuse(
        {413, std::format(
                  "the body is {} bytes; at most {} are taken: send a smaller one, or raise the farm's --max-upload-mb",
                  in_.left, core_.config.max_body_bytes)});
  }
  phase_ = Phase::kBegin;
  if (in_.ended) {
    if (auto answer = core_.application.begin_at_once(request_)) return send(std::move(*answer));
  }
  on_worker([this] { return core_.application.begin(request_); }, [this](Begun begun) { on_begun(std::move(begun)); });
}

void Connection::on_begun(Begun begun) {
  if (auto* response = std::get_if<Response>(&begun)) return send(std::move(*response));
  start_body(std::move(std::get<std::unique_ptr<BodySink>>(begun)), expects_continue_);
}

void Connection::linger() {
  // Closing with unread bytes would make the kernel reset the connection, and the client lose our answer.
  constexpr std::uint64_t kMaxLingerBytes = 16ull << 20;
  if (phase_ != Phase::kLinger) {
    phase_ = Phase::kLinger;
    expect_within(kLingerTime);
    say_goodbye();
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  if (lingered_bytes_ > kMaxLingerBytes) return close();
  if (reading_) return;
  // The piece, if there is one, is the larger buffer; nobody reads either again.
  read_into(in_.filling.empty() ? std::span(reinterpret_cast<std::uint8_t*>(input_.data.data()), input_.data.size())
                                : in_.filling.mutable_view());
}

}  // namespace tintype::http
