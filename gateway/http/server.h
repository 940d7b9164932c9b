// Server: HTTP/1.1 over TCP, or over TLS. Sockets belong to one thread; the application is called on worker threads.
//
// Memory a connection holds: its head (at most kMaxHeadBytes), two pieces of a body, or one small answer. A
// slow client holds a connection, never a worker: the application sees a piece when the whole of it has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "gateway/http/message.h"

namespace tintype::http {

inline constexpr std::size_t kMaxHeadBytes = 16 << 10;
inline constexpr std::size_t kPieceBytes = 256 << 10;

struct ServerConfig {
  std::string address = "127.0.0.1";  // IPv4 or IPv6
  std::uint16_t port = 0;             // 0: one that is free
  int workers = 2;                    // threads for GET and HEAD, and as many for the rest
  int max_connections = 2048;         // past it: 503
  std::uint64_t max_body_bytes = 512ull << 20;
  std::chrono::milliseconds header_timeout{15'000};  // for a whole head, from its first byte
  // Between requests; and a body, either way, moves at kMinBytesPerSecond over each such span or is given up.
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds drain_timeout{10'000};
  std::chrono::milliseconds heartbeat_interval{10'000};  // a comment line on a feed
  std::vector<Header> always;                            // headers of every answer
  std::string tls_cert_file, tls_key_file;               // PEM; empty: plain HTTP
};

inline constexpr std::uint64_t kMinBytesPerSecond = 256;

// What is known of an exchange when it is over.
struct Finished {
  int status = 0;
  std::uint64_t bytes_in = 0;   // of the body
  std::uint64_t bytes_out = 0;  // of the body
  double seconds = 0;           // from the whole head to the last byte of the answer
  bool cut = false;             // the client went away, or was given up, before that
};

// What answers. The answer now (a body that comes with the request is not read), or who takes the body.
using Begun = std::variant<Response, std::unique_ptr<BodySink>>;

class Application {
 public:
  virtual ~Application() = default;
  // On the socket thread, for a request without a body: the answer, if it is at hand without blocking. Then begin()
  // is not called.
  virtual std::optional<Response> begin_at_once(Request&) { return {}; }
  // On a worker. `request` stays where it is until finished() returns.
  virtual Begun begin(Request& request) = 0;
  // The answer to what is not a request one can begin: broken syntax, past a limit, too slow. On the socket
  // thread.
  virtual Response refuse(int status, const std::string& detail) = 0;
  // After every exchange that began. On the socket thread: must not block.
  virtual void finished(const Request& request, const Finished& facts) = 0;
};

// Thread-safe. Destroyed: drains, waits up to drain_timeout, then cuts what is left.
class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  // Reads certificate and key again, for connections yet to come; when they cannot be used, those before stay. Ok
  // without TLS.
  virtual Status reload_tls() = 0;
  // Stops listening, closes idle connections, ends each other one after its answer.
  virtual void drain() = 0;
};

// `application` must outlive the server. kUnavailable names the address when it cannot be listened on.
Result<std::unique_ptr<Server>> start_server(const ServerConfig& config, Application& application);

}  // namespace tintype::http
