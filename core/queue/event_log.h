// EventLog: what happened, for whoever listens: gateways (progress), webhooks, prefetchers. At least once; each
// event has a stable id, so a listener can drop what it has seen. Losing events loses news, never truth.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/job_record.h"

namespace tintype {

struct Event {
  std::string id;    // stable over repeats: "<job id>.<generation>.<type>"
  std::string type;  // "job.running", "job.done", "job.failed", "job.cancelled"
  std::string owner;
  PhotoId photo;
  JobId job;
  std::string batch;
  UnixMs at_ms = 0;
  Error error;                 // of "job.failed"
  std::uint64_t bytes_in = 0;  // of "job.done"
  std::uint64_t bytes_out = 0;
};

std::string to_json(const Event& event);
Result<Event> parse_event(std::string_view json);

class EventSubscription {
 public:
  virtual ~EventSubscription() = default;  // no call comes after this returns; never from within on_event
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Returns when the event is kept. "job.running" is sent and may get lost: it is out of date as soon as the
  // next one comes, and each confirmation costs what a fetch does.
  virtual Status publish(const Event& event) = 0;

  // Calls `on_event` for each event from now on, one at a time, on a thread of the log's. It must not block.
  // Events while the log is out of reach are missed.
  virtual Result<std::unique_ptr<EventSubscription>> subscribe(std::function<void(const Event&)> on_event) = 0;
};

}  // namespace tintype
