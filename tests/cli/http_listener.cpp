#include "tests/cli/http_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <format>
#include <optional>
#include <utility>

namespace tintype::testing {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::optional<HttpCall> read_request(int socket, std::string& buffer) {
  const auto more = [&] {
    char piece[64 << 10];
    const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
    if (got > 0) buffer.append(piece, static_cast<std::size_t>(got));
    return got > 0;
  };
  std::size_t end;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return std::nullopt;
  }
  HttpCall request;
  std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  std::size_t line_end = head.find("\r\n");
  const std::string first = head.substr(0, line_end);
  const std::size_t space = first.find(' '), second = first.rfind(' ');
  request.method = first.substr(0, space);
  std::string target = first.substr(space + 1, second - space - 1);
  if (const std::size_t mark = target.find('?'); mark != std::string::npos) {
    for (std::size_t at = mark + 1; at <= target.size();) {
      const std::size_t stop = std::min(target.find('&', at), target.size());
      const std::string pair = target.substr(at, stop - at);
      const std::size_t equals = pair.find('=');
      if (equals != std::string::npos) request.query[pair.substr(0, equals)] = decoded(pair.substr(equals + 1));
      at = stop + 1;
    }
    target.resize(mark);
  }
  request.path = decoded(target);
  for (std::size_t at = line_end + 2; at < head.size();) {
    const std::size_t stop = head.find("\r\n", at), colon = head.find(':', at);
    std::string name = head.substr(at, colon - at);
    std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    request.headers[name] = head.substr(colon + 2, stop - colon - 2);
    at = stop + 2;
  }
  const std::size_t length =
      request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
  while (buffer.size() < length) {
    if (!more()) return std::nullopt;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return request;
}

}  // namespace

HttpListener::HttpListener(int port, std::function<HttpReply(const HttpCall&)> answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  ::listen(listener_, 64);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  const std::lock_guard lock(mutex_);
  threads_.emplace_back([this] { accept_all(); });
}

HttpListener::~HttpListener() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    threads = std::move(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  ::close(listener_);
}

void HttpListener::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stopping_ || socket < 0) {
      if (socket >= 0) ::close(socket);
      return;
    }
    sockets_.insert(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void HttpListener::serve(int socket) {
  std::string buffer;
  while (const std::optional<HttpCall> call = read_request(socket, buffer)) {
    const HttpReply reply = answer_(*call);
    std::string text = std::format("HTTP/1.1 {} X\r\nContent-Type: {}\r\n", reply.status, reply.type);
    if (reply.stream) {
      std::string piece;
      bool sent = send_all(socket, text + "\r\n");
      while (sent && reply.stream(piece)) sent = send_all(socket, std::exchange(piece, {}));
      break;
    }
    if (reply.status != 204) text += std::format("Content-Length: {}\r\n", reply.body.size());
    if (!send_all(socket, text + "\r\n" + reply.body)) break;
  }
  const std::lock_guard lock(mutex_);
  sockets_.erase(socket);
  ::close(socket);
}

}  // namespace tintype::testing
