// Gateway: the HTTP API (docs/api.md) over the store, the queue and the event log. It never calls the
// scheduler.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct GatewayConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;      // 0: one that is free
  bool trust_network = false;  // listen on addresses other than loopback
  int threads = 2;             // for blocking work (store, queue); sockets have one of their own
  int max_connections = 2048;
  std::uint64_t max_upload_bytes = 512ull << 20;
  std::chrono::milliseconds header_timeout{15'000};
  std::chrono::milliseconds idle_timeout{60'000};  // between requests, and between pieces of a body
  std::chrono::milliseconds drain_timeout{10'000};
  std::string recipe_folder;                   // NAME.toml files; PUT /v1/recipes writes there
  std::uint64_t large_body_bytes = 256 << 10;  // answers above are streamed in pieces

  Status validate() const;
};

// What the gateway stands on; everything must outlive it.
struct GatewayServices {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  JobQueue& queue;
  EventLog& events;
  const Clock& clock;
  Metrics& metrics;
  Logger& log;
  std::function<std::string()> devices_json;  // the body of GET /v1/devices; thread-safe
  // The store as of one moment, for backups: its folder; and letting it go. Thread-safe; none: not to be had here.
  std::function<Result<std::string>()> take_snapshot = {};
  std::function<Status()> drop_snapshot = {};
};

// Thread-safe. Destroyed: stops accepting, lets requests end within drain_timeout, closes.
class Gateway {
 public:
  virtual ~Gateway() = default;
  virtual std::string url() const = 0;  // "http://127.0.0.1:34567"
  // Stops accepting new connections and requests; open ones go on.
  virtual void drain() = 0;
};

Result<std::unique_ptr<Gateway>> start_gateway(const GatewayConfig& config, const GatewayServices& services);

}  // namespace tintype
