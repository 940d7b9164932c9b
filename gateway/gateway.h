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
#include "gateway/hooks/hooks_config.h"
#include "gateway/tus/staged_totals.h"
#include "storage_client/blob_store.h"
#include "storage_client/documents.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

class Scrubber;

struct GatewayConfig {
  std::string name;  // among several gateways of a farm: [a-z0-9], 1..16; empty: it is the only one
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;         // 0: one that is free
  bool trust_network = false;     // listen on addresses other than loopback, and demand no tokens there
  bool require_tokens = false;    // demand access tokens on loopback and in a trusted network, too
  std::string access_folder;      // the access book (access/access_file.h); empty: there are no tokens
  bool shared_documents = false;  // access book and recipes are GatewayServices::documents, not folders
  std::string tls_cert_file;      // PEM, with tls_key_file; empty: plain HTTP
  std::string tls_key_file;
  int threads =
      2;  // for blocking work (store, queue): so many for reading, as many for the rest; sockets have their own
  int max_connections = 2048;
  std::uint64_t max_upload_bytes = 512ull << 20;
  std::chrono::milliseconds header_timeout{15'000};
  std::chrono::milliseconds idle_timeout{60'000};  // between requests, and between pieces of a body
  std::chrono::milliseconds drain_timeout{10'000};
  std::string recipe_folder;                         // NAME.toml files; PUT /v1/recipes writes there
  std::string staging_folder;                        // resumable uploads; empty: none are taken
  StagingLimits staging;                             // how much of them is kept
  std::uint64_t min_free_bytes = 0;                  // on their disk: below it they take no more bytes
  std::chrono::milliseconds upload_ttl{86'400'000};  // of a resumable upload that nobody goes on with
  std::chrono::milliseconds result_ttl{3'600'000};   // of what POST /v1/jobs made
  int max_compress_waiting = 64;                     // requests that wait for a variant; past them 429
  std::chrono::milliseconds sweep_period{30'000};    // what has expired is removed that often
  HooksConfig hooks;                                 // where pictures may come from that nobody sends
  std::uint64_t large_body_bytes = 256 << 10;        // answers above are streamed in pieces

  // Every request needs a token, but for those that docs/api.md names.
  bool demands_tokens() const;
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
  // What of blobs and index answers from memory alone (storage_client/cache); null: nothing.
  BlobStore* blobs_at_hand = nullptr;
  PhotoIndex* index_at_hand = nullptr;
  // The store as of one moment, for backups: its folder; and letting it go. Thread-safe; none: not to be had here.
  std::function<Result<std::string>()> take_snapshot = {};
  std::function<Status()> drop_snapshot = {};
  Documents* documents = nullptr;  // with GatewayConfig::shared_documents
  Scrubber* scrubber = nullptr;    // null: the store cannot be scrubbed from here
  // Whether all lanes are in service; the error names those that are not. Thread-safe; none: there are no lanes here.
  std::function<Status()> check_lanes = {};
};

// Thread-safe. Destroyed: stops accepting, lets requests end within drain_timeout, closes.
class Gateway {
 public:
  virtual ~Gateway() = default;
  virtual std::string url() const = 0;  // "http://127.0.0.1:34567"
  // Reads the TLS certificate and key again, for new connections. When they cannot be used, those before stay.
  virtual Status reload_tls() = 0;
  // Stops accepting new connections and requests; open ones go on.
  virtual void drain() = 0;
};

Result<std::unique_ptr<Gateway>> start_gateway(const GatewayConfig& config, const GatewayServices& services);

}  // namespace tintype
