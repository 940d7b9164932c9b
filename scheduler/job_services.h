// What a job's run is set to and stands on: for the runner and its parts.
#pragma once

#include <chrono>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/job/plan.h"
#include "core/queue/event_log.h"
#include "core/queue/job_queue.h"
#include "scheduler/cut_choice.h"
#include "scheduler/device_checks.h"
#include "scheduler/dispatcher.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct JobRunnerConfig {
  std::string node = "node";                           // in attempts and logs
  int max_attempts = 3;                                // that failed by the job's own doing
  int max_deliveries = 2'700;                          // whatever the reason: with the delays, a day
  std::chrono::milliseconds retry_first_after{1'000};  // doubles from there
  Limits limits;
  std::chrono::milliseconds task_timeout{120'000};            // of a task...
  std::chrono::milliseconds task_timeout_a_megapixel{3'000};  // ...and more for what it encodes
  std::chrono::milliseconds device_task_timeout{30'000};      // of a device's task, with as much more
  CutChoiceConfig cuts;
  DeviceChecksConfig device_checks;
};

struct JobServices {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  JobQueue& queue;
  EventLog& events;
  Dispatcher& dispatcher;
  const Clock& clock;
  Metrics& metrics;
  Logger& log;
};

inline bool is_past_deadline(const Job& job, const Clock& clock) {
  return job.deadline_ms != 0 && clock.now_ms() > job.deadline_ms;
}

// Of the wall clock, which may step: never negative.
inline double seconds_between(UnixMs from, UnixMs to) { return to > from ? double(to - from) / 1000 : 0.0; }

}  // namespace tintype
