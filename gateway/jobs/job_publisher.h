// JobPublisher: jobs onto the queue, with patience for one caller only.
//
// A queue that cannot be reached costs its request timeout once; until it answers again, one caller at a time
// finds out whether it does and all others are refused at once, so that uploads go on at full speed. What was
// refused is counted, logged, and left to the sweeper. Thread-safe.
#pragma once

#include <mutex>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "core/queue/job_queue.h"

namespace tintype {

class JobPublisher {
 public:
  JobPublisher(JobQueue& queue, const Clock& clock, Metrics& metrics, Logger& log)
      : queue_(queue), clock_(clock), metrics_(metrics), log_(log) {}

  // kInternal when the queue takes it for a duplicate: then nothing was enqueued.
  Status publish(const Job& job);

 private:
  Status try_publish(const Job& job);
  // True if the caller is to try.
  bool enter();
  void leave(bool reached);

  JobQueue& queue_;
  const Clock& clock_;
  Metrics& metrics_;
  Logger& log_;

  std::mutex mutex_;
  bool reachable_ = true;
  bool probing_ = false;         // while not reachable: somebody is trying
  double probe_at_seconds_ = 0;  // while not reachable: not before
};

}  // namespace tintype
