#include "bench/support/http_fetcher.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <format>

namespace tintype::bench {
namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::_Exit(1);
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) give_up("the connection broke while sending");
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

// What lies between `mark` and any of `ends`.
std::string after(std::string_view text, std::string_view mark, std::string_view ends) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return {};
  const std::string_view rest = text.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find_first_of(ends)));
}

std::size_t content_length(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == head.npos ? 0 : std::strtoul(head.data() + at + 16, nullptr, 10);
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const { return after(head, std::format("\r\n{}: ", name), "\r"); }
std::string HttpAnswer::text_of(std::string_view name) const {
  return after(body, std::format("\"{}\":\"", name), "\"");
}

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

HttpFetcher::HttpFetcher(std::uint16_t port, int connections, std::string headers)
    : port_(port), headers_(std::move(headers)), connections_(static_cast<std::size_t>(connections)) {
  for (Connection& connection : connections_) connect(connection);
}

void HttpFetcher::connect(Connection& connection) {
  connection.socket = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  ::setsockopt(connection.socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(connection.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up(std::format("no connection to port {}: {}", port_, std::strerror(errno)));
  }
}

void HttpFetcher::send(Connection& connection, std::string_view method, const std::string& target,
                       std::string_view headers, std::string_view body) {
  const std::string length = body.empty() && method == "GET" ? "" : std::format("Content-Length: {}\r\n", body.size());
  send_all(connection.socket.get(), std::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}{}{}\r\n", method, target,
                                                port_, headers_, headers, length));
  send_all(connection.socket.get(), body);
  connection.busy = true;
  connection.buffer.clear();
  connection.body_at = 0;
  connection.sent_at = now_seconds();
}

bool HttpFetcher::receive(Connection& connection, const std::string& target) {
  char piece[64 << 10];
  const ssize_t size = ::recv(connection.socket.get(), piece, sizeof piece, 0);
  if (size <= 0) give_up("the connection broke while waiting for " + target);
  connection.buffer.append(piece, static_cast<std::size_t>(size));
  if (connection.body_at == 0) {
    const std::size_t end = connection.buffer.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::string_view head(connection.buffer.data(), end);
    if (!head.starts_with("HTTP/1.1 2")) give_up(std::format("{}: {}", target, connection.buffer.substr(0, 600)));
    connection.body_at = end + 4;
    connection.length = content_length(head);
  }
  if (connection.buffer.size() < connection.body_at + connection.length) return false;
  connection.busy = false;
  return true;
}

HttpAnswer HttpFetcher::request(std::string_view method, const std::string& target, std::string_view headers,
                                std::string_view body) {
  Connection& connection = connections_.front();
  send(connection, method, target, headers, body);
  while (!receive(connection, target)) {
  }
  return {connection.buffer.substr(0, connection.body_at), connection.buffer.substr(connection.body_at)};
}

void HttpFetcher::get_all(const std::vector<std::string>& targets, const std::function<void(double)>& seen) {
  std::size_t next = 0, done = 0;
  std::vector<pollfd> polled(connections_.size());
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    polled[i] = {connections_[i].socket.get(), POLLIN, 0};
    if (next < targets.size()) send(connections_[i], "GET", targets[next++], {}, {});
  }
  while (done < targets.size()) {
    ::poll(polled.data(), polled.size(), -1);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      Connection& connection = connections_[i];
      if (!connection.busy || (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      if (!receive(connection, "a page's picture")) continue;
      ++done;
      if (seen) seen(now_seconds() - connection.sent_at);
      if (next < targets.size()) send(connection, "GET", targets[next++], {}, {});
    }
  }
}

}  // namespace tintype::bench
