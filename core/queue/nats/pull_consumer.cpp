#include "core/queue/nats/pull_consumer.h"

#include <algorithm>
#include <format>
#include <optional>

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
      class_(job_class),
      request_subject_(std::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}",
                                   nats_names::jobs_stream(session_->config().name_prefix, job_class),
                                   nats_names::kConsumer)) {}

Result<std::shared_ptr<PullConsumer>> PullConsumer::open(std::shared_ptr<Session> session, JobClass job_class) {
  std::shared_ptr<PullConsumer> consumer(new PullConsumer(std::move(session), job_class));
  natsInbox* raw_inbox = nullptr;
  natsStatus status = natsInbox_Create(&raw_inbox);
  const InboxHandle inbox(raw_inbox);
  natsSubscription* raw_subscription = nullptr;
  if (status == NATS_OK) {
    consumer->inbox_ = std::format("{}.", raw_inbox);
    status = natsConnection_SubscribeSync(&raw_subscription, consumer->session_->connection(),
                                          std::format("{}*", consumer->inbox_).c_str());
  }
  if (status != NATS_OK) return fail(nats_error(status, {}, "subscribing to the queue"));
  consumer->subscription_.reset(raw_subscription);
  return consumer;
}

void PullConsumer::stop() {
  stopped_ = true;
  natsSubscription_Unsubscribe(subscription_.get());
}

Result<std::vector<MessageHandle>> PullConsumer::pull(int max, milliseconds wait) {
  const Instant deadline = std::chrono::steady_clock::now() + wait;
  const std::unique_lock turn(turn_, deadline);
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
  const std::string doing = std::format("fetching from {}", job_class_name(class_));
  const std::string inbox = std::format("{}{}", inbox_, ++requests_);
  discard_leftovers();
  const std::uint64_t disconnects = session_->disconnects();
  // With both, the server sends what it has, or waits for the first message and sends what it has then.
  const std::string body =
      wait > milliseconds(0)
          ? std::format(R"({{"batch":{},"no_wait":true,"expires":{}}})", max, std::chrono::nanoseconds(wait).count())
          : std::format(R"({{"batch":{},"no_wait":true}})", max);
  natsStatus status =
      natsConnection_PublishRequest(session_->connection(), request_subject_.c_str(), inbox.c_str(), body.data(),
                                    static_cast<int>(body.size()));
  if (status != NATS_OK) return fail(session_->error(status, {}, doing));

  // The server ends every request with a status, so we wait for that rather than guess with a clock of ours,
  // which would leave messages behind that nobody works on.
  const Instant give_up = std::chrono::steady_clock::now() + wait + session_->config().request_timeout;
  std::vector<MessageHandle> messages;
  while (std::ssize(messages) < max) {
    natsMsg* raw_message = nullptr;
    status = natsSubscription_NextMsg(&raw_message, subscription_.get(), kLook.count());
    MessageHandle message(raw_message);
    if (status == NATS_TIMEOUT) {
      if (session_->disconnects() == disconnects && until(give_up) > milliseconds(0)) continue;
      if (!messages.empty()) return messages;
      return fail(ErrorCode::kUnavailable, std::format("{} failed: the queue went away", doing));
    }
    if (status != NATS_OK) {
      if (!messages.empty()) return messages;
      return fail(session_->error(status, {}, doing));
    }
    // A delivery, of this request or just now of one given up before, answers to the consumer.
    if (natsMsg_GetReply(raw_message)) {
      messages.push_back(std::move(message));
      continue;
    }
    auto ended = read_status(raw_message, inbox);
    if (!ended && messages.empty()) return fail(ended.error());
    if (!ended || *ended) return messages;
  }
  return messages;
}

// What came after a request had been given up has lain here for nobody knows how long, and may be another node's by
// now. Left unsettled, it is delivered again.
void PullConsumer::discard_leftovers() {
  natsMsg* raw_message = nullptr;
  while (natsSubscription_NextMsg(&raw_message, subscription_.get(), 0) == NATS_OK) {
    const MessageHandle message(raw_message);
  }
}

Result<bool> PullConsumer::read_status(natsMsg* message, const std::string& inbox) const {
  if (inbox != natsMsg_GetSubject(message)) return false;  // a late word on another request
  const char* code = header(message, "Status");
  const std::string_view status = code ? code : "";
  if (status == "100") return false;                  // a heartbeat
  if (status == "404" || status == "408") return true;  // no more now
  const char* words = header(message, "Description");
  session_->doubt();
  return fail(ErrorCode::kUnavailable, std::format("fetching from {} failed: {} {}; it is tried again",
                                                   job_class_name(class_), status, words ? words : ""));
}

}  // namespace tintype
