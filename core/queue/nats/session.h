// Session: one connection to NATS and its JetStream context, shared by the queue, the event log and all that
// they hand out. Reconnects for ever. Thread-safe.
//
// Nothing is buffered while there is no connection: calls fail at once with kUnavailable.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/queue/job_queue.h"
#include "core/queue/nats/handles.h"
#include "core/queue/nats/nats_queue.h"

namespace tintype {

class Session {
 public:
  // Connects and provisions. `log` must outlive the session.
  static Result<std::shared_ptr<Session>> open(const NatsQueueConfig& config, Logger& log);
  // Closes the connection: waits of subscriptions end, later calls fail.
  ~Session();

  const NatsQueueConfig& config() const { return config_; }
  natsConnection* connection() const { return connection_.get(); }
  jsCtx* jetstream() const { return jetstream_.get(); }
  Logger& log() const { return log_; }

  // Ok when connected and the streams are as they should be. Provisions again if they may have gone: after a
  // reconnect (the server may have lost its disk) and after doubt().
  Status ready();
  // An answer said that a stream or consumer is missing.
  void doubt() { provisioned_ = false; }

  // Returns early when the connection comes or goes.
  void wait_for_change(std::chrono::milliseconds at_most);
  // Counts disconnects: what was asked before one is never answered.
  std::uint64_t disconnects() const { return disconnects_; }

  // Publishes to a stream and waits for its confirmation; tries again for as long as config().republish_for, after
  // which an earlier try of this very call is no duplicate.
  Result<PublishAck> publish(const std::string& subject, std::string_view body, const std::string& message_id,
                             std::string_view doing);
  // Sends `body` and waits for nothing.
  Status tell(const std::string& subject, std::string_view body, std::string_view doing);
  // Sends `body` and waits until the server has answered.
  Status request(const char* subject, std::string_view body, std::string_view doing);

  // The Error of a failed call; takes note when it means that a stream is missing.
  Error error(natsStatus status, jsErrCode code, std::string_view doing);

 private:
  Session(const NatsQueueConfig& config, Logger& log) : config_(config), log_(log) {}
  Status connect();
  Result<PublishAck> publish_once(const std::string& subject, std::string_view body, const std::string& message_id,
                                  std::string_view doing);
  bool connected() const { return natsConnection_Status(connection_.get()) == NATS_CONN_STATUS_CONNECTED; }
  void notify_change();

  static void on_disconnected(natsConnection*, void* self);
  static void on_reconnected(natsConnection*, void* self);
  static void on_closed(natsConnection*, void* self);
  static void on_error(natsConnection*, natsSubscription*, natsStatus status, void* self);
  static std::int64_t reconnect_delay_ms(natsConnection*, int attempts, void* self);

  const NatsQueueConfig config_;
  Logger& log_;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> provisioned_ = false;
  std::atomic<std::uint64_t> disconnects_ = 0;
  std::timed_mutex provisioning_;
  std::mutex change_mutex_;
  std::condition_variable change_;
  std::uint64_t changes_ = 0;  // under change_mutex_
  bool closed_ = false;        // under change_mutex_; the last callback has come
  ConnectionHandle connection_;
  JetStreamHandle jetstream_;
};

// The URL list with user, password and token taken out: for messages and logs.
std::string without_credentials(std::string_view urls);

}  // namespace tintype
