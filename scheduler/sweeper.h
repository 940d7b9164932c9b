// Sweeper: mends what crashes and lost messages leave behind, a little at a time.
//
// - A photo whose job has not completed and whose message seems lost is enqueued again, under a raised generation.
//   The queue may lose all it holds; the index is what says what is to be done.
// - A deleted photo's blobs, job record and dead letters are removed, then its tombstone.
// - A blob that no photo names, older than any job can be, is removed (the index is asked again first).
// One thread of its own; every pass is bounded and goes on where the last ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/queue/job_queue.h"
#include "storage_client/blob_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

struct SweeperConfig {
  std::chrono::milliseconds period{2'000};
  // A job is lost, and enqueued again, at an age of...
  std::chrono::milliseconds requeue_idle_after{4'000};     // ...this, when the queue has nothing of its class;
  std::chrono::milliseconds requeue_passed_after{30'000};  // more than the oldest it has, by clocks that may differ;
  std::chrono::milliseconds requeue_busy_after{600'000};   // this, whatever it has. Both double with each generation
  std::chrono::milliseconds delete_soon_after{10'000};     // age of a tombstone whose blobs are removed again
  std::chrono::milliseconds orphan_after{3'600'000};       // age of a blob: more than a job's longest life
  int page = 256;                                          // photos, tombstones and blobs a pass
  int dead_letters = 64;                                   // a pass
};

struct SweeperServices {
  BlobStore& blobs;
  PhotoIndex& index;
  JobStore& jobs;
  JobQueue& queue;
  const Clock& clock;
  Metrics& metrics;
  Logger& log;
  std::function<bool(JobId)> is_active;  // works on it on this node now
};

class Sweeper {
 public:
  Sweeper(const SweeperConfig& config, const SweeperServices& services);

  // One pass of each kind; the thread below does nothing else. For tests: not while start()ed.
  void sweep();

  void start();
  void stop();
  ~Sweeper() { stop(); }

 private:
  void sweep_incomplete();
  void sweep_tombstones();
  void sweep_orphans();
  void sweep_dead_letters();
  Status enqueue_again(const PhotoRef& ref, const QueueDepth& depth);
  bool is_lost(const Job& job, const QueueDepth& depth) const;
  RefPage page_of_tombstones(const std::string& after);
  bool remove_rest_of(const PhotoRef& ref);
  void count(std::string_view action);
  void add_up(const BlobListing& listing);

  const SweeperConfig config_;
  const SweeperServices services_;
  std::string after_incomplete_, after_tombstone_, after_blob_;
  UnixMs tombstones_seen_until_ = 0;
  std::uint64_t after_dead_letter_ = 0;
  std::uint64_t blobs_ = 0, blob_bytes_ = 0;  // of the walk under way

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tintype
