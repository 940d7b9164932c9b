#include "core/queue/nats/nats_queue.h"

#include <algorithm>
#include <format>

#include "core/queue/nats/nats_broadcast.h"
#include "core/queue/nats/nats_event_log.h"
#include "core/queue/nats/nats_job_queue.h"
#include "core/queue/nats/session.h"

namespace tintype {
namespace {

std::unexpected<Error> bad(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, std::format("the queue's settings are wrong: {}", what));
}

bool is_name_part(std::string_view text) {
  return text.size() <= 32 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace

Status NatsCredentials::validate() const {
  const int ways = !user.empty() + !credentials_file.empty() + !(nkey.empty() && nkey_seed_file.empty());
  if (ways > 1) return bad("user, credentials file and nkey are three ways to log in: give one");
  if (user.empty() && !password.empty()) return bad("there is a password and no user");
  if (nkey.empty() != nkey_seed_file.empty()) return bad("an nkey and the file with its seed go together");
  if (cert_file.empty() != key_file.empty()) return bad("a certificate and its key go together");
  return {};
}

Status NatsQueueConfig::validate() const {
  using std::chrono::milliseconds;
  TT_TRY(credentials.validate());
  if (url.empty()) return bad("the URL is empty");
  if (!is_name_part(name_prefix)) return bad("name_prefix must be at most 32 of A-Z a-z 0-9 _ -");
  if (replicas < 1 || replicas > 5) return bad("replicas must be 1 to 5");
  if (ack_wait < milliseconds(100)) return bad("ack_wait must be at least 100 ms");
  if (request_timeout < milliseconds(100)) return bad("request_timeout must be at least 100 ms");
  if (republish_for < milliseconds(0) || republish_for >= duplicate_window)
    return bad("republish_for must be shorter than duplicate_window: later the queue would not know the message again");
  if (ping_interval < milliseconds(100)) return bad("ping_interval must be at least 100 ms");
  if (duplicate_window < milliseconds(100)) return bad("duplicate_window must be at least 100 ms");
  if (max_waiting_jobs < 1) return bad("max_waiting_jobs must be at least 1");
  if (max_stream_bytes < (1 << 20)) return bad("max_stream_bytes must be at least 1 MiB");
  if (max_ack_pending < 1) return bad("max_ack_pending must be at least 1");
  if (max_pull_requests < 1) return bad("max_pull_requests must be at least 1");
  if (shards < 1 || shards > 4096) return bad("shards must be 1 to 4096");
  return {};
}

Result<NatsQueue> connect_nats_queue(const NatsQueueConfig& config, const Clock& clock, Logger& log) {
  TT_TRY(config.validate());
  TT_ASSIGN(std::shared_ptr<Session> session, Session::open(config, log));
  NatsQueue queue;
  TT_ASSIGN(queue.jobs, NatsJobQueue::open(session, clock));
  queue.events = std::make_unique<NatsEventLog>(session);
  queue.broadcast = std::make_unique<NatsBroadcast>(std::move(session));
  return queue;
}

}  // namespace tintype
