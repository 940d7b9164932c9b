#include "tests/gateway/socket_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <format>

namespace tintype {

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

SocketClient::SocketClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  connect(port);
}

SocketClient SocketClient::with_little_room(std::uint16_t port) {
  SocketClient client;
  client.socket_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // The kernel sizes the other side's buffer by the segments that it may send here.
  const int segment = 536, room = 1;
  ::setsockopt(client.socket_.get(), IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  ::setsockopt(client.socket_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  client.connect(port);
  return client;
}

void SocketClient::connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int one = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket_.reset();
}

bool SocketClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool SocketClient::fill(std::chrono::milliseconds patience) {
  if (!socket_) return false;
  pollfd waiting{socket_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
  char buffer[64 << 10];
  const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  if (size <= 0) return false;
  pending_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

std::string SocketClient::receive_until(std::string_view end, std::chrono::milliseconds patience) {
  std::size_t at;
  while ((at = pending_.find(end)) == pending_.npos && fill(patience)) {
  }
  const std::size_t size = at == pending_.npos ? pending_.size() : at + end.size();
  std::string taken = pending_.substr(0, size);
  pending_.erase(0, size);
  return taken;
}

std::optional<Answer> SocketClient::receive(bool to_head, std::chrono::milliseconds patience) {
  std::string head = receive_until("\r\n\r\n", patience);
  if (!head.ends_with("\r\n\r\n") || !head.starts_with("HTTP/1.1 ")) return {};
  Answer answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  std::size_t line = head.find("\r\n") + 2;
  for (std::size_t end; (end = head.find("\r\n", line)) > line; line = end + 2) {
    const std::size_t colon = head.find(": ", line);
    std::string name = head.substr(line, colon - line);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers.emplace(std::move(name), head.substr(colon + 2, end - colon - 2));
  }
  if (to_head || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
  const auto length = answer.headers.find("content-length");
  if (length == answer.headers.end()) {
    while (fill(patience)) {
    }
    answer.body = std::exchange(pending_, {});
    return answer;
  }
  const std::size_t size = std::stoul(length->second);
  while (pending_.size() < size) {
    if (!fill(patience)) return {};
  }
  answer.body = pending_.substr(0, size);
  pending_.erase(0, size);
  return answer;
}

bool SocketClient::closes_within(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    char buffer[4096];
    if (::recv(socket_.get(), buffer, sizeof buffer, 0) <= 0) return true;
  }
}

void SocketClient::finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

void SocketClient::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  socket_.reset();
}

std::string to_text(const Ask& ask, std::uint16_t port) {
  std::string text =
      std::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}", ask.method, ask.target, port, ask.headers);
  if (!ask.body.empty()) text += std::format("Content-Length: {}\r\n", ask.body.size());
  return text + "\r\n" + ask.body;
}

Answer fetch(std::uint16_t port, const Ask& ask) {
  SocketClient client(port);
  client.send(to_text(ask, port));
  auto answer = client.receive(ask.method == "HEAD");
  EXPECT_TRUE(answer) << ask.method << " " << ask.target << " was not answered";
  return answer.value_or(Answer{});
}

}  // namespace tintype
