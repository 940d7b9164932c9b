// The streams and consumers a queue needs, as data, and how two of them are compared setting by setting.
#pragma once

#include <nats/nats.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue/nats/nats_queue.h"

namespace tintype {

struct StreamSpec {
  std::string name;
  std::string subject;
  jsRetentionPolicy retention = js_LimitsPolicy;
  jsDiscardPolicy discard = js_DiscardNew;
  std::int64_t max_msgs = -1;
  std::int64_t max_bytes = -1;
  std::int64_t max_age_ns = 0;
  std::int32_t max_msg_bytes = -1;
  std::int64_t duplicates_ns = 0;
  std::int64_t replicas = 1;
  bool direct = false;        // messages can be got by sequence and subject without the API's queue
  bool has_consumer = false;  // the durable pull consumer of a class
};

// The class streams in the order of kJobClasses, then the dead letters, then the events.
std::vector<StreamSpec> stream_specs(const NatsQueueConfig& config);

// `subject` must live as long as the result: it is the array that the result points to.
jsStreamConfig stream_config(const StreamSpec& spec, const char*& subject);
jsConsumerConfig consumer_config(const NatsQueueConfig& config);

struct Setting {
  std::string_view name;  // as JetStream's API spells it
  std::string value;
};

// Every setting that we set. Lists of the same kind have the same names in the same order.
std::vector<Setting> settings_of(const jsStreamConfig& config);
std::vector<Setting> settings_of(const jsConsumerConfig& config);

struct Difference {
  std::string_view name;
  std::string wanted;
  std::string actual;

  std::string to_string() const;  // "max_msgs is 5 on the server and should be 1000"
};

std::optional<Difference> first_difference(const std::vector<Setting>& wanted, const std::vector<Setting>& actual);

}  // namespace tintype
