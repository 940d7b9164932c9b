// One gateway of a fleet, put together: the API over shared stores and queue, with caches of its own.
#pragma once

#include <memory>
#include <string>

#include "cli/fleet/fleet_config.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "storage_client/documents.h"

namespace tintype {

// What all processes of a fleet share.
struct FleetStores {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  Documents& documents;
};

class GatewayProcess {
 public:
  virtual ~GatewayProcess() = default;  // drains
  virtual std::string url() const = 0;
  virtual Status reload() = 0;  // the TLS certificate and its key
  virtual void drain() = 0;
};

// All must outlive it.
Result<std::unique_ptr<GatewayProcess>> start_gateway_process(const FleetConfig& config, const FleetStores& stores,
                                                              NatsQueue& queue, const Clock& clock, Logger& log);

}  // namespace tintype
