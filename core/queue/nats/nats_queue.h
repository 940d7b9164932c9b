// The queue on NATS JetStream: JobQueue, EventLog and Broadcast over one connection.
//
// Streams (file storage): TINTYPE_JOBS_<CLASS> (work queue, discard new, subjects jobs.<class>.<shard>), one
// durable pull consumer each; TINTYPE_DEAD (limits); TINTYPE_EVENTS (limits, an hour). provision() creates them
// and reads the configuration back: a server that dropped a field in silence is an error.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/queue/broadcast.h"
#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"

namespace tintype {

// What servers ask of their clients. One of user, credentials file and nkey, or none; files are PEM.
struct NatsCredentials {
  std::string user, password;
  std::string credentials_file;      // of a decentralised account: a user's JWT and seed
  std::string nkey, nkey_seed_file;  // the public key, and a file that holds its seed
  std::string ca_file;               // who signs the servers' certificates, beside those whom the system trusts
  std::string cert_file, key_file;   // ours, where servers want to see one

  Status validate() const;
};

struct NatsQueueConfig {
  std::string url = "nats://127.0.0.1:4222";  // comma-separated for several servers; tls:// demands TLS
  NatsCredentials credentials;
  std::string name_prefix = "";  // before every stream and subject: farms that share a server
  int replicas = 1;
  std::chrono::milliseconds ack_wait{30'000};
  std::chrono::milliseconds request_timeout{5'000};
  // A message that was not confirmed is published again, with the same id, for so long: while a cluster elects a new
  // leader. 0: once is all.
  std::chrono::milliseconds republish_for{0};
  std::chrono::milliseconds ping_interval{10'000};  // a server that hangs is left after three of them
  std::chrono::milliseconds duplicate_window{120'000};
  std::int64_t max_waiting_jobs = 1'000'000;  // a class; past it publish answers kQueueFull
  std::int64_t max_stream_bytes = 2ll << 30;  // a class
  int max_ack_pending = 4096;                 // a class, over all nodes: slots of the whole fleet x 2
  int max_pull_requests = 1024;               // a class, waiting at once over all nodes
  int shards = 16;                            // subjects a class

  Status validate() const;
};

struct NatsQueue {
  std::unique_ptr<JobQueue> jobs;
  std::unique_ptr<EventLog> events;
  std::unique_ptr<Broadcast> broadcast;
};

// Connects (for ever reconnecting afterwards), provisions, and answers when both can be used.
Result<NatsQueue> connect_nats_queue(const NatsQueueConfig& config, const Clock& clock, Logger& log);

}  // namespace tintype
