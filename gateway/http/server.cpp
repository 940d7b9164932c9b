#include "gateway/http/server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <format>
#include <mutex>
#include <thread>

#include "gateway/http/connection.h"

namespace tintype::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

// Connections over the limit that are told so at once; past these they are just closed.
constexpr std::size_t kMaxRefusedAtOnce = 64;
constexpr milliseconds kAcceptPause{100};

class TcpServer final : public Server {
 public:
  TcpServer(const ServerConfig& config, Application& application)
      : config_(config),
        readers_(config_.workers),
        workers_(config_.workers),
        core_{config_, application, io_, readers_, workers_, {}, false, [this] { announce_if_empty(); }},
        acceptor_(io_),
        tick_(io_),
        pause_(io_) {}

  ~TcpServer() override {
    if (!thread_.joinable()) return;  // never listened
    drain();
    asio::post(io_, [this] { each_connection(&Connection::end_feed); });
    wait_for_connections();
    readers_.stop();
    workers_.stop();
    asio::post(io_, [this] {
      each_connection(&Connection::close);
      stopping_ = true;
      tick_.cancel();
      guard_.reset();
    });
    thread_.join();
  }

  Status listen() {
    TT_TRY(reload_tls());
    error_code error;
    const auto address = asio::ip::make_address(config_.address, error);
    if (error) {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("'{}' is not an IP address to listen on; give one such as 127.0.0.1", config_.address));
    }
    const tcp::endpoint endpoint(address, config_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) {
      return fail(ErrorCode::kUnavailable,
                  std::format("cannot listen on {} port {}: {}; choose another port or stop who has it",
                              config_.address, config_.port, error.message()));
    }
    accept();
    schedule_tick();
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  Status reload_tls() override {
    if (config_.tls_cert_file.empty()) return {};
    TT_ASSIGN(auto context, load_tls(config_.tls_cert_file, config_.tls_key_file));
    const std::lock_guard lock(mutex_);
    tls_ = std::move(context);
    return {};
  }

  void drain() override {
    asio::post(io_, [this] {
      if (core_.draining) return;
      core_.draining = true;
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      each_connection(&Connection::drain);
      announce_if_empty();
    });
  }

 private:
  // Over a copy: a call may take its connection out of the set.
  template <typename Method, typename... Arguments>
  void each_connection(Method method, Arguments... arguments) {
    const std::vector now(core_.connections.begin(), core_.connections.end());
    for (const auto& connection : now) (connection.get()->*method)(arguments...);
  }

  void accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (core_.draining) return;
      if (error) return accept_later();
      take(std::move(socket));
      accept();
    });
  }

  // No descriptors are left, as a rule: trying again at once would only burn the CPU.
  void accept_later() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const error_code& error) {
      if (!error && !core_.draining) accept();
    });
  }

  void take(tcp::socket socket) {
    const auto limit = static_cast<std::size_t>(config_.max_connections);
    if (core_.connections.size() >= limit + kMaxRefusedAtOnce) return;
    const auto connection = std::make_shared<Connection>(core_, Stream(std::move(socket), tls_now()));
    core_.connections.insert(connection);
    if (core_.connections.size() > limit) return connection->start_refused();
    connection->start();
  }

  std::shared_ptr<TlsContext> tls_now() {
    const std::lock_guard lock(mutex_);
    return tls_;
  }

  // One timer looks at every connection: cheaper than a timer a connection that moves with every read.
  void schedule_tick() {
    const auto shortest = std::min({config_.header_timeout, config_.idle_timeout, config_.heartbeat_interval});
    tick_.expires_after(std::clamp(shortest / 8, milliseconds(5), milliseconds(1'000)));
    tick_.async_wait([this](const error_code& error) {
      if (error || stopping_) return;
      each_connection(&Connection::check_time, std::chrono::steady_clock::now());
      schedule_tick();
    });
  }

  void announce_if_empty() {
    if (!core_.draining || !core_.connections.empty()) return;
    std::lock_guard lock(mutex_);
    empty_ = true;
    became_empty_.notify_all();
  }

  void wait_for_connections() {
    std::unique_lock lock(mutex_);
    became_empty_.wait_for(lock, config_.drain_timeout, [this] { return empty_; });
  }

  const ServerConfig config_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  WorkerPool readers_, workers_;
  ServerCore core_;
  tcp::acceptor acceptor_;
  asio::steady_timer tick_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  std::thread thread_;

  std::mutex mutex_;
  std::shared_ptr<TlsContext> tls_;  // null: plain
  std::condition_variable became_empty_;
  bool empty_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> start_server(const ServerConfig& config, Application& application) {
  auto server = std::make_unique<TcpServer>(config, application);
  TT_TRY(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace tintype::http
