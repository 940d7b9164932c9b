#include "cli/fleet/gateway_process.h"

#include "cli/fleet/node_board.h"
#include "cli/fleet/photo_news.h"
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
        news_(*queue.broadcast),
        nodes_(clock),
        announced_(make_announcing(stores.index,
                                   [this](const std::string& owner, PhotoId photo) { news_.tell(owner, photo); })),
        blobs_(make_cached(stores.blobs, blob_cache_config(config), metrics_)),
        index_(make_cached(*announced_, index_cache_config(config), metrics_)),
        scrubber_("gateway " + config.gateway.name, {}, {stores.blobs, *announced_, stores.documents, clock, log}) {}

  ~OneGateway() override { drain(); }

  Status start(const GatewayConfig& config) {
    TT_ASSIGN(listening_, news_.listen([this](const std::string& owner, PhotoId photo) {
      index_->forget(owner, photo);
      blobs_->forget(owner, photo);
    }));
    TT_TRY(nodes_.listen(*queue_.broadcast));
    GatewayServices services{*blobs_,  *index_,  stores_.jobs, *queue_.jobs, *queue_.events,
                             clock_,   metrics_, log_,         [this] { return nodes_.devices_json(); },
                             &blobs_->at_hand(), &index_->at_hand()};
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
  PhotoNews news_;
  NodeBoard nodes_;
  std::unique_ptr<PhotoIndex> announced_;
  std::unique_ptr<CachedBlobs> blobs_;
  std::unique_ptr<CachedIndex> index_;
  Scrubber scrubber_;
  std::unique_ptr<Listening> listening_;
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
