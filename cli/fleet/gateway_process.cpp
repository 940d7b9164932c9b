#include "cli/fleet/gateway_process.h"

#include "cli/fleet/node_board.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/scrub/scrubber.h"

namespace tintype {
namespace {

// Members in the order they are started; C++ stops them in reverse.
class OneGateway final : public GatewayProcess {
 public:
  OneGateway(const FleetConfig& config, const FleetStores& stores, NatsQueue& queue, const Clock& clock, Logger& log)
      : stores_(stores),
        queue_(queue),
        clock_(clock),
        log_(log),
        nodes_(clock),
        blobs_(make_cached(stores.blobs, blob_cache_config(config), metrics_)),
        scrubber_("gateway " + config.gateway.name, {}, {stores.blobs, stores.index, stores.documents, clock, log}) {}

  ~OneGateway() override { drain(); }

  Status start(const GatewayConfig& config) {
    TT_TRY(nodes_.listen(*queue_.broadcast));
    // The index is asked at every read: another gateway may have deleted the photo a moment ago, and a deleted photo is
    // shown nowhere once that was answered. What a blob's key means never changes.
    GatewayServices services{*blobs_,      stores_.index,  stores_.jobs,
                             *queue_.jobs, *queue_.events, clock_,
                             metrics_,     log_,           [this] { return nodes_.devices_json(); }};
    services.documents = &stores_.documents;
    services.scrubber = &scrubber_;
    TT_ASSIGN(gateway_, start_gateway(config, services));
    return {};
  }

  std::string url() const override { return gateway_->url(); }
  Status reload() override { return gateway_->reload_tls(); }
  void drain() override {
    if (gateway_) gateway_->drain();
  }

 private:
  const FleetStores stores_;
  NatsQueue& queue_;
  const Clock& clock_;
  Logger& log_;
  Metrics metrics_;
  NodeBoard nodes_;
  std::unique_ptr<CachedBlobs> blobs_;
  Scrubber scrubber_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace

Result<std::unique_ptr<GatewayProcess>> start_gateway_process(const FleetConfig& config, const FleetStores& stores,
                                                              NatsQueue& queue, const Clock& clock, Logger& log) {
  TT_ASSIGN(const GatewayConfig gateway, gateway_config(config));
  auto process = std::make_unique<OneGateway>(config, stores, queue, clock, log);
  TT_TRY(process->start(gateway));
  return process;
}

}  // namespace tintype
