// Request and Response: one exchange, as the server and the application see it. No socket, no library.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // "GET"; case matters
  std::string target;  // as it came: "/v1/photos?limit=10"
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  std::uint16_t local_port = 0;  // the one it came in by
  std::string_view route;        // set by the application in begin(): names it in finished()
  std::string token_id;          // the same: whom to charge for it; empty: nobody

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
  // The first of that name (in any case), or null.
  const std::string* find_header(std::string_view name) const;
  // "" if there is none.
  std::string_view header(std::string_view name) const;
  std::size_t count_headers(std::string_view name) const;
};

// ASCII letters in any case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// A body read in pieces. Called on worker threads, one call at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Fills `out` from `offset`; fewer bytes only at the end.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

struct StreamedBody {
  std::unique_ptr<BodySource> source;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// An answer without an end: server-sent events. Destroyed when the client is gone.
class EventFeed {
 public:
  virtual ~EventFeed() = default;
  // `wake` (thread-safe, does not block) is called after text became ready or the feed ended. Called once,
  // before take().
  virtual void on_ready(std::function<void()> wake) = 0;
  // Everything to send now; empty when there is nothing. Must not block.
  virtual std::string take() = 0;
  // True when the client is to be dropped (it reads too slowly).
  virtual bool ended() const = 0;
};

using SharedBytes = std::shared_ptr<const Bytes>;  // not null

struct Response;

// The body of a Response that is not known yet: the connection waits for it, no worker does. Its status and
// headers are those of the answer that comes. Destroyed, on a worker, when that is sent or the client is
// gone.
class PendingAnswer {
 public:
  virtual ~PendingAnswer() = default;
  // `wake` (thread-safe, does not block) asks for a look(). Called once, before any look().
  virtual void on_ready(std::function<void()> wake) = 0;
  // On a worker: the answer, or none if it is not there yet.
  virtual std::optional<Response> look() = 0;
  // When to look again if nobody wakes the connection.
  virtual std::chrono::steady_clock::time_point look_again_at() const = 0;
};

using Body = std::variant<std::string, Bytes, SharedBytes, StreamedBody, std::unique_ptr<EventFeed>,
                          std::unique_ptr<PendingAnswer>>;

struct Response {
  int status = 200;
  std::vector<Header> headers;  // without Content-Length, Connection and Date, which are the server's
  Body body;

  Response() = default;
  explicit Response(int code) : status(code) {}
  Response(int code, std::string content_type, Body content) : status(code), body(std::move(content)) {
    headers.push_back({"Content-Type", std::move(content_type)});
  }
  void set(std::string name, std::string value) { headers.push_back({std::move(name), std::move(value)}); }
};

inline Response answer_later(std::unique_ptr<PendingAnswer> answer) {
  Response response;
  response.body = std::move(answer);
  return response;
}

// Takes a request's body piece by piece. Called on worker threads, one call at a time; the Request outlives
// it. Destroyed without finish(): the body did not come whole.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // An answer here ends the exchange: the rest of the body is not read.
  virtual std::optional<Response> write(ByteView piece) = 0;
  // The body came whole.
  virtual Response finish() = 0;
  // It did not: `rest` is what came after the last piece. Nothing is called after this.
  virtual void abandon(ByteView rest) { (void)rest; }
};

}  // namespace tintype::http
