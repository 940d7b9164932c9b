#include "core/queue/nats/session.h"

#include <algorithm>
#include <format>
#include <random>
#include <vector>

#include "core/queue/nats/credentials.h"
#include "core/queue/nats/nats_error.h"
#include "core/queue/nats/provision.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kFirstReconnectMs = 50;
constexpr std::int64_t kLastReconnectMs = 2'000;
constexpr milliseconds kPauseBeforeRepublishing{100};

std::vector<std::string> split(std::string_view urls) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = urls.find(',');
    if (const std::string_view part = urls.substr(0, comma); !part.empty()) parts.emplace_back(part);
    if (comma == urls.npos) return parts;
    urls.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string without_credentials(std::string_view urls) {
  std::string text;
  for (std::string& url : split(urls)) {
    const std::size_t scheme = url.find("://");
    const std::size_t start = scheme == url.npos ? 0 : scheme + 3;
    if (const std::size_t at = url.rfind('@'); at != url.npos && at >= start) url.erase(start, at + 1 - start);
    if (!text.empty()) text += ',';
    text += url;
  }
  return text;
}

Result<std::shared_ptr<Session>> Session::open(const NatsQueueConfig& config, Logger& log) {
  std::shared_ptr<Session> session(new Session(config, log));
  TT_TRY(session->connect());
  TT_TRY(session->ready());
  return session;
}

Status Session::connect() {
  const std::string doing = std::format("connecting to {}", without_credentials(config_.url));
  std::vector<std::string> urls = split(config_.url);
  std::vector<const char*> url_pointers;
  for (const std::string& url : urls) url_pointers.push_back(url.c_str());

  natsOptions* raw_options = nullptr;
  natsStatus status = natsOptions_Create(&raw_options);
  const OptionsHandle options(raw_options);
  const auto set = [&](natsStatus result) {
    if (status == NATS_OK) status = result;
  };
  set(natsOptions_SetServers(raw_options, url_pointers.data(), static_cast<int>(url_pointers.size())));
  set(natsOptions_SetName(raw_options, "tintype"));
  set(natsOptions_SetTimeout(raw_options, config_.request_timeout.count()));
  set(natsOptions_SetWriteDeadline(raw_options, config_.request_timeout.count()));
  set(natsOptions_SetPingInterval(raw_options, config_.ping_interval.count()));
  set(natsOptions_SetMaxPingsOut(raw_options, 2));
  set(natsOptions_SetMaxReconnect(raw_options, -1));
  set(natsOptions_SetCustomReconnectDelay(raw_options, reconnect_delay_ms, this));
  // What waits in a buffer for the next connection is answered too late or twice.
  set(natsOptions_SetReconnectBufSize(raw_options, 0));
  set(natsOptions_SetFailRequestsOnDisconnect(raw_options, true));
  // Every message is one that somebody waits for.
  set(natsOptions_SetSendAsap(raw_options, true));
  set(natsOptions_SetDisconnectedCB(raw_options, on_disconnected, this));
  set(natsOptions_SetReconnectedCB(raw_options, on_reconnected, this));
  set(natsOptions_SetClosedCB(raw_options, on_closed, this));
  set(natsOptions_SetErrorHandler(raw_options, on_error, this));
  if (status != NATS_OK) return fail(nats_error(status, {}, doing));
  TT_TRY(set_credentials(raw_options, config_.credentials, config_.url));

  natsConnection* raw_connection = nullptr;
  status = natsConnection_Connect(&raw_connection, raw_options);
  if (status != NATS_OK) return fail(nats_error(status, {}, doing));
  connection_.reset(raw_connection);

  jsOptions js_options;
  jsOptions_Init(&js_options);
  js_options.Wait = config_.request_timeout.count();
  jsCtx* raw_jetstream = nullptr;
  status = natsConnection_JetStream(&raw_jetstream, raw_connection, &js_options);
  if (status != NATS_OK) return fail(nats_error(status, {}, doing));
  jetstream_.reset(raw_jetstream);
  return {};
}

Session::~Session() {
  if (!connection_) return;
  closing_ = true;
  natsConnection_Close(connection_.get());
  // The callbacks run on a thread of nats.c's; the closed one is the last to use this object.
  std::unique_lock lock(change_mutex_);
  change_.wait(lock, [this] { return closed_; });
}

Status Session::ready() {
  if (!connected()) {
    return fail(ErrorCode::kUnavailable, std::format("the queue at {} is out of reach; it is tried again and again",
                                                     without_credentials(config_.url)));
  }
  if (provisioned_) return {};
  const std::unique_lock lock(provisioning_, config_.request_timeout);
  if (!lock.owns_lock()) {
    return fail(ErrorCode::kUnavailable, std::format("the queue at {} is still being set up; try again later",
                                                     without_credentials(config_.url)));
  }
  if (provisioned_) return {};
  // Set first: whoever doubts while we work is heard.
  provisioned_ = true;
  Status status = provision(jetstream_.get(), config_, log_);
  if (!status) provisioned_ = false;
  return status;
}

