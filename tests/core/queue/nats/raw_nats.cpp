#include "tests/core/queue/nats/raw_nats.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tintype {

RawNats::RawNats(const std::string& url) {
  natsConnection* connection = nullptr;
  natsStatus status = natsConnection_ConnectTo(&connection, url.c_str());
  connection_.reset(connection);
  jsCtx* jetstream = nullptr;
  if (status == NATS_OK) status = natsConnection_JetStream(&jetstream, connection, nullptr);
  jetstream_.reset(jetstream);
  if (status != NATS_OK) {
    std::fprintf(stderr, "connecting failed: %s\n", natsStatus_GetText(status));
    std::abort();
  }
}

bool RawNats::publish(const std::string& subject, std::string_view body) {
  return js_Publish(nullptr, jetstream_.get(), subject.c_str(), body.data(), static_cast<int>(body.size()), nullptr,
                    nullptr) == NATS_OK;
}

bool RawNats::delete_stream(const std::string& stream) {
  return js_DeleteStream(jetstream_.get(), stream.c_str(), nullptr, nullptr) == NATS_OK;
}

bool RawNats::delete_consumer(const std::string& stream, const std::string& consumer) {
  return js_DeleteConsumer(jetstream_.get(), stream.c_str(), consumer.c_str(), nullptr, nullptr) == NATS_OK;
}

bool RawNats::add_stream(jsStreamConfig config) {
  return js_AddStream(nullptr, jetstream_.get(), &config, nullptr, nullptr) == NATS_OK;
}

bool RawNats::add_consumer(const std::string& stream, jsConsumerConfig config) {
  return js_AddConsumer(nullptr, jetstream_.get(), stream.c_str(), &config, nullptr, nullptr) == NATS_OK;
}

void RawNats::answer(const std::string& subject, std::vector<std::string> answers) {
  answers_ = std::move(answers);
  const auto on_message = [](natsConnection* connection, natsSubscription*, natsMsg* raw_message, void* closure) {
    const MessageHandle message(raw_message);
    auto* self = static_cast<RawNats*>(closure);
    const auto which = std::min(static_cast<std::size_t>(self->answered_++), self->answers_.size() - 1);
    natsConnection_PublishString(connection, natsMsg_GetReply(raw_message), self->answers_[which].c_str());
  };
  natsSubscription* subscription = nullptr;
  natsStatus status = natsConnection_Subscribe(&subscription, connection_.get(), subject.c_str(), on_message, this);
  subscription_.reset(subscription);
  if (status == NATS_OK) status = natsConnection_Flush(connection_.get());
  if (status != NATS_OK) {
    std::fprintf(stderr, "subscribing failed: %s\n", natsStatus_GetText(status));
    std::abort();
  }
}

std::int64_t RawNats::message_count(const std::string& stream) {
  jsStreamInfo* raw_info = nullptr;
  const natsStatus status = js_GetStreamInfo(&raw_info, jetstream_.get(), stream.c_str(), nullptr, nullptr);
  const StreamInfoHandle info(raw_info);
  return status == NATS_OK ? static_cast<std::int64_t>(info->State.Msgs) : -1;
}

std::int64_t RawNats::max_waiting(const std::string& stream, const std::string& consumer) {
  jsConsumerInfo* raw_info = nullptr;
  const natsStatus status =
      js_GetConsumerInfo(&raw_info, jetstream_.get(), stream.c_str(), consumer.c_str(), nullptr, nullptr);
  const ConsumerInfoHandle info(raw_info);
  return status == NATS_OK ? info->Config->MaxWaiting : -1;
}

}  // namespace tintype
