#include "cli/fleet/fleet_links.h"

#include <chrono>
#include <thread>

#include "storage_client/store_format.h"

namespace tintype {
namespace {

constexpr std::chrono::milliseconds kPause{500};

bool may_pass(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimedOut || code == ErrorCode::kIo;
}

template <typename Open>
auto with_patience(const FleetConfig& config, Logger& log, const std::function<bool()>& is_stopping, Open open)
    -> decltype(open()) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(config.start_timeout_s);
  while (true) {
    auto opened = open();
    if (opened || !may_pass(opened.error().code) || std::chrono::steady_clock::now() >= give_up) return opened;
    log.warning("waiting", {{"for", opened.error().message}});
    if (is_stopping && is_stopping()) return fail(ErrorCode::kCancelled, "asked to stop before it had started");
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<std::unique_ptr<RadosStore>> open_fleet_store(const FleetConfig& config, const Clock& clock, Logger& log,
                                                     const std::function<bool()>& is_stopping) {
  RadosStoreConfig store = store_config(config);
  return with_patience(config, log, is_stopping, [&]() -> Result<std::unique_ptr<RadosStore>> {
    TT_ASSIGN(auto opened, open_rados_store(store, clock, log));
    TT_TRY(check_store_format(opened->documents()));
    return opened;
  });
}

Result<NatsQueue> open_fleet_queue(const FleetConfig& config, const Clock& clock, Logger& log,
                                   const std::function<bool()>& is_stopping) {
  TT_ASSIGN(const NatsQueueConfig queue, queue_config(config));
  return with_patience(config, log, is_stopping, [&] { return connect_nats_queue(queue, clock, log); });
}

}  // namespace tintype
