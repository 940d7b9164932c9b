// A blocking HTTP client that can be as rude as a test wants: raw bytes out, one answer in.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/unique_fd.h"

namespace tintype {

struct Answer {
  int status = 0;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  // The first of that name (in lower case); "" if there is none.
  std::string header(const std::string& name) const;
};

class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port);
  // One that little fits into before it is read, here and on the server's side of it.
  static SocketClient with_little_room(std::uint16_t port);

  // False when the other side has closed.
  bool send(std::string_view bytes);
  // A whole answer, its body by Content-Length or to the end of the connection; none when the connection
  // ends, or nothing comes for `patience`, before that. `to_head`: the answer has no body.
  std::optional<Answer> receive(bool to_head = false, std::chrono::milliseconds patience = std::chrono::seconds(20));
  // What comes next, up to and with `end`; shorter when the connection ends or nothing comes for `patience`.
  std::string receive_until(std::string_view end, std::chrono::milliseconds patience = std::chrono::seconds(20));
  // True if the other side closes within `patience`; what it still sends is dropped.
  bool closes_within(std::chrono::milliseconds patience);
  // No more will be sent.
  void finish_sending();
  // Closes with a reset instead of a goodbye.
  void reset();

 private:
  SocketClient() = default;
  void connect(std::uint16_t port);
  bool fill(std::chrono::milliseconds patience);

  UniqueFd socket_;
  std::string pending_;
};

struct Ask {
  std::string method = "GET";
  std::string target = "/";
  std::string headers = {};  // "Name: value\r\n"…
  std::string body = {};
};

// The text of a request with Host and, if there is a body, Content-Length.
std::string to_text(const Ask& ask, std::uint16_t port);

// On a connection of its own. Fails the test, and answers status 0, if none comes.
Answer fetch(std::uint16_t port, const Ask& ask);

}  // namespace tintype
