// HttpFetcher: requests over a few kept connections to one server on this machine. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/unique_fd.h"

namespace tintype::bench {

struct HttpAnswer {
  std::string head;
  std::string body;

  // As the server spells it: "Location". Empty if there is none.
  std::string header(std::string_view name) const;
  // Of a body that is JSON: what follows the first "name":", up to the quote.
  std::string text_of(std::string_view name) const;
};

class HttpFetcher {
 public:
  // `headers`: "Name: value\r\n"..., sent with every request.
  HttpFetcher(std::uint16_t port, int connections, std::string headers = {});

  // Over the first connection. Any status but 2xx ends the program: a bench of errors measures nothing. `headers`
  // come after those of every request.
  HttpAnswer request(std::string_view method, const std::string& target, std::string_view headers = {},
                     std::string_view body = {});
  std::string get(const std::string& target) { return request("GET", target).body; }
  std::string post(const std::string& target, std::string_view body) { return request("POST", target, {}, body).body; }
  // All of them, spread over the connections; `seen` gets each answer's seconds. Bodies are dropped.
  void get_all(const std::vector<std::string>& targets, const std::function<void(double)>& seen = {});

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
  void send(Connection& connection, std::string_view method, const std::string& target, std::string_view headers,
            std::string_view body);
  // Reads what there is; true when the answer is whole.
  bool receive(Connection& connection, const std::string& target);

  std::uint16_t port_;
  std::string headers_;
  std::vector<Connection> connections_;
};

// Seconds on a clock that only differences of mean anything.
double now_seconds();

}  // namespace tintype::bench
