// `tintype serve`: the farm in one process: gateway, scheduler, lanes, store, and nats-server as its child.
#pragma once

#include <cstdint>
#include <string>

#include "cli/devices/device_options.h"

namespace tintype {

// What the command line says, not yet validated.
struct ServeOptions {
  std::string data_dir = "./tintype-data";
  std::string listen = "127.0.0.1:8420";    // ADDRESS:PORT; port 0: one that is free
  bool trust_network = false;               // demand no tokens on an address other than loopback
  bool require_tokens = false;              // demand them on loopback, too
  std::string tls_cert_file, tls_key_file;  // PEM; empty: plain HTTP
  std::string nats_url;                     // empty: a nats-server of our own
  int workers = 0;                          // CPU slots; 0: as many as cores
  std::uint64_t memory_mb = 0;              // for the workers together; 0: half of what there is
  std::string port_file;            // written by rename once requests are answered: the URL and a newline. Empty: none
  std::string recipe_dir;           // empty: DATA/recipes
  std::string hooks_file;           // empty: nothing is fetched from anywhere
  std::string log_level = "info";   // debug, info, warning, error, off
  std::string log_file;             // empty: stderr
  std::string log_format = "text";  // or json
  std::uint64_t log_max_mb = 64;    // 0: one file for ever
  int log_keep = 5;
  std::uint64_t min_free_mb = 256;         // the watermark: below it uploads are refused
  std::uint64_t max_staged_mb = 64 << 10;  // resumable uploads that are under way, all together
  DeviceOptions devices;
  bool yield = true;  // bulk jobs get fewer slots while the machine is under pressure
  int drain_s = 20;   // for jobs, on SIGTERM
  std::uint64_t max_upload_mb = 512;
  int task_timeout_s = 120;
};

// Serves until SIGTERM or SIGINT, then finishes what it holds. Returns the exit status.
int run_serve(const ServeOptions& options);

}  // namespace tintype
