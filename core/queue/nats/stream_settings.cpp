#include "core/queue/nats/stream_settings.h"

#include <algorithm>
#include <cassert>
#include <format>

#include "core/queue/nats/names.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::int32_t kMaxJobBytes = 260 << 10;         // what parse_job takes, and headers
constexpr std::int32_t kMaxDeadLetterBytes = 512 << 10;  // the job as it was, and the reason
constexpr std::int32_t kMaxEventBytes = 64 << 10;
constexpr milliseconds kEventAge{60 * 60 * 1000};
constexpr std::int64_t kEventStreamBytes = 256ll << 20;

std::int64_t ns(milliseconds ms) { return nanoseconds(ms).count(); }

std::string text(std::int64_t number) { return std::to_string(number); }
std::string text(bool yes) { return yes ? "true" : "false"; }
std::string text(const char* words) { return words ? words : ""; }

std::string text(jsRetentionPolicy policy) {
  return policy == js_WorkQueuePolicy ? "workqueue" : policy == js_InterestPolicy ? "interest" : "limits";
}
std::string text(jsDiscardPolicy policy) { return policy == js_DiscardNew ? "new" : "old"; }
std::string text(jsStorageType storage) { return storage == js_FileStorage ? "file" : "memory"; }
std::string text(jsAckPolicy policy) {
  return policy == js_AckExplicit ? "explicit" : policy == js_AckNone ? "none" : "all";
}
std::string text(jsReplayPolicy policy) { return policy == js_ReplayInstant ? "instant" : "original"; }

}  // namespace

std::vector<StreamSpec> stream_specs(const NatsQueueConfig& config) {
  std::vector<StreamSpec> specs;
  const std::string& prefix = config.name_prefix;
  for (JobClass job_class : kJobClasses) {
    specs.push_back({.name = nats_names::jobs_stream(prefix, job_class),
                     .subject = nats_names::jobs_subject(prefix, job_class, "*"),
                     .retention = js_WorkQueuePolicy,
                     .max_msgs = config.max_waiting_jobs,
                     .max_bytes = config.max_stream_bytes,
                     .max_msg_bytes = kMaxJobBytes,
                     .duplicates_ns = ns(config.duplicate_window),
                     .replicas = config.replicas,
                     .has_consumer = true});
  }
  // Full of dead letters it refuses more: they are kept in their class rather than lost.
  specs.push_back({.name = nats_names::dead_stream(prefix),
                   .subject = nats_names::dead_subject(prefix, "*"),
                   .max_bytes = config.max_stream_bytes / 2,
                   .max_msg_bytes = kMaxDeadLetterBytes,
                   .duplicates_ns = ns(config.duplicate_window),
                   .replicas = config.replicas,
                   .direct = true});
  specs.push_back({.name = nats_names::events_stream(prefix),
                   .subject = nats_names::event_subject(prefix, ">"),
                   .discard = js_DiscardOld,
                   .max_bytes = std::min(config.max_stream_bytes, kEventStreamBytes),
                   .max_age_ns = ns(kEventAge),
                   .max_msg_bytes = kMaxEventBytes,
                   .duplicates_ns = ns(std::min(config.duplicate_window, kEventAge)),
                   .replicas = config.replicas});
  return specs;
}

jsStreamConfig stream_config(const StreamSpec& spec, const char*& subject) {
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  subject = spec.subject.c_str();
  config.Name = spec.name.c_str();
  config.Subjects = &subject;
  config.SubjectsLen = 1;
  config.Retention = spec.retention;
  config.MaxConsumers = -1;
  config.MaxMsgs = spec.max_msgs;
  config.MaxBytes = spec.max_bytes;
  config.MaxAge = spec.max_age_ns;
  config.MaxMsgsPerSubject = -1;
  config.MaxMsgSize = spec.max_msg_bytes;
  config.Discard = spec.discard;
  config.Storage = js_FileStorage;
  config.Replicas = spec.replicas;
  config.Duplicates = spec.duplicates_ns;
  config.AllowDirect = spec.direct;
  return config;
}

jsConsumerConfig consumer_config(const NatsQueueConfig& config) {
  jsConsumerConfig consumer;
  jsConsumerConfig_Init(&consumer);
  consumer.Durable = nats_names::kConsumer;
  consumer.DeliverPolicy = js_DeliverAll;
  consumer.AckPolicy = js_AckExplicit;
  consumer.AckWait = ns(config.ack_wait);
  // The runner counts deliveries and buries the job; a message past a limit of JetStream's would be stuck.
  consumer.MaxDeliver = -1;
  consumer.ReplayPolicy = js_ReplayInstant;
  consumer.MaxWaiting = config.max_pull_requests;
  consumer.MaxAckPending = config.max_ack_pending;
  // As many as its stream, by default; said, so that it is compared.
  consumer.Replicas = config.replicas;
  return consumer;
}

std::vector<Setting> settings_of(const jsStreamConfig& config) {
  std::string subjects;
  for (int i = 0; i < config.SubjectsLen; ++i) {
    if (i > 0) subjects += ' ';
    subjects += config.Subjects[i];
  }
  return {
      {"name", text(config.Name)},
      {"subjects", subjects},
      {"retention", text(config.Retention)},
      {"max_consumers", text(config.MaxConsumers)},
      {"max_msgs", text(config.MaxMsgs)},
      {"max_bytes", text(config.MaxBytes)},
      {"max_age", text(config.MaxAge)},
      {"max_msgs_per_subject", text(config.MaxMsgsPerSubject)},
      {"max_msg_size", text(std::int64_t{config.MaxMsgSize})},
      {"discard", text(config.Discard)},
      {"storage", text(config.Storage)},
      {"num_replicas", text(config.Replicas)},
      {"duplicate_window", text(config.Duplicates)},
      {"allow_direct", text(config.AllowDirect)},
      {"no_ack", text(config.NoAck)},
      {"sealed", text(config.Sealed)},
      {"deny_delete", text(config.DenyDelete)},
      {"discard_new_per_subject", text(config.DiscardNewPerSubject)},
      // Copies to or from elsewhere: from a work queue they lose jobs.
      {"mirror", text(config.Mirror != nullptr)},
      {"sources", text(std::int64_t{config.SourcesLen})},
  };
}

std::vector<Setting> settings_of(const jsConsumerConfig& config) {
  return {
      {"durable_name", text(config.Durable)},
      {"deliver_policy", config.DeliverPolicy == js_DeliverAll ? "all" : "other"},
      {"ack_policy", text(config.AckPolicy)},
      {"ack_wait", text(config.AckWait)},
      {"max_deliver", text(config.MaxDeliver)},
      {"backoff", text(std::int64_t{config.BackOffLen})},
      {"filter_subject", text(config.FilterSubject)},
      {"filter_subjects", text(std::int64_t{config.FilterSubjectsLen})},
      {"replay_policy", text(config.ReplayPolicy)},
      {"max_waiting", text(config.MaxWaiting)},
      {"max_ack_pending", text(config.MaxAckPending)},
      {"num_replicas", text(config.Replicas)},
      {"headers_only", text(config.HeadersOnly)},
      {"deliver_subject", text(config.DeliverSubject)},
  };
}

std::string Difference::to_string() const {
  return std::format("{} is {} on the server and should be {}", name, actual, wanted);
}

std::optional<Difference> first_difference(const std::vector<Setting>& wanted, const std::vector<Setting>& actual) {
  assert(wanted.size() == actual.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].value != actual[i].value) {
      return Difference{wanted[i].name, wanted[i].value, actual[i].value};
    }
  }
  return std::nullopt;
}

}  // namespace tintype
