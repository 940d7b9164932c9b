// HttpEngine: many HTTP/1.1 requests at once on the calling thread, over connections kept alive (libcurl
// underneath).
//
// Nothing blocks but poll(). Not thread-safe. No proxies, no redirects, http and https only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype {

// A body that is read as it is sent.
struct HttpUpload {
  std::uint64_t size = 0;
  // Fills the front of `into`; how much. 0 before `size` bytes were given, or an error, ends the request with
  // it.
  std::move_only_function<Result<std::size_t>(std::span<std::uint8_t> into)> read;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  std::optional<HttpUpload> upload;  // instead of `body`
  // A 2xx answer's head has come. May be empty.
  std::move_only_function<void()> on_start;
  // Gets a 2xx answer's body in pieces instead of HttpAnswer::body; an error ends the request with it. May be
  // empty.
  std::move_only_function<Status(ByteView piece)> on_piece;
  std::chrono::seconds connect_timeout{5};
  std::chrono::seconds stall_timeout{120};  // without a byte either way; 0: for ever
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // up to 64 MiB
};

// An answer of any status; or kUnavailable (nobody answered, the connection broke), kInvalidArgument (a URL
// that is none), or what read() or on_piece() said.
using HttpDone = std::move_only_function<void(Result<HttpAnswer>)>;

class HttpEngine {
 public:
  using RequestId = std::uint64_t;

  // `headers` ("Name: value") go with every request.
  static Result<std::unique_ptr<HttpEngine>> create(std::vector<std::string> headers = {});
  virtual ~HttpEngine() = default;  // what is in flight is dropped without a call of its `done`

  // `done` is called by poll(), exactly once unless cancelled; it may start and cancel requests.
  virtual RequestId start(HttpRequest request, HttpDone done) = 0;
  // Drops a request, whose `done` is not called. Unknown ids are ignored. Not from on_start, on_piece or
  // read.
  virtual void cancel(RequestId id) = 0;
  // Moves everything forward. Waits, up to `timeout`, for traffic or until one of `fds` (negative ones are
  // passed over) can be read; returns as soon as there was any.
  virtual void poll(std::chrono::milliseconds timeout, std::span<const int> fds = {}) = 0;
};

// Bytes outside [A-Za-z0-9-._~] as %XX: one part of a path, or a query's value.
std::string url_encoded(std::string_view text);

}  // namespace tintype
