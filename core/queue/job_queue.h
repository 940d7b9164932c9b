// JobQueue: jobs between those who want them done and those who do them. At least once, in no promised order.
//
// Three classes, each a queue of its own. A delivery is owned by whoever fetched it until it is settled (ack, nak,
// dead letter) or its ack-wait runs out without in_progress(), when it is delivered again.
// The queue may lose everything it holds (JetStream does not fsync each message): it must be rebuildable from
// the store. All methods of JobQueue are thread-safe; a Delivery belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/job/job.h"

namespace tintype {

struct PublishAck {
  bool duplicate = false;  // the queue had this message_id already and dropped this one
  std::uint64_t sequence = 0;
};

class Delivery {
 public:
  virtual ~Delivery() = default;  // unsettled: left to the ack-wait

  // The job, or why the message is not one (then only dead_letter() and ack() make sense).
  virtual const Result<Job>& job() const = 0;
  virtual std::string_view raw() const = 0;  // the message as it came
  // 1 for the first time.
  virtual std::uint32_t delivery_count() const = 0;

  // Done: the message is gone when this returns. Waits for the queue's confirmation.
  virtual Status ack() = 0;
  // Still at it: restarts the ack-wait. Call every third of it.
  virtual Status in_progress() = 0;
  // Again, not before `delay`.
  virtual Status nak(std::chrono::milliseconds delay) = 0;
};

struct DeadLetter {
  std::uint64_t sequence = 0;                        // names it for replay
  Result<Job> job = fail(ErrorCode::kInternal, "");  // or why the message is none
  std::string raw;                                   // the message as it was
  Error reason;
  std::uint32_t deliveries = 0;
  UnixMs died_at_ms = 0;
};

struct ClassDepth {
  JobClass job_class = JobClass::kUpload;
  std::uint64_t waiting = 0;  // a hint: counts may lag and may include settled messages
  std::uint64_t in_flight = 0;
  UnixMs oldest_at_ms = 0;  // by the queue's clock, when the oldest unsettled message was published; 0: there is none
};

struct QueueDepth {
  std::vector<ClassDepth> classes;
  std::uint64_t dead = 0;
};

class JobQueue {
 public:
  virtual ~JobQueue() = default;

  // The length after which an unsettled delivery comes again.
  virtual std::chrono::milliseconds ack_wait() const = 0;

  // kQueueFull when the class is at its limit; kUnavailable when the queue cannot be reached.
  virtual Result<PublishAck> publish(const Job& job) = 0;

  // Up to `max` deliveries of a class; waits up to `wait` for the first. Empty when none came.
  virtual Result<std::vector<std::unique_ptr<Delivery>>> fetch(JobClass job_class, int max,
                                                               std::chrono::milliseconds wait) = 0;

  // Gives a job up: kept among the dead letters first, and only then taken from its class.
  virtual Status dead_letter(Delivery& delivery, const Error& reason) = 0;

  // Dead letters with sequence > `after`, oldest first.
  virtual Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after, int max) = 0;
  virtual Result<DeadLetter> read_dead_letter(std::uint64_t sequence) = 0;
  virtual Status remove_dead_letter(std::uint64_t sequence) = 0;

  virtual Result<QueueDepth> depth() = 0;

  // Ok when jobs can be published and fetched now.
  virtual Status health() = 0;
};

}  // namespace tintype