void Session::wait_for_change(milliseconds at_most) {
  std::unique_lock lock(change_mutex_);
  change_.wait_for(lock, at_most, [this, seen = changes_] { return changes_ != seen; });
}

void Session::notify_change() {
  std::lock_guard lock(change_mutex_);
  ++changes_;
  change_.notify_all();
}

Result<PublishAck> Session::publish(const std::string& subject, std::string_view body, const std::string& message_id,
                                    std::string_view doing) {
  const auto give_up = std::chrono::steady_clock::now() + config_.republish_for;
  for (bool repeated = false;; repeated = true) {
    Result<PublishAck> ack = publish_once(subject, body, message_id, doing);
    if (ack && repeated) ack->duplicate = false;  // of a try before, whose confirmation did not come
    if (ack || ack.error().code != ErrorCode::kUnavailable) return ack;
    if (std::chrono::steady_clock::now() + kPauseBeforeRepublishing >= give_up) return ack;
    wait_for_change(kPauseBeforeRepublishing);
  }
}

Result<PublishAck> Session::publish_once(const std::string& subject, std::string_view body,
                                         const std::string& message_id, std::string_view doing) {
  TT_TRY(ready());
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MsgId = message_id.c_str();
  jsPubAck* raw_ack = nullptr;
  jsErrCode code{};
  const natsStatus status = js_Publish(&raw_ack, jetstream_.get(), subject.c_str(), body.data(),
                                       static_cast<int>(body.size()), &options, &code);
  const PubAckHandle ack(raw_ack);
  if (status != NATS_OK) return fail(error(status, code, doing));
  // nats-server 2.10 says "duplicate" without a sequence of what it is about to store; if its leader goes, it will not.
  if (ack->Sequence == 0) {
    return fail(ErrorCode::kUnavailable,
                std::string(doing) + " failed: an earlier try is not stored yet; try again later");
  }
  return PublishAck{.duplicate = ack->Duplicate, .sequence = ack->Sequence};
}

Status Session::tell(const std::string& subject, std::string_view body, std::string_view doing) {
  const natsStatus status =
      natsConnection_Publish(connection_.get(), subject.c_str(), body.data(), static_cast<int>(body.size()));
  if (status != NATS_OK) return fail(error(status, {}, doing));
  return {};
}

Status Session::request(const char* subject, std::string_view body, std::string_view doing) {
  natsMsg* raw_reply = nullptr;
  const natsStatus status = natsConnection_Request(&raw_reply, connection_.get(), subject, body.data(),
                                                   static_cast<int>(body.size()), config_.request_timeout.count());
  const MessageHandle reply(raw_reply);
  if (status != NATS_OK) return fail(error(status, {}, doing));
  return {};
}

Error Session::error(natsStatus status, jsErrCode code, std::string_view doing) {
  if (means_missing(status, code)) doubt();
  return nats_error(status, code, doing);
}

void Session::on_disconnected(natsConnection*, void* closure) {
  auto* self = static_cast<Session*>(closure);
  ++self->disconnects_;
  if (!self->closing_) {
    self->log_.warning("queue_disconnected", {{"url", without_credentials(self->config_.url)}});
  }
  self->notify_change();
}

void Session::on_reconnected(natsConnection*, void* closure) {
  auto* self = static_cast<Session*>(closure);
  self->doubt();
  self->log_.info("queue_reconnected", {{"url", without_credentials(self->config_.url)}});
  self->notify_change();
}

void Session::on_closed(natsConnection*, void* closure) {
  auto* self = static_cast<Session*>(closure);
  // Notified under the lock: the destructor may go on as soon as it is released.
  std::lock_guard lock(self->change_mutex_);
  self->closed_ = true;
  ++self->changes_;
  self->change_.notify_all();
}

void Session::on_error(natsConnection*, natsSubscription*, natsStatus status, void* closure) {
  static_cast<Session*>(closure)->log_.warning("queue_error", {{"cause", natsStatus_GetText(status)}});
}

std::int64_t Session::reconnect_delay_ms(natsConnection*, int attempts, void*) {
  const std::int64_t base = kFirstReconnectMs << std::clamp(attempts - 1, 0, 10);
  // Jitter: a fleet that lost one server must not come back in step.
  thread_local std::minstd_rand random(std::random_device{}());
  const std::int64_t most = std::min(base, kLastReconnectMs);
  return most / 2 + std::uniform_int_distribution<std::int64_t>(0, most)(random);
}

}  // namespace tintype
