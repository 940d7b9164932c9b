// The queue in this process's memory, for tests: same rules (redelivery after the ack-wait, duplicates, limits),
// on the given clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/base/clock.h"
#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"

namespace tintype {

struct MemoryQueueConfig {
  std::chrono::milliseconds ack_wait{30'000};
  std::chrono::milliseconds duplicate_window{120'000};
  std::int64_t max_waiting_jobs = 1'000'000;

  Status validate() const;
};

// `clock` must outlive it. fetch() waits in real time.
Result<std::unique_ptr<JobQueue>> make_memory_queue(const MemoryQueueConfig& config, const Clock& clock);
std::unique_ptr<EventLog> make_memory_event_log();

}  // namespace tintype
