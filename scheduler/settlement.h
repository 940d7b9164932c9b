// Settlement: how an attempt ends. By what came of it (scheduler/disposition.h) the message is acked, handed back with
// a delay, or put with the dead letters; the job's record, its event and the counters say the same. Thread-safe.
#pragma once

#include <string_view>

#include "scheduler/attempt_records.h"
#include "scheduler/job_services.h"

namespace tintype {

class Settlement {
 public:
  Settlement(const JobRunnerConfig& config, const JobServices& services, AttemptRecords& records);

  void settle(const Job& job, Delivery& delivery, JobRecord record, Attempt attempt, const Status& status);
  // The farm ends and cut the attempt short: to the queue at once, and it does not count.
  void hand_back(const Job& job, Delivery& delivery);
  // A message that is no job, or none that this program can read: one of a newer program goes back to the queue, for a
  // node that knows it; one that comes back all day, or is no job at all, is buried.
  void settle_unreadable(Delivery& delivery);

 private:
  Status done(const Job& job, Delivery& delivery, const JobRecord& record, const Attempt& attempt);
  Status forgotten(const Job& job, Delivery& delivery, const JobRecord& record, const Attempt& attempt,
                   const Error& reason);
  Status again(const Job& job, Delivery& delivery, const JobRecord& record, const Attempt& attempt, const Error& reason,
               int after_failures);
  Status given_up(const Job& job, Delivery& delivery, JobRecord record, const Attempt& attempt, const Error& reason);
  void count_finished(const Job& job, std::string_view result);
  void publish(const Job& job, std::string_view type, const JobRecord& record, const Error& error);

  const JobRunnerConfig& config_;
  const JobServices& services_;
  AttemptRecords& records_;
};

}  // namespace tintype
