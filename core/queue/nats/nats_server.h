// NatsServer: a nats-server of our own, as a child process, restarted when it dies.
//
// Listens on 127.0.0.1 at a port of its own choice that stays the same over restarts; keeps JetStream under
// `data_dir`. The child dies with us (PDEATHSIG), also at kill -9. Not thread-safe but for url() and pid().
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/log.h"
#include "core/base/result.h"

namespace tintype {

struct NatsServerConfig {
  std::string program = "nats-server";  // looked up in PATH
  std::string data_dir;
  std::int64_t max_store_bytes = 8ll << 30;
  // Between fsyncs of the streams: what a power cut (not a crash) may take. 0: each message before its
  // confirmation. docs/queue.md has what each costs.
  std::chrono::milliseconds sync_interval{10'000};
  std::chrono::milliseconds start_timeout{10'000};

  Status validate() const;
};

class NatsServer {
 public:
  virtual ~NatsServer() = default;  // stops it: TERM, then KILL
  virtual std::string url() const = 0;
  virtual int pid() const = 0;  // now; changes at a restart; -1 while it is down
};

Result<std::unique_ptr<NatsServer>> start_nats_server(const NatsServerConfig& config, Logger& log);

}  // namespace tintype
