// Lease: keeps a delivery ours while its job runs, by telling the queue every third of the ack-wait.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "core/base/log.h"
#include "core/queue/job_queue.h"

namespace tintype {

class LeaseKeeper {
 public:
  LeaseKeeper(std::chrono::milliseconds ack_wait, Logger& log);
  ~LeaseKeeper();  // all leases must have ended

  // Held as long as this lives. settle() gives the delivery back for its last call, after which the queue is no
  // longer told.
  class Lease {
   public:
    ~Lease();
    Delivery& settle();

   private:
    friend class LeaseKeeper;
    Lease(LeaseKeeper& keeper, Delivery& delivery) : keeper_(keeper), delivery_(delivery) {}
    LeaseKeeper& keeper_;
    Delivery& delivery_;
    bool held_ = true;
  };
  std::unique_ptr<Lease> hold(Delivery& delivery);

 private:
  void keep();

  const std::chrono::milliseconds period_;
  Logger& log_;
  std::mutex mutex_;  // also held while the queue is told: settle() waits for that
  std::condition_variable wake_;
  std::list<Delivery*> held_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tintype
