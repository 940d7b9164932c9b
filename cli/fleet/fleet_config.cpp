#include "cli/fleet/fleet_config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <format>

#include "cli/files.h"
#include "cli/fleet/settings_file.h"
#include "cli/hooks_file.h"
#include "scheduler/placement.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMostMb = 1 << 30;
constexpr int kDay_s = 86'400;
constexpr const char* kPlacements = "fastest devices-first";
constexpr const char* kLogLevels = "debug info warning error off";

std::vector<FileSetting> settings_of(FleetConfig& c) {
  FleetConfig::Nats& q = c.nats;
  FleetConfig::Ceph& s = c.ceph;
  FleetConfig::GatewayPart& g = c.gateway;
  FleetConfig::NodePart& n = c.node;
  FleetConfig::Log& l = c.log;
  return {
      {"", "farm", &c.farm, "names what it keeps on Ceph; farms of other names share the pools"},
      {"", "store", &c.store, "ceph: a fleet has no other"},
      {"", "start_timeout_s", &c.start_timeout_s, "so long a process waits for Ceph and NATS when it starts", 1,
       kDay_s},

      {"nats", "urls", &q.urls, "servers of the cluster; tls:// demands TLS", 0, 0, "",
       R"(["tls://n1:4222", "tls://n2:4222", "tls://n3:4222"])"},
      {"nats", "replicas", &q.replicas, "of every stream and consumer: 3, or 1 with one server", 1, 5},
      {"nats", "user", &q.user, "one of user, credentials_file and nkey, as the servers ask"},
      {"nats", "password_file", &q.password_file, "its first line"},
      {"nats", "password", &q.password, "here, if nobody else may read this file"},
      {"nats", "credentials_file", &q.credentials_file, "a .creds file: a user's JWT and seed"},
      {"nats", "nkey", &q.nkey, "a public key, U..."},
      {"nats", "nkey_seed_file", &q.nkey_seed_file, "and its seed, SU..."},
      {"nats", "ca_file", &q.ca_file, "who signed the servers' certificates, PEM; empty: the system's list"},
      {"nats", "cert_file", &q.cert_file, "ours, where servers ask for one, PEM"},
      {"nats", "key_file", &q.key_file, "and its key"},
      {"nats", "ack_wait_s", &q.ack_wait_s, "a job that a node keeps silent about for so long goes to another", 1,
       kDay_s},
      {"nats", "max_ack_pending", &q.max_ack_pending, "a class: at least 2 x the slots of all nodes", 1, 1'000'000},
      {"nats", "max_pull_requests", &q.max_pull_requests, "a class: at least slots + 1 of all nodes", 1, 1'000'000},
      {"nats", "max_waiting_jobs", &q.max_waiting_jobs, "a class: past it batch jobs are refused (429)", 1},
      {"nats", "max_stream_mb", &q.max_stream_mb, "a class, on each server", 1, kMostMb},

      {"ceph", "conf", &s.conf, "where the monitors are"},
      {"ceph", "user", &s.user, "rw on both pools, and no more (docs/cluster.md)"},
      {"ceph", "keyring", &s.keyring, "with the user's key; empty: what ceph.conf says"},
      {"ceph", "blob_pool", &s.blob_pool, "replicated, size 3, min_size 2"},
      {"ceph", "index_pool", &s.index_pool, "the same, on NVMe"},
      {"ceph", "attempt_timeout_s", &s.attempt_timeout_s, "one request; then it is sent again", 1, 3600},
      {"ceph", "call_deadline_s", &s.call_deadline_s, "one call; longer than it takes to notice an OSD that hangs", 1,
       3600},
      {"ceph", "min_free_mb", &s.min_free_mb, "of the cluster: below it uploads are refused (507)", 0, kMostMb},

      {"gateway", "name", &g.name, "among gateways, up to 16 of a-z 0-9; empty: from the host's name"},
      {"gateway", "listen", &g.listen, "ADDRESS:PORT; port 0: one that is free"},
      {"gateway", "state_dir", &g.state_dir, "resumable uploads under way: this gateway's own, on a disk"},
      {"gateway", "trust_network", &g.trust_network, "demand no tokens: whoever reaches it may do anything"},
      {"gateway", "require_tokens", &g.require_tokens, "demand them on loopback, too"},
      {"gateway", "tls_cert", &g.tls_cert, "PEM; SIGHUP reads it again. Empty: plain HTTP, behind a proxy"},
      {"gateway", "tls_key", &g.tls_key, "PEM"},
      {"gateway", "hooks", &g.hooks, "where photos may be fetched from (docs/hooks.md)"},
      {"gateway", "threads", &g.threads, "for requests that read the store, and as many for the rest", 1, 256},
      {"gateway", "max_upload_mb", &g.max_upload_mb, "larger photos are refused; the same for nodes", 1, 1 << 20},
      {"gateway", "max_staged_mb", &g.max_staged_mb, "of resumable uploads, all together", 1, kMostMb},
      {"gateway", "min_free_mb", &g.min_free_mb, "of state_dir's disk", 16, kMostMb},
      {"gateway", "blob_cache_mb", &g.blob_cache_mb, "small pictures in memory", 0, kMostMb},
      {"gateway", "drain_s", &g.drain_s, "on SIGTERM requests under way may end for so long", 0, 3600},

      {"node", "name", &n.name, "in logs and `tintype devices`; empty: the host's"},
      {"node", "workers", &n.workers, "photos worked on at once by the CPU; 0: one a core", 0, 1024},
      {"node", "memory_mb", &n.memory_mb, "for all of them together; 0: half of what there is", 0, kMostMb},
      {"node", "task_timeout_s", &n.task_timeout_s, "a piece of work that takes longer is given up", 1, kDay_s},
      {"node", "opencl", &n.opencl, "devices: auto (GPUs), none, all, or numbers as `tintype devices` lists them"},
      {"node", "fpga", &n.fpga, "cards: auto (not emulated ones), none, all, or numbers"},
      {"node", "fpga_xclbin", &n.fpga_xclbin, "what cards are loaded with; empty: no card is used"},
      {"node", "programs_dir", &n.programs_dir,
       "keeps programs built for devices; empty: they are built at every start"},
      {"node", "check_devices", &n.check_devices,
       "one in so many of a device's results is compared with the CPU's; 0: none", 0, 1'000'000},
      {"node", "placement", &n.placement,
       "a photo's work on devices: where it costs less, or always on a device that can do it", 0, 0, kPlacements},
      {"node", "yield", &n.yield, "fewer slots for bulk jobs while the machine is under pressure"},
      {"node", "drain_s", &n.drain_s, "on SIGTERM photos under way may end for so long; then others do them", 0, 3600},
      {"node", "sweep_period_s", &n.sweep_period_s, "between looks for lost jobs and left blobs", 1, kDay_s},

      {"log", "level", &l.level, kLogLevels, 0, 0, kLogLevels},
      {"log", "format", &l.format, "text or json, one line an event", 0, 0, "text json"},
      {"log", "file", &l.file, "empty: stderr"},
      {"log", "max_mb", &l.max_mb, "a larger file becomes FILE.1; 0: never", 0, 1 << 20},
      {"log", "keep", &l.keep, "so many older ones", 1, 1000},
  };
}

std::unexpected<Error> wrong(std::string what) { return fail(ErrorCode::kInvalidArgument, std::move(what)); }

std::string host_name() {
  char host[256] = "host";
  if (::gethostname(host, sizeof host) != 0) return "host";
  host[sizeof host - 1] = '\0';
  return host;
}

// Of a host's name, what a gateway's may hold.
std::string as_gateway_name(std::string_view host) {
  std::string name;
  for (const char c : host.substr(0, host.find('.'))) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name.substr(0, 16);
}

Status check_store(const FleetConfig& config) {
  if (config.store == "embedded")
    return wrong(
        "store: the embedded store belongs to one process, and gateways and nodes are many: give them Ceph "
        "(store = \"ceph\" and [ceph]), or run all of a farm on one machine with `tintype serve`");
  if (config.store != "ceph") return wrong(std::format("store: \"{}\" is none; a fleet's is \"ceph\"", config.store));
  return {};
}

Status check_whole(const FleetConfig& config) {
  TT_TRY(check_store(config));
  const std::string& farm = config.farm;
  if (farm.empty() || farm.size() > 31 || !is_client_owner(farm))
    return wrong("farm must be 1 to 31 letters, digits, '-' and '_', not '_' first");
  if (config.nats.urls.empty()) return wrong("nats.urls is missing: name the servers of the cluster");
  for (const std::string& url : config.nats.urls) {
    if (!url.starts_with("nats://") && !url.starts_with("tls://"))
      return wrong(std::format("nats.urls: {}: write nats://HOST:PORT or tls://HOST:PORT", url));
  }
  if (!config.nats.password.empty() && !config.nats.password_file.empty())
    return wrong("nats.password and nats.password_file: give one");
  TT_TRY(store_config(config).validate());
  TT_TRY(parse_listen(config.gateway.listen));
  if (config.gateway.state_dir.empty()) return wrong("gateway.state_dir is empty: resumable uploads need a folder");
  return {};
}

Result<std::string> first_line_of(const std::string& path) {
  TT_ASSIGN(const std::string text, read_text_file(path));
  std::string line = text.substr(0, text.find_first_of("\r\n"));
  if (line.empty()) return wrong(std::format("{} is empty; its first line should be the password", path));
  return line;
}

// One who may read the file may read the password in it.
Status check_secret(const std::string& path, const FleetConfig& config) {
  struct stat facts{};
  if (config.nats.password.empty() || ::stat(path.c_str(), &facts) != 0 || (facts.st_mode & 077) == 0) return {};
  return wrong("nats.password stands in a file that others may read: chmod 600 it, or use nats.password_file");
}

}  // namespace

