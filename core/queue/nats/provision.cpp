#include "core/queue/nats/provision.h"

#include <format>

#include "core/queue/nats/handles.h"
#include "core/queue/nats/names.h"
#include "core/queue/nats/nats_error.h"
#include "core/queue/nats/stream_settings.h"

namespace tintype {
namespace {

std::unexpected<Error> mismatch(std::string_view what, const Difference& difference, std::string_view remedy) {
  return fail(ErrorCode::kUnsupported, std::format("{}: {}; {}", what, difference.to_string(), remedy));
}

constexpr std::string_view kDropped =
    "the server took the setting and dropped it: use nats-server 2.10 or newer, or change the setting";

// Null when there is none.
Result<StreamInfoHandle> find_stream(jsCtx* js, const std::string& name) {
  jsStreamInfo* info = nullptr;
  jsErrCode code{};
  const natsStatus status = js_GetStreamInfo(&info, js, name.c_str(), nullptr, &code);
  if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) return StreamInfoHandle();
  if (status != NATS_OK) return fail(nats_error(status, code, std::format("looking up stream {}", name)));
  return StreamInfoHandle(info);
}

Status ensure_stream(jsCtx* js, const StreamSpec& spec, Logger& log) {
  const std::string what = std::format("stream {}", spec.name);
  const char* subject = nullptr;
  jsStreamConfig config = stream_config(spec, subject);
  const auto wanted = settings_of(config);
  jsErrCode code{};

  TT_ASSIGN(StreamInfoHandle info, find_stream(js, spec.name));
  if (!info) {
    const natsStatus status = js_AddStream(nullptr, js, &config, nullptr, &code);
    // Another node may have been faster.
    if (status != NATS_OK && code != JSStreamNameExistErr) {
      return fail(nats_error(status, code, std::format("creating {}", what)));
    }
    log.info("stream_created", {{"stream", spec.name}});
  } else if (auto difference = first_difference(wanted, settings_of(*info->Config))) {
    const natsStatus status = js_UpdateStream(nullptr, js, &config, nullptr, &code);
    if (status != NATS_OK) {
      return mismatch(what, *difference,
                      std::format("it cannot be changed ({}): delete the stream, its jobs are enqueued again "
                                  "from the store, or set another name prefix",
                                  nats_error(status, code, "updating it").message));
    }
    log.info("stream_updated", {{"stream", spec.name}, {"change", difference->to_string()}});
  }
  TT_ASSIGN(info, find_stream(js, spec.name));
  if (!info) return fail(ErrorCode::kUnavailable, std::format("{} vanished while it was set up", what));
  if (auto difference = first_difference(wanted, settings_of(*info->Config))) {
    return mismatch(what, *difference, kDropped);
  }
  return {};
}

Result<ConsumerInfoHandle> find_consumer(jsCtx* js, const std::string& stream) {
  jsConsumerInfo* info = nullptr;
  jsErrCode code{};
  const natsStatus status = js_GetConsumerInfo(&info, js, stream.c_str(), nats_names::kConsumer, nullptr, &code);
  if (status == NATS_NOT_FOUND || code == JSConsumerNotFoundErr) return ConsumerInfoHandle();
  if (status != NATS_OK) {
    return fail(nats_error(status, code, std::format("looking up the consumer of stream {}", stream)));
  }
  return ConsumerInfoHandle(info);
}

Status ensure_consumer(jsCtx* js, const std::string& stream, jsConsumerConfig config, Logger& log) {
  const std::string what = std::format("consumer {} of stream {}", nats_names::kConsumer, stream);
  const auto wanted = settings_of(config);
  jsErrCode code{};

  TT_ASSIGN(ConsumerInfoHandle info, find_consumer(js, stream));
  const auto difference = info ? first_difference(wanted, settings_of(*info->Config)) : std::nullopt;
  if (!info || difference) {
    natsStatus status = js_AddConsumer(nullptr, js, stream.c_str(), &config, nullptr, &code);
    if (status != NATS_OK && difference) {
      // Some settings are fixed at birth. A new consumer delivers what is not acknowledged once more, which is
      // allowed at any time; nothing is lost.
      log.warning("consumer_replaced", {{"stream", stream}, {"change", difference->to_string()}});
      js_DeleteConsumer(js, stream.c_str(), nats_names::kConsumer, nullptr, nullptr);
      status = js_AddConsumer(nullptr, js, stream.c_str(), &config, nullptr, &code);
    }
    if (status != NATS_OK) return fail(nats_error(status, code, std::format("creating {}", what)));
  }
  TT_ASSIGN(info, find_consumer(js, stream));
  if (!info) return fail(ErrorCode::kUnavailable, std::format("{} vanished while it was set up", what));
  if (auto left = first_difference(wanted, settings_of(*info->Config))) return mismatch(what, *left, kDropped);
  return {};
}

}  // namespace

Status provision(jsCtx* jetstream, const NatsQueueConfig& config, Logger& log) {
  for (const StreamSpec& spec : stream_specs(config)) {
    TT_TRY(ensure_stream(jetstream, spec, log));
    if (spec.has_consumer) TT_TRY(ensure_consumer(jetstream, spec.name, consumer_config(config), log));
  }
  return {};
}

}  // namespace tintype
