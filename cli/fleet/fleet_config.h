// The one file that every gateway and node of a fleet is started with. deploy/fleet.toml is an example of all of it,
// written by `tintype config example`; docs/cluster.md tells what to choose.
#pragma once

#include <string>
#include <vector>

#include "cli/lanes.h"
#include "cli/service.h"
#include "core/base/result.h"
#include "core/queue/nats/nats_queue.h"
#include "gateway/gateway.h"
#include "scheduler/scheduler.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/rados/rados_store.h"

namespace tintype {

struct FleetConfig {
  std::string farm = "tintype";
  std::string store = "ceph";
  int start_timeout_s = 60;

  struct Nats {
    std::vector<std::string> urls;
    int replicas = 3;
    std::string user, password, password_file, credentials_file, nkey, nkey_seed_file;
    std::string ca_file, cert_file, key_file;
    int ack_wait_s = 30;
    int max_ack_pending = 4096;
    int max_pull_requests = 1024;
    int max_waiting_jobs = 1'000'000;
    int max_stream_mb = 2048;
  } nats;

  struct Ceph {
    std::string conf = "/etc/ceph/ceph.conf";
    std::string user = "client.tintype";
    std::string keyring;
    std::string blob_pool = "tintype.blobs";
    std::string index_pool = "tintype.index";
    int attempt_timeout_s = 5;
    int call_deadline_s = 20;
    int min_free_mb = 1024;
  } ceph;

  struct GatewayPart {
    std::string name;  // empty: the host's
    std::string listen = "127.0.0.1:8420";
    std::string state_dir = "/var/lib/tintype";
    bool trust_network = false;
    bool require_tokens = false;
    std::string tls_cert, tls_key;
    std::string hooks;
    int threads = 16;
    int max_upload_mb = 512;
    int max_staged_mb = 64 << 10;
    int min_free_mb = 256;
    int blob_cache_mb = 128;
    int drain_s = 10;
  } gateway;

  struct NodePart {
    std::string name;  // empty: the host's
    int workers = 0;
    int memory_mb = 0;
    int task_timeout_s = 120;
    std::string opencl = "auto", fpga = "auto", fpga_xclbin, programs_dir;
    int check_devices = 200;
    std::string placement = "fastest";
    bool yield = true;
    int drain_s = 20;
    int sweep_period_s = 10;
  } node;

  struct Log {
    std::string level = "info", format = "text", file;
    int max_mb = 64, keep = 5;
  } log;
};

// Checked as a whole: kInvalidArgument names file, line and key. `assignments` ("gateway.listen=:8421") are taken after
// the file, for processes of one host that differ.
Result<FleetConfig> read_fleet_config(const std::string& path, const std::vector<std::string>& assignments = {});

// The text of deploy/fleet.toml.
std::string fleet_config_example();

// What the parts of a process are set to. Read secrets and the hooks file as they are now.
Result<NatsQueueConfig> queue_config(const FleetConfig& config);
RadosStoreConfig store_config(const FleetConfig& config);
Result<GatewayConfig> gateway_config(const FleetConfig& config);
CachedBlobsConfig blob_cache_config(const FleetConfig& config);
LanesConfig lanes_config(const FleetConfig& config);
SchedulerConfig scheduler_config(const FleetConfig& config);
LogOptions log_options(const FleetConfig& config);

}  // namespace tintype