Result<FleetConfig> read_fleet_config(const std::string& path, const std::vector<std::string>& assignments) {
  const auto text = read_text_file(path);
  if (!text)
    return wrong(
        std::format("{}; name the fleet's configuration with --config FILE (`tintype config example` writes "
                    "one to start with)",
                    text.error().message));
  FleetConfig config;
  const std::vector<FileSetting> settings = settings_of(config);
  if (const Status read = read_settings(*text, settings); !read)
    return wrong(std::format("{}: {}", path, read.error().message));
  for (const std::string& assignment : assignments) {
    if (const Status set = set_one(assignment, settings); !set)
      return wrong(std::format("--set {}", set.error().message));
  }
  Status whole = check_whole(config);
  if (whole) whole = check_secret(path, config);
  if (!whole) return wrong(std::format("{}: {}", path, whole.error().message));
  if (config.gateway.name.empty()) config.gateway.name = as_gateway_name(host_name());
  if (config.node.name.empty()) config.node.name = host_name();
  return config;
}

std::string fleet_config_example() {
  FleetConfig config;
  return "# One file for all gateways and nodes of a fleet: tintype gateway --config FILE, tintype node --config "
         "FILE.\n"
         "# Every setting with its default; `tintype config check FILE` tells what is wrong with one.\n" +
         example_of(settings_of(config));
}

