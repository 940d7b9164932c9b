// Farm: the whole of Tintype in one process, put together. The only place that knows every part.
//
// The zygote must be started while the process has one thread, so start_farm() comes before anything else that
// starts one.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "cli/lanes.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/queue/nats/nats_queue.h"
#include "gateway/gateway.h"
#include "scheduler/scheduler.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "storage_client/embedded/embedded_store.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

struct FarmConfig {
  std::string data_dir;
  std::string nats_url;  // empty: a nats-server of our own, under data_dir/nats
  std::string nats_program = "nats-server";
  ZygoteConfig zygote;
  LanesConfig lanes;
  EmbeddedStoreConfig store;  // its dir is data_dir/store
  CachedBlobsConfig blob_cache;
  CachedIndexConfig index_cache;
  NatsQueueConfig queue;  // its url is set from the above
  SchedulerConfig scheduler;
  GatewayConfig gateway;  // its recipe_folder defaults to data_dir/recipes, its staging_folder is data_dir/uploads

  FarmConfig() {
    queue.ack_wait = std::chrono::seconds(10);
    // They mostly wait for the disk: a page that nobody looked at lately is a hundred reads.
    gateway.threads = 16;
  }
};

class Farm {
 public:
  virtual ~Farm() = default;  // drains, then stops everything, last started first
  virtual std::string url() const = 0;
  // Reads again what may change while it serves: the TLS certificate and its key.
  virtual Status reload() = 0;
  // Takes no more requests and jobs, and lets what runs end within the configured times.
  virtual void drain() = 0;
};

// `clock` and `log` must outlive it.
Result<std::unique_ptr<Farm>> start_farm(const FarmConfig& config, const Clock& clock, Logger& log);

}  // namespace tintype
