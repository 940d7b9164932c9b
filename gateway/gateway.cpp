#include "gateway/gateway.h"

#include <arpa/inet.h>

#include <format>

#include "gateway/access/gate.h"
#include "gateway/api.h"
#include "gateway/event_hub.h"
#include "gateway/job_publisher.h"
#include "gateway/router.h"

namespace tintype {
namespace {

bool is_loopback(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return address == "::1";
}

class HttpGateway final : public Gateway {
 public:
  HttpGateway(const GatewayConfig& config, const GatewayServices& services)
      : config_(config),
        services_(services),
        publisher_(services_.queue, services_.clock, services_.metrics, services_.log),
        events_(services_.events),
        gate_(config_, services_.jobs, services_.clock, services_.log),
        api_{config_, services_, publisher_, events_, gate_, {}, {}},
        services_at_hand_(at_hand(services_)),
        api_at_hand_{config_, services_at_hand_, publisher_, events_, gate_, {}, {}},
        router_(api_, services_.index_at_hand && services_.blobs_at_hand ? &api_at_hand_ : nullptr) {}

  ~HttpGateway() override {
    events_.stop();
    server_.reset();
  }

  Status start() {
    TT_TRY(make_access_book());
    http::ServerConfig config;
    config.address = config_.address;
    config.port = config_.port;
    config.workers = config_.threads;
    config.max_connections = config_.max_connections;
    config.max_body_bytes = config_.max_upload_bytes;
    config.header_timeout = config_.header_timeout;
    config.idle_timeout = config_.idle_timeout;
    config.drain_timeout = config_.drain_timeout;
    config.tls_cert_file = config_.tls_cert_file;
    config.tls_key_file = config_.tls_key_file;
    config.always = {{"X-Content-Type-Options", "nosniff"}};
    TT_ASSIGN(server_, http::start_server(config, router_));
    services_.log.info("gateway_started", {{"url", url()}, {"tokens", config_.demands_tokens()}});
    if (config_.demands_tokens() && !is_loopback(config_.address) && config_.tls_cert_file.empty()) {
      services_.log.warning("tokens_in_the_clear",
                            {{"remedy", "give --tls-cert and --tls-key, or put a proxy that speaks TLS before it"}});
    }
    return {};
  }

  std::string url() const override {
    const std::string_view scheme = config_.tls_cert_file.empty() ? "http" : "https";
    return config_.address.contains(':') ? std::format("{}://[{}]:{}", scheme, config_.address, server_->port())
                                         : std::format("{}://{}:{}", scheme, config_.address, server_->port());
  }

  Status reload_tls() override { return server_->reload_tls(); }

  void drain() override { server_->drain(); }

 private:
  // The key that signs URLs must be there; tokens come when somebody makes one.
  Status make_access_book() {
    if (config_.access_folder.empty()) return {};
    const AccessFile file(config_.access_folder);
    const auto book = file.read();
    if (book) return {};
    if (book.error().code != ErrorCode::kNotFound) return fail(book.error());
    return file.change(services_.clock.now_ms(), [](AccessBook&) { return Status(); });
  }

  // The same services, with what of the store answers from memory.
  static GatewayServices at_hand(const GatewayServices& all) {
    BlobStore& blobs = all.blobs_at_hand ? *all.blobs_at_hand : all.blobs;
    PhotoIndex& index = all.index_at_hand ? *all.index_at_hand : all.index;
    return {blobs, index, all.jobs, all.queue, all.events, all.clock, all.metrics, all.log, all.devices_json};
  }

  const GatewayConfig config_;
  const GatewayServices services_;
  JobPublisher publisher_;
  EventHub events_;
  Gate gate_;
  Api api_;
  const GatewayServices services_at_hand_;
  Api api_at_hand_;
  Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

bool GatewayConfig::demands_tokens() const {
  return require_tokens || (!trust_network && !is_loopback(address));
}

Status GatewayConfig::validate() const {
  const auto bad = [](std::string message) { return fail(ErrorCode::kInvalidArgument, std::move(message)); };
  if (demands_tokens() && access_folder.empty()) {
    return bad(std::format("{} can be reached by others, and no folder for access tokens was given; listen on "
                           "127.0.0.1, or say --trust-network if everyone who can reach it may use it",
                           address));
  }
  if (tls_cert_file.empty() != tls_key_file.empty())
    return bad("TLS needs both a certificate and its key: give --tls-cert and --tls-key");
  if (threads < 1 || threads > 256) return bad("gateway threads must be from 1 to 256");
  if (max_connections < 1 || max_connections > 1'000'000)
    return bad("max_connections must be from 1 to 1000000");
  if (max_upload_bytes < 1) return bad("max_upload_bytes must be at least 1");
  if (header_timeout.count() < 1 || idle_timeout.count() < 1)
    return bad("the gateway's timeouts must be at least 1 ms");
  if (drain_timeout.count() < 0) return bad("drain_timeout must not be negative");
  if (large_body_bytes < 1 || large_body_bytes > (64ull << 20))
    return bad("large_body_bytes must be from 1 to 64 MiB");
  return {};
}

Result<std::unique_ptr<Gateway>> start_gateway(const GatewayConfig& config, const GatewayServices& services) {
  TT_TRY(config.validate());
  auto gateway = std::make_unique<HttpGateway>(config, services);
  TT_TRY(gateway->start());
  return gateway;
}

}  // namespace tintype