Result<NatsQueueConfig> queue_config(const FleetConfig& config) {
  const FleetConfig::Nats& nats = config.nats;
  NatsQueueConfig queue;
  queue.url.clear();
  for (const std::string& url : nats.urls) queue.url += (queue.url.empty() ? "" : ",") + url;
  if (config.farm != FleetConfig{}.farm) queue.name_prefix = config.farm + "-";
  queue.replicas = nats.replicas;
  queue.ack_wait = seconds(nats.ack_wait_s);
  // A cluster elects a new leader within seconds; the sweeper takes care of what waits longer.
  queue.republish_for = seconds(4);
  queue.request_timeout = seconds(3);
  queue.ping_interval = seconds(2);
  queue.max_waiting_jobs = nats.max_waiting_jobs;
  queue.max_stream_bytes = std::int64_t{nats.max_stream_mb} << 20;
  queue.max_ack_pending = nats.max_ack_pending;
  queue.max_pull_requests = nats.max_pull_requests;
  NatsCredentials& credentials = queue.credentials;
  credentials = {nats.user,           nats.password, nats.credentials_file, nats.nkey,
                 nats.nkey_seed_file, nats.ca_file,  nats.cert_file,        nats.key_file};
  if (!nats.password_file.empty()) {
    TT_ASSIGN(credentials.password, first_line_of(nats.password_file));
  }
  TT_TRY(queue.validate());
  return queue;
}

