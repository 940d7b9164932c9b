// What the streams, consumers and subjects are called. `prefix` is NatsQueueConfig::name_prefix.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <format>
#include <string>
#include <string_view>

#include "core/job/job.h"

namespace tintype::nats_names {

inline constexpr const char* kConsumer = "runners";  // the one durable of each class

inline std::string jobs_stream(std::string_view prefix, JobClass job_class) {
  std::string name(job_class_name(job_class));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::format("{}TINTYPE_JOBS_{}", prefix, name);
}
inline std::string dead_stream(std::string_view prefix) { return std::format("{}TINTYPE_DEAD", prefix); }
inline std::string events_stream(std::string_view prefix) { return std::format("{}TINTYPE_EVENTS", prefix); }

// With `shard` "*": all of the class.
inline std::string jobs_subject(std::string_view prefix, JobClass job_class, std::string_view shard) {
  return std::format("{}jobs.{}.{}", prefix, job_class_name(job_class), shard);
}
// An id's low bits are random, so its remainder spreads evenly.
inline std::string job_subject(std::string_view prefix, const Job& job, int shards) {
  return jobs_subject(prefix, job.job_class, std::to_string(job.id.value % static_cast<std::uint64_t>(shards)));
}
// With `job_class` "*": all.
inline std::string dead_subject(std::string_view prefix, std::string_view job_class) {
  return std::format("{}dead.{}", prefix, job_class);
}
// With `type` ">": all.
inline std::string event_subject(std::string_view prefix, std::string_view type) {
  return std::format("{}events.{}", prefix, type);
}
// Beside the events: no stream keeps what is told.
inline std::string broadcast_subject(std::string_view prefix, std::string_view topic) {
  return std::format("{}told.{}", prefix, topic);
}

}  // namespace tintype::nats_names
