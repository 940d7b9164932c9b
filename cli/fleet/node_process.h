// One node of a fleet, put together: a scheduler over shared stores and queue, with lanes of its own. Joins by pulling
// jobs, leaves by no longer doing so: no other process has to know.
#pragma once

#include <memory>
#include <vector>

#include "cli/fleet/gateway_process.h"
#include "workers/lane.h"

namespace tintype {

class NodeProcess {
 public:
  virtual ~NodeProcess() = default;  // drains
  // Takes no more jobs; those that run may end within node.drain_s, and others do the rest.
  virtual void drain() = 0;
};

// All must outlive it; `metrics` are those that the lanes count in.
Result<std::unique_ptr<NodeProcess>> start_node_process(const FleetConfig& config, const FleetStores& stores,
                                                        NatsQueue& queue, std::vector<Lane*> lanes, const Clock& clock,
                                                        Metrics& metrics, Logger& log);

}  // namespace tintype
