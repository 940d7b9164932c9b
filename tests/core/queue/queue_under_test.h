// What the conformance suites run on: a queue and an event log of one implementation, made with the given settings.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"

namespace tintype {

struct QueueSettings {
  std::chrono::milliseconds ack_wait{30'000};
  std::int64_t max_waiting_jobs = 100'000;
};

struct QueueUnderTest {
  std::unique_ptr<JobQueue> jobs;
  std::unique_ptr<EventLog> events;
};

enum class QueueKind { kMemory, kNats };

// Empty and apart from every other. Aborts the test program with the reason if it cannot be made: a missing
// nats-server is a failure, not a reason to test less. All of kNats share one server, until the program ends.
QueueUnderTest make_queue_under_test(QueueKind kind, const QueueSettings& settings = {});

std::string queue_kind_name(QueueKind kind);

}  // namespace tintype
