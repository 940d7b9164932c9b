// The store and the queue of a fleet, opened with patience: after a power cut, processes start before what they need.
#pragma once

#include <functional>
#include <memory>

#include "cli/fleet/fleet_config.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"

namespace tintype {

// Tries for config.start_timeout_s while the other side does not answer; what cannot pass (a wrong key, a missing pool)
// is answered at once. kCancelled once `is_stopping` says so.
Result<std::unique_ptr<RadosStore>> open_fleet_store(const FleetConfig& config, const Clock& clock, Logger& log,
                                                     const std::function<bool()>& is_stopping = {});
Result<NatsQueue> open_fleet_queue(const FleetConfig& config, const Clock& clock, Logger& log,
                                   const std::function<bool()>& is_stopping = {});

}  // namespace tintype
