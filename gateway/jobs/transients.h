// Transients: photos that only pass through, for the compression API. They belong to an owner that no request
// can act for; their jobs belong to whoever asked (Job::asked_by). Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/jobs/job_watch.h"
#include "gateway/photos/photo_upload.h"

namespace tintype {

// One of the farm's own (is_client_owner()).
inline constexpr std::string_view kTransientOwner = "_transient";

class Transients {
 public:
  struct Config {
    std::chrono::milliseconds result_ttl{3'600'000};  // of a job's results
    int max_waiting = 64;                             // requests that wait for their variant
  };

  // What `services` names must outlive it.
  Transients(const Config& config, const GatewayServices& services);

  // Turns an upload into one that passes through, with a job id of its own.
  void adopt(UploadOrder& order) const;

  // A place among those that wait; kQueueFull when there is none.
  class Place;
  Result<std::unique_ptr<Place>> take_place();

  // Told when the job has ended.
  Result<std::unique_ptr<JobWatch::Ticket>> watch(JobId job) { return watch_.watch(job); }
  void stop_watching() { watch_.stop(); }

  UnixMs expires_at_ms(PhotoId photo) const { return photo.time_ms() + config_.result_ttl.count(); }

  // The photo, its blobs and its job's record go, the record of a job that still runs as soon as it has
  // ended. `asker` is who asked for it.
  void remove(PhotoId photo, JobId job, const std::string& asker);

  // Removes what is older than its time to live, and records that were left.
  void sweep();

 private:
  struct Leftover {
    JobId job;
    UnixMs since_ms = 0;
  };
  void remove_expired();
  void remove_leftovers();
  void warn(std::string_view event, const Status& status, JobId job);

  const Config config_;
  const GatewayServices services_;
  JobWatch watch_;
  std::atomic<int> waiting_ = 0;
  std::mutex mutex_;
  std::vector<Leftover> leftovers_;  // records of jobs whose photo is gone
};

class Transients::Place {
 public:
  explicit Place(std::atomic<int>& waiting) : waiting_(waiting) {}
  ~Place() { --waiting_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::atomic<int>& waiting_;
};

}  // namespace tintype
