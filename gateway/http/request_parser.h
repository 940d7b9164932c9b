// RequestParser: bytes in, one request out. No I/O; takes hostile bytes (fuzzed).
//
// The one place where Boost.Beast appears (its incremental parser). On top of its rules: a request with a
// coding we do not take, an expectation we do not know, or not exactly one Host is refused.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace tintype::http {

// Why bytes are not a request, and the status that says so.
struct Refusal {
  int status = 400;
  std::string detail;
};

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  struct Step {
    std::size_t consumed = 0;  // of the input; the rest is to be given again, with more behind it
    std::size_t produced = 0;  // body bytes written to `out`
    bool done = false;         // the head, or the chunked body, is whole
  };

  // Until `done`. `consumed` stays 0 until the head is whole. At most kMaxHeadBytes of head.
  std::expected<Step, Refusal> read_head(std::string_view input);

  // After the head was done. Headers are moved out; call once.
  Request take_request();
  bool wants_keep_alive() const;
  bool expects_continue() const;
  bool is_http_1_0() const;

  // A chunked body, after the head: until `done`. Takes as much input as fills `out`.
  std::expected<Step, Refusal> read_chunked(std::string_view input, std::span<std::uint8_t> out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype::http
