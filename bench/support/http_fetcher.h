// HttpFetcher: GETs over a few kept connections to one server on this machine, as a browser loads a page. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/unique_fd.h"

namespace tintype::bench {

class HttpFetcher {
 public:
  // `headers`: "Name: value\r\n"..., sent with every request.
  HttpFetcher(std::uint16_t port, int connections, std::string headers = {});

  // The body. Any status but 200 ends the program: a bench of errors measures nothing.
  std::string get(const std::string& target);
  // All of them, spread over the connections; `seen` gets each answer's seconds. Bodies are dropped.
  void get_all(const std::vector<std::string>& targets, const std::function<void(double)>& seen = {});
  // With a body, over one connection; the answer's body for 200 and 201.
  std::string post(const std::string& target, std::string_view body);

 private:
  struct Connection {
    UniqueFd socket;
    std::string buffer;
    std::size_t body_at = 0;  // 0: the head is not whole yet
    std::size_t length = 0;
    double sent_at = 0;
    bool busy = false;
  };
  void connect(Connection& connection);
  void send(Connection& connection, std::string_view method, const std::string& target, std::string_view body);
  // Reads what there is; true when the answer is whole.
  bool receive(Connection& connection, const std::string& target);
  std::string wait_for(Connection& connection, const std::string& target);

  std::uint16_t port_;
  std::string headers_;
  std::vector<Connection> connections_;
};

// Seconds on a clock that only differences of mean anything.
double now_seconds();

}  // namespace tintype::bench
