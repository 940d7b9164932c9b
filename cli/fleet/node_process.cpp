#include "cli/fleet/node_process.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/devices_json.h"
#include "cli/fleet/node_board.h"

namespace tintype {
namespace {

class OneNode final : public NodeProcess {
 public:
  // No caches: a job's work reads what is true now, and reads it once.
  OneNode(const FleetConfig& config, const FleetStores& stores, NatsQueue& queue, std::vector<Lane*> lanes,
          const Clock& clock, Metrics& metrics, Logger& log)
      : name_(config.node.name),
        queue_(queue),
        scheduler_(
            scheduler_config(config),
            SchedulerServices{stores.blobs, stores.index, stores.jobs, *queue.jobs, *queue.events, clock, metrics, log},
            std::move(lanes)) {}

  ~OneNode() override { drain(); }

  Status start() {
    TT_TRY(scheduler_.start());
    telling_ = std::jthread([this](const std::stop_token& stop) { tell(stop); });
    return {};
  }

  void drain() override {
    scheduler_.drain();
    if (!telling_.joinable()) return;
    telling_.request_stop();
    telling_.join();
    (void)tell_of_leaving(*queue_.broadcast, name_);  // unheard, it is missed ten seconds later
  }

 private:
  void tell(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    do {
      (void)tell_of_node(*queue_.broadcast, devices_json(name_, scheduler_.lanes(), scheduler_.yielding()));
    } while (!wake.wait_for(lock, stop, kNodeTellsEvery, [&] { return stop.stop_requested(); }));
  }

  const std::string name_;
  NatsQueue& queue_;
  Scheduler scheduler_;
  std::jthread telling_;
};

}  // namespace

Result<std::unique_ptr<NodeProcess>> start_node_process(const FleetConfig& config, const FleetStores& stores,
                                                        NatsQueue& queue, std::vector<Lane*> lanes, const Clock& clock,
                                                        Metrics& metrics, Logger& log) {
  TT_TRY(scheduler_config(config).validate());
  auto node = std::make_unique<OneNode>(config, stores, queue, std::move(lanes), clock, metrics, log);
  TT_TRY(node->start());
  return node;
}

}  // namespace tintype
