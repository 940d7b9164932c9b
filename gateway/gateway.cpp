#include "gateway/gateway.h"

#include <arpa/inet.h>

#include <format>

#include "gateway/access/access_document.h"
#include "gateway/access/access_file.h"
#include "gateway/access/gate.h"
#include "gateway/api.h"
#include "gateway/hooks/ingests.h"
#include "gateway/housekeeping.h"
#include "gateway/jobs/event_hub.h"
#include "gateway/jobs/job_publisher.h"
#include "gateway/jobs/transients.h"
#include "gateway/photos/upload_order.h"
#include "gateway/recipes/recipe_book.h"
#include "gateway/router.h"
#include "gateway/tus/tus_uploads.h"

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
        access_(make_access()),
        gate_(config_, services_.jobs, services_.clock),
        recipes_(config_.shared_documents ? make_shared_recipes(*services_.documents)
                                          : make_recipe_folder(config_.recipe_folder)),
        transients_({config_.result_ttl, config_.max_compress_waiting}, services_),
        api_{.config = config_,
             .services = services_,
             .publisher = publisher_,
             .events = events_,
             .gate = gate_,
             .recipes = *recipes_,
             .transients = &transients_},
        services_at_hand_(at_hand(services_)),
        api_at_hand_{.config = config_,
                     .services = services_at_hand_,
                     .publisher = publisher_,
                     .events = events_,
                     .gate = gate_,
                     .recipes = *recipes_,
                     .transients = &transients_},
        router_(api_, services_.index_at_hand && services_.blobs_at_hand ? &api_at_hand_ : nullptr) {}

  ~HttpGateway() override {
    housekeeping_.reset();
    events_.stop();
    server_.reset();
    transients_.stop_watching();
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
    TT_TRY(open_staging());
    TT_TRY(prepare_fetching());
    ingests_ = std::make_unique<Ingests>(config_.hooks, upload_services(api_), config_.max_upload_bytes);
    api_.ingests = ingests_.get();
    TT_ASSIGN(server_, http::start_server(config, router_));
    housekeeping_ = std::make_unique<Housekeeping>(config_.sweep_period,
                                                   std::vector<std::function<void()>>{[this] { transients_.sweep(); },
                                                                                      [this] {
                                                                                        if (tus_) tus_->sweep();
                                                                                      }});
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
    if (!access_) return {};
    const auto book = access_->read();
    if (!book && book.error().code != ErrorCode::kNotFound) return fail(book.error());
    if (!book) TT_TRY(access_->change(services_.clock.now_ms(), [](AccessBook&) { return Status(); }));
    if (config_.shared_documents) {
      gate_.open(std::make_unique<PolledAccess>(*services_.documents, services_.log));
    } else {
      gate_.open(std::make_unique<LiveAccessBook>(AccessFile(config_.access_folder), services_.log));
    }
    return {};
  }

  // Null: there are no tokens.
  std::unique_ptr<AccessStore> make_access() const {
    if (config_.shared_documents) return std::make_unique<AccessDocument>(*services_.documents);
    if (!config_.access_folder.empty()) return std::make_unique<AccessFile>(config_.access_folder);
    return nullptr;
  }

  // The same services, with what of the store answers from memory.
  static GatewayServices at_hand(const GatewayServices& all) {
    BlobStore& blobs = all.blobs_at_hand ? *all.blobs_at_hand : all.blobs;
    PhotoIndex& index = all.index_at_hand ? *all.index_at_hand : all.index;
    return {blobs, index, all.jobs, all.queue, all.events, all.clock, all.metrics, all.log, all.devices_json};
  }

  Status open_staging() {
    if (config_.staging_folder.empty()) return {};
    TT_ASSIGN(staging_, StagingFolder::open(config_.staging_folder, config_.min_free_bytes));
    tus_ = std::make_unique<TusUploads>(*staging_, upload_services(api_), *recipes_, config_.upload_ttl,
                                        config_.staging, config_.name);
    tus_->sweep();
    api_.tus = tus_.get();
    return {};
  }

  const GatewayConfig config_;
  const GatewayServices services_;
  JobPublisher publisher_;
  EventHub events_;
  const std::unique_ptr<AccessStore> access_;
  Gate gate_;
  const std::unique_ptr<RecipeBook> recipes_;
  Transients transients_;
  Api api_;
  const GatewayServices services_at_hand_;
  Api api_at_hand_;
  Router router_;
  std::unique_ptr<StagingFolder> staging_;
  std::unique_ptr<TusUploads> tus_;
  std::unique_ptr<Ingests> ingests_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Housekeeping> housekeeping_;
};

}  // namespace

bool GatewayConfig::demands_tokens() const { return require_tokens || (!trust_network && !is_loopback(address)); }

Status GatewayConfig::validate() const {
  const auto bad = [](std::string message) { return fail(ErrorCode::kInvalidArgument, std::move(message)); };
  if (demands_tokens() && access_folder.empty() && !shared_documents) {
    return bad(
        std::format("{} can be reached by others, and no folder for access tokens was given; listen on "
                    "127.0.0.1, or say --trust-network if everyone who can reach it may use it",
                    address));
  }
  if (name.size() > 16 || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != name.npos)
    return bad("a gateway's name must be up to 16 of a-z and 0-9");
  if (tls_cert_file.empty() != tls_key_file.empty())
    return bad("TLS needs both a certificate and its key: give --tls-cert and --tls-key");
  if (threads < 1 || threads > 256) return bad("gateway threads must be from 1 to 256");
  if (max_connections < 1 || max_connections > 1'000'000) return bad("max_connections must be from 1 to 1000000");
  if (max_upload_bytes < 1) return bad("max_upload_bytes must be at least 1");
  if (header_timeout.count() < 1 || idle_timeout.count() < 1)
    return bad("the gateway's timeouts must be at least 1 ms");
  if (upload_ttl.count() < 1 || result_ttl.count() < 1 || sweep_period.count() < 1)
    return bad("upload_ttl, result_ttl and sweep_period must be at least 1 ms");
  if (max_compress_waiting < 0) return bad("max_compress_waiting must not be negative");
  if (hooks.fetches < 1 || hooks.fetches > 64) return bad("the hooks' fetches must be from 1 to 64");
  if (drain_timeout.count() < 0) return bad("drain_timeout must not be negative");
  if (large_body_bytes < 1 || large_body_bytes > (64ull << 20)) return bad("large_body_bytes must be from 1 to 64 MiB");
  return {};
}

Result<std::unique_ptr<Gateway>> start_gateway(const GatewayConfig& config, const GatewayServices& services) {
  TT_TRY(config.validate());
  if (config.shared_documents && !services.documents)
    return fail(ErrorCode::kInvalidArgument, "shared_documents needs the service documents");
  auto gateway = std::make_unique<HttpGateway>(config, services);
  TT_TRY(gateway->start());
  return gateway;
}

}  // namespace tintype
