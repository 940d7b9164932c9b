// Connection: one socket and the exchanges on it, one after another. Private to gateway/http.
//
// Everything here runs on the socket thread; only the application's calls (begin, a sink's, a source's) run
// on workers, never two at a time for one connection. An exchange goes through these phases:
//
//   kHandshake (TLS) -> kHead -> kBegin -> kBody -> kSend -> the next kHead, or kLinger -> kClosed; a feed stays
//   in kFeed; an answer that is not known yet waits in kWait before kSend
//
// connection.cpp: life, time, heads; connection_body.cpp: bodies coming in; connection_wait.cpp: answers
// waited for; connection_send.cpp: answers going out.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/base/bytes.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/server.h"
#include "gateway/http/stream.h"
#include "gateway/http/worker_pool.h"

namespace tintype::http {

using SteadyTime = std::chrono::steady_clock::time_point;

class Connection;

// What the connections of a server share.
struct ServerCore {
  const ServerConfig& config;
  Application& application;
  boost::asio::io_context& io;
  WorkerPool& readers;  // for requests that only read: they never wait for whoever waits for the disk
  WorkerPool& workers;  // for all others
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool draining = false;
  std::function<void()> on_closed;  // a connection left the set
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerCore& core, Stream stream);

  void start();
  // Answers 503 to whatever comes, and closes.
  void start_refused();
  // Called now and then: gives up what took too long.
  void check_time(SteadyTime now);
  // No further request: closes if none is under way.
  void drain();
  // Closes if all that is left is a feed.
  void end_feed();
  void close();

 private:
  enum class Phase { kHandshake, kHead, kBegin, kBody, kWait, kSend, kFeed, kLinger, kClosed };

  // Bytes of the socket that nobody took yet.
  struct Input {
    std::array<char, kMaxHeadBytes> data;
    std::size_t begin = 0;
    std::size_t end = 0;

    std::string_view view() const { return {data.data() + begin, end - begin}; }
    bool empty() const { return begin == end; }
    void drop(std::size_t n) { begin += n; }
    // Free room behind the unread bytes, which are moved to the front for it.
    std::span<std::uint8_t> room();
  };

  // The body that comes in: one piece fills while the sink has the other.
  struct Incoming {
    std::unique_ptr<BodySink> sink;
    bool ended = true;         // the whole body was received
    bool last_handed = false;  // and the sink has, or had, all of it
    std::uint64_t left = 0;    // not yet received; with a Content-Length
    Bytes filling;
    std::size_t filled = 0;
    Bytes handed;
  };

  // The answer that goes out: one piece is written while the source fills the other.
  struct Outgoing {
    std::string head;
    Body body;
    std::array<ByteView, 2> views;  // what is being written
    bool writing = false;
    Bytes piece;
    Bytes next;
    std::optional<std::size_t> next_size;  // of `next`, once it is filled
    std::uint64_t source_offset = 0;
    std::uint64_t source_left = 0;  // not yet asked for
    std::string feed_text;
  };

  // Life and time.
  void shake_hands(std::function<void()> then);
  void read_into(std::span<std::uint8_t> room);
  void on_read(bool failed, std::size_t size);
  void say_goodbye();
  void settle();
  void report(bool cut);
  void expect_within(std::chrono::milliseconds time);
  void expect_progress();
  void note_progress(std::size_t bytes);

  // Heads.
  void next_request();
  void parse_head();
  void on_head();
  void on_begun(Begun begun);

  // Bodies coming in.
  void start_body(std::unique_ptr<BodySink> sink, bool send_continue);
  void advance_body();
  bool take_buffered();
  void on_body_bytes(std::size_t size);
  void hand_over();
  void on_sink_done(std::optional<Response> answer);
  void drop_sink();
  void skip_buffered_body();

  // Answers waited for.
  void wait_for(std::unique_ptr<PendingAnswer> answer);
  void look();
  void look_later();
  void drop_pending();
  bool client_left();

  // Answers going out.
  void send(Response response);
  void refuse(const Refusal& refusal);
  void write(ByteView first, ByteView second);
  void write_some();
  void on_written();
  void advance_source();
  void on_piece(const Result<std::size_t>& size);
  void start_feed();
  void advance_feed();
  void finish_exchange();
  void linger();

  // Runs `work` on a worker and `then` with what it returned back on the socket thread, unless the connection
  // was closed meanwhile.
  template <typename Work, typename Then>
  void on_worker(Work work, Then then) {
    worker_busy_ = true;
    WorkerPool& pool = request_.method == "GET" || request_.method == "HEAD" ? core_.readers : core_.workers;
    pool.post([self = shared_from_this(), work = std::move(work), then = std::move(then)]() mutable {
      auto answer = work();
      boost::asio::post(self->core_.io, [self, answer = std::move(answer), then = std::move(then)]() mutable {
        self->worker_busy_ = false;
        if (self->phase_ == Phase::kClosed) {
          self->core_.workers.post([dropped = std::move(answer)] {});
        } else {
          then(std::move(answer));
        }
        if (self->phase_ == Phase::kClosed) self->settle();
      });
    });
  }

  ServerCore& core_;
  Stream stream_;
  Phase phase_ = Phase::kHead;
  bool reading_ = false;      // a read is under way: what it reads into stays
  bool worker_busy_ = false;  // a worker has the request, the sink or the source
  std::optional<SteadyTime> deadline_;
  std::uint64_t window_bytes_ = 0;  // moved since the deadline was set
  SteadyTime heartbeat_at_;
  std::uint64_t lingered_bytes_ = 0;

  Input input_;
  std::optional<RequestParser> parser_;
  Request request_;
  bool expects_continue_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  std::optional<SteadyTime> began_at_;  // an exchange to be reported
  Finished facts_;
  Incoming in_;
  std::unique_ptr<PendingAnswer> pending_;
  bool look_wanted_ = false;
  boost::asio::steady_timer look_timer_;
  Outgoing out_;
};

}  // namespace tintype::http