RadosStoreConfig store_config(const FleetConfig& config) {
  RadosStoreConfig store;
  store.conf_path = config.ceph.conf;
  store.keyring = config.ceph.keyring;
  store.user = config.ceph.user;
  store.blob_pool = config.ceph.blob_pool;
  store.index_pool = config.ceph.index_pool;
  store.farm = config.farm;
  store.attempt_timeout_s = config.ceph.attempt_timeout_s;
  store.call_deadline_ms = std::int64_t{config.ceph.call_deadline_s} * 1000;
  store.min_free_bytes = std::uint64_t(config.ceph.min_free_mb) << 20;
  return store;
}

Result<GatewayConfig> gateway_config(const FleetConfig& config) {
  const FleetConfig::GatewayPart& part = config.gateway;
  GatewayConfig gateway;
  gateway.name = part.name;
  gateway.shared_documents = true;
  TT_ASSIGN(const ListenAddress listen, parse_listen(part.listen));
  gateway.address = listen.host;
  gateway.port = listen.port;
  gateway.trust_network = part.trust_network;
  gateway.require_tokens = part.require_tokens;
  gateway.tls_cert_file = part.tls_cert;
  gateway.tls_key_file = part.tls_key;
  gateway.threads = part.threads;
  gateway.max_upload_bytes = std::uint64_t(part.max_upload_mb) << 20;
  gateway.staging_folder = part.state_dir + "/uploads";
  gateway.staging.bytes = std::uint64_t(part.max_staged_mb) << 20;
  gateway.min_free_bytes = std::uint64_t(part.min_free_mb) << 20;
  gateway.drain_timeout = seconds(part.drain_s);
  if (!part.hooks.empty()) {
    TT_ASSIGN(gateway.hooks, read_hooks_file(part.hooks));
  }
  TT_TRY(gateway.validate());
  return gateway;
}

CachedBlobsConfig blob_cache_config(const FleetConfig& config) {
  CachedBlobsConfig cache;
  cache.max_bytes = std::size_t(config.gateway.blob_cache_mb) << 20;
  return cache;
}

LanesConfig lanes_config(const FleetConfig& config) {
  LanesConfig lanes;
  lanes.cpu.slots = config.node.workers;
  lanes.cpu.memory_bytes = std::uint64_t(config.node.memory_mb) << 20;
  lanes.cpu.task_timeout = seconds(config.node.task_timeout_s);
  lanes.devices = {config.node.opencl, config.node.fpga, config.node.fpga_xclbin, config.node.check_devices,
                   config.node.placement};
  lanes.program_cache = config.node.programs_dir;
  return lanes;
}

SchedulerConfig scheduler_config(const FleetConfig& config) {
  SchedulerConfig scheduler;
  scheduler.runner.node = config.node.name;
  scheduler.runner.task_timeout = seconds(config.node.task_timeout_s);
  scheduler.runner.device_task_timeout = scheduler.runner.task_timeout / 4;
  scheduler.runner.device_checks.one_in = config.node.check_devices;
  scheduler.runner.cuts.placement = *placement_of(config.node.placement);
  scheduler.runner.limits.max_bytes = std::uint64_t(config.gateway.max_upload_mb) << 20;
  scheduler.pressure.enabled = config.node.yield;
  scheduler.drain_timeout = seconds(config.node.drain_s);
  scheduler.sweeper.period = seconds(config.node.sweep_period_s);
  return scheduler;
}

LogOptions log_options(const FleetConfig& config) {
  return {config.log.level, config.log.file, config.log.format, std::uint64_t(config.log.max_mb), config.log.keep};
}

}  // namespace tintype
