// A node on memory queue, memory store and simulated lanes, with short times: what scheduler tests stand on.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/queue/memory/memory_queue.h"
#include "scheduler/scheduler.h"
#include "storage_client/memory/memory_store.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype {

inline bool eventually(const std::function<bool()>& holds,
                       std::chrono::milliseconds within = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class SchedulerRig {
 public:
  SchedulerRig() {
    config.fetch_wait = std::chrono::milliseconds(20);
    config.drain_timeout = std::chrono::milliseconds(200);
    config.runner.retry_first_after = std::chrono::milliseconds(5);
    config.pressure.enabled = false;  // whatever else this machine does
    config.sweeper.period = std::chrono::milliseconds(10);
    config.sweeper.requeue_idle_after = std::chrono::milliseconds(200);
    MemoryQueueConfig queue_config;
    queue_config.ack_wait = std::chrono::milliseconds(600);
    queue = std::move(*make_memory_queue(queue_config, clock));
    blobs = store.blobs.get();
    index = store.index.get();
    jobs = store.jobs.get();
  }

  SimulatedLaneConfig& add_lane(const std::string& name, int slots) {
    lane_configs.push_back({});
    lane_configs.back().name = name;
    lane_configs.back().slots = slots;
    lane_configs.back().service_seconds = [](const Task&) { return 0.001; };
    return lane_configs.back();
  }

  void start() {
    std::vector<Lane*> pointers;
    for (const SimulatedLaneConfig& lane : lane_configs) {
      lanes.push_back(std::move(*make_simulated_lane(lane)));
      pointers.push_back(lanes.back().get());
    }
    scheduler = std::make_unique<Scheduler>(
        config, SchedulerServices{*blobs, *index, *jobs, *queue, *events, clock, metrics, log}, pointers);
    ASSERT_TRUE(scheduler->start());
  }

  // What a gateway does with an upload.
  Job upload(JobClass job_class = JobClass::kUpload, bool publish = true) {
    Job job;
    job.owner = "ann";
    job.job_class = job_class;
    job.recipe = recipe;
    job.enqueued_at_ms = clock.now_ms();
    if (patience_ms != 0) job.deadline_ms = job.enqueued_at_ms + patience_ms;
    const std::string bytes = "photo " + std::to_string(++uploads);
    Photo photo;
    for (;;) {
      job.photo = job.id = SortableId::make(clock.now_ms());
      const BlobKey key{job.owner, job.photo, 0, "original"};
      auto writer = std::move(*store.blobs->create(key, bytes.size()));
      EXPECT_TRUE(writer->write(as_bytes(bytes)));
      EXPECT_TRUE(writer->commit());
      photo.light.photo = job.photo;
      photo.light.bytes = bytes.size();
      photo.heavy.sha256 = to_hex(sha256(as_bytes(bytes)));
      photo.heavy.original_key = key.to_string();
      photo.heavy.job = job;
      if (store.index->create(job.owner, photo)) break;
    }
    JobRecord record{.job = job};
    EXPECT_TRUE(store.jobs->put(record));
    if (publish) {
      EXPECT_TRUE(queue->publish(job));
    }
    return job;
  }

  JobState state_of(const Job& job) {
    const auto record = store.jobs->get(job.id);
    return record ? record->state : JobState::kQueued;
  }
  bool reaches(const Job& job, JobState state) {
    return eventually([&] { return state_of(job) == state; });
  }
  Photo photo_of(const Job& job) { return std::move(*store.index->get(job.owner, job.photo)); }
  std::size_t blob_count() { return store.blobs->list("", 1000)->blobs.size(); }
  bool queue_is_empty() {
    const auto depth = queue->depth();
    for (const ClassDepth& c : depth->classes) {
      if (c.waiting + c.in_flight > 0) return false;
    }
    return true;
  }

  Recipe recipe = builtin_recipes().front();  // of uploads
  std::int64_t patience_ms = 0;               // of uploads: their deadline; 0: none
  SystemClock clock;
  Metrics metrics;
  Logger log{LogLevel::kOff};
  SchedulerConfig config;
  MemoryStore store = make_memory_store(clock);
  BlobStore* blobs;  // what the scheduler gets: may be a decorator
  PhotoIndex* index;
  JobStore* jobs;
  std::unique_ptr<JobQueue> queue;
  std::unique_ptr<EventLog> events = make_memory_event_log();
  std::list<SimulatedLaneConfig> lane_configs;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::unique_ptr<Scheduler> scheduler;
  int uploads = 0;
};

}  // namespace tintype
