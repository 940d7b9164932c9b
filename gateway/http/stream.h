// Stream: a connection's bytes, plain or through TLS. Private to gateway/http; of the socket thread alone.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "core/base/result.h"

namespace tintype::http {

using TlsContext = boost::asio::ssl::context;

// A server's certificate chain and key, TLS 1.2 and later. kInvalidArgument, naming the file, when they cannot be
// read or do not belong together.
Result<std::shared_ptr<TlsContext>> load_tls(const std::string& cert_file, const std::string& key_file);

class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // Without a context: plain.
  Stream(Socket socket, std::shared_ptr<TlsContext> tls) : tls_(std::move(tls)), stream_(std::move(socket)) {
    if (!tls_) return;
    Socket plain = std::move(std::get<Socket>(stream_));
    stream_.emplace<Encrypted>(std::move(plain), *tls_);
  }

  bool is_encrypted() const { return tls_ != nullptr; }
  Socket& socket() { return is_encrypted() ? std::get<Encrypted>(stream_).next_layer() : std::get<Socket>(stream_); }

  // Tells the other side that no more comes (TLS's close_notify), and does not wait for its answer. The socket must be
  // one that does not block; nothing may be under way in writing. Plain: nothing.
  void say_goodbye() {
    if (!is_encrypted()) return;
    Encrypted& stream = std::get<Encrypted>(stream_);
    SSL* const ssl = stream.native_handle();
    // OpenSSL is told that the other side has said it, too: else it reads until that comes, and a body that still does
    // is an error to it, after which nothing can be read.
    const int heard = ::SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN;
    ::SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
    boost::system::error_code ignored;
    stream.shutdown(ignored);
    ::SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | heard);
  }

  // Before the first read or write of an encrypted one.
  template <typename Handler>
  void async_handshake(Handler handler) {
    std::get<Encrypted>(stream_).async_handshake(Encrypted::server, std::move(handler));
  }
  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler handler) {
    std::visit([&](auto& stream) { stream.async_read_some(buffers, std::move(handler)); }, stream_);
  }
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler handler) {
    std::visit([&](auto& stream) { stream.async_write_some(buffers, std::move(handler)); }, stream_);
  }

 private:
  using Encrypted = boost::asio::ssl::stream<Socket>;

  std::shared_ptr<TlsContext> tls_;  // a reload leaves open connections theirs
  std::variant<Socket, Encrypted> stream_;
};

}  // namespace tintype::http
