#include "core/queue/nats/pull_consumer.h"

#include <algorithm>
#include <format>

#include "core/queue/nats/names.h"
#include "core/queue/nats/nats_error.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;

// A request is lost when the server dies; it is asked again after this at the latest.
constexpr milliseconds kLongestRequest{5'000};
// How often a wait looks whether the connection is still the one it asked on.
constexpr milliseconds kLook{500};
// Between requests that brought nothing: the next may be refused as fast as the last.
constexpr milliseconds kPause{50};

milliseconds until(std::chrono::steady_clock::time_point deadline) {
  // Rounded up, so that a wait of less than a millisecond is not a spin.
  return std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
}

const char* header(natsMsg* message, const char* key) {
  const char* value = nullptr;
  return natsMsgHeader_Get(message, key, &value) == NATS_OK ? value : nullptr;
}

}  // namespace

PullConsumer::PullConsumer(std::shared_ptr<Session> session, JobClass job_class)
    : session_(std::move(session)),
      doing_(std::format("fetching from {}", job_class_name(job_class))),
      request_subject_(std::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}",
                                   nats_names::jobs_stream(session_->config().name_prefix, job_class),
                                   nats_names::kConsumer)) {}

Result<std::shared_ptr<PullConsumer>> PullConsumer::open(std::shared_ptr<Session> session, JobClass job_class) {
  std::shared_ptr<PullConsumer> consumer(new PullConsumer(std::move(session), job_class));
  TT_TRY(consumer->subscribe());
  return consumer;
}

Status PullConsumer::subscribe() {
  natsInbox* raw_inbox = nullptr;
  natsStatus status = natsInbox_Create(&raw_inbox);
  const InboxHandle inbox(raw_inbox);
  natsSubscription* raw_subscription = nullptr;
  if (status == NATS_OK) {
    status =
        natsConnection_SubscribeSync(&raw_subscription, session_->connection(), std::format("{}.*", raw_inbox).c_str());
  }
  if (status != NATS_OK) return fail(nats_error(status, {}, "subscribing to the queue"));
  SubscriptionHandle subscription(raw_subscription);
  inbox_ = raw_inbox;
  std::lock_guard lock(subscription_mutex_);
  if (stopped_) return fail(ErrorCode::kUnavailable, "the queue has been closed");
  std::swap(subscription_, subscription);
  return {};
}

void PullConsumer::stop() {
  std::lock_guard lock(subscription_mutex_);
  stopped_ = true;
  natsSubscription_Unsubscribe(subscription_.get());
}

Result<std::vector<MessageHandle>> PullConsumer::pull(int max, milliseconds wait) {
  const Instant deadline = std::chrono::steady_clock::now() + wait;
  const std::unique_lock turn(turn_, wait);
  if (!turn.owns_lock()) return std::vector<MessageHandle>();
  while (true) {
    if (stopped_) return fail(ErrorCode::kUnavailable, "the queue has been closed");
    const milliseconds left = std::max(milliseconds(0), until(deadline));
    auto messages = [&]() -> Result<std::vector<MessageHandle>> {
      TT_TRY(session_->ready());
      return ask(max, std::min(left, kLongestRequest));
    }();
    if (messages && !messages->empty()) return messages;
    if (until(deadline) <= milliseconds(0)) return messages;
    session_->wait_for_change(std::min(until(deadline), kPause));
  }
}

Result<std::vector<MessageHandle>> PullConsumer::ask(int max, milliseconds wait) {
  const std::uint64_t disconnects = session_->disconnects();
  // What the server still sends to a request that was given up, nobody works on: without the inbox it sends nothing.
  if (unanswered_) TT_TRY(subscribe());
  unanswered_ = true;
  // With both, the server sends what it has, or waits for the first message and sends what it has then.
  const std::string body = wait > milliseconds(0) ? std::format(R"({{"batch":{},"no_wait":true,"expires":{}}})", max,
                                                                std::chrono::nanoseconds(wait).count())
                                                  : std::format(R"({{"batch":{},"no_wait":true}})", max);
  const natsStatus status = natsConnection_PublishRequest(session_->connection(), request_subject_.c_str(),
                                                          std::format("{}.{}", inbox_, ++requests_).c_str(),
                                                          body.data(), static_cast<int>(body.size()));
  if (status != NATS_OK) return fail(session_->error(status, {}, doing_));
  return receive(max, wait, disconnects);
}

// The server ends every request with its last message or a status, so we wait for that rather than guess with a clock
// of ours. What has come is returned in any case: it is ours.
Result<std::vector<MessageHandle>> PullConsumer::receive(int max, milliseconds wait, std::uint64_t disconnects) {
  const Instant give_up = std::chrono::steady_clock::now() + wait + session_->config().request_timeout;
  std::vector<MessageHandle> messages;
  Error error;
  while (true) {
    natsMsg* raw_message = nullptr;
    const natsStatus status = natsSubscription_NextMsg(&raw_message, subscription_.get(), kLook.count());
    MessageHandle message(raw_message);
    if (status == NATS_TIMEOUT) {
      if (session_->disconnects() == disconnects && until(give_up) > milliseconds(0)) continue;
      error = {ErrorCode::kUnavailable, std::format("{} failed: the queue went away", doing_)};
      break;
    }
    if (status != NATS_OK) {
      error = session_->error(status, {}, doing_);
      break;
    }
    if (natsMsg_GetReply(raw_message)) {  // where it is acknowledged: a delivery
      messages.push_back(std::move(message));
      if (std::ssize(messages) < max) continue;
      unanswered_ = false;
      return messages;
    }
    const auto ended = read_status(raw_message);
    if (ended && !*ended) continue;
    unanswered_ = false;
    if (ended) return messages;
    error = ended.error();
    break;
  }
  if (messages.empty()) return fail(std::move(error));
  return messages;
}

Result<bool> PullConsumer::read_status(natsMsg* message) const {
  const char* code = header(message, "Status");
  const std::string_view status = code ? code : "";
  if (status == "100") return false;                    // a heartbeat
  if (status == "404" || status == "408") return true;  // no more now
  const char* words = header(message, "Description");
  session_->doubt();
  return fail(ErrorCode::kUnavailable,
              std::format("{} failed: {} {}; it is tried again", doing_, status, words ? words : ""));
}

}  // namespace tintype
