// JobWatch: tells who waits for a job that it has ended, as far as the event log knows. Losing an event loses
// the news, not the end: who waits looks for itself now and then. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/queue/event_log.h"

namespace tintype {

class JobWatch {
 public:
  // `log` must outlive it; it must outlive its tickets.
  explicit JobWatch(EventLog& log) : log_(log) {}

  // Watches as long as it lives.
  class Ticket;
  // Subscribes if that has not been done yet: fails with what the log says.
  Result<std::unique_ptr<Ticket>> watch(JobId job);

  // No event comes after this.
  void stop();

 private:
  struct Waiting;
  void on_event(const Event& event);
  void forget(JobId job);

  EventLog& log_;
  std::mutex subscribing_;
  std::unique_ptr<EventSubscription> subscription_;
  std::mutex mutex_;  // of waiting_; taken by the log's thread
  std::map<JobId, std::shared_ptr<Waiting>> waiting_;
};

class JobWatch::Ticket {
 public:
  Ticket(JobWatch& watch, JobId job, std::shared_ptr<Waiting> waiting);
  ~Ticket();

  // `wake` (thread-safe, does not block) is called when the job has ended, at once if it has.
  void on_end(std::function<void()> wake);

 private:
  JobWatch& watch_;
  const JobId job_;
  std::shared_ptr<Waiting> waiting_;
};

}  // namespace tintype
