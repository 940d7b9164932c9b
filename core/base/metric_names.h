// Every metric's name and meaning, in one place. Base units (seconds, bytes); counters end in _total.
#pragma once

#include <cstdint>
#include <string_view>

namespace tintype::metric {

enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };

struct Described {
  std::string_view name;
  std::string_view help;
  Kind kind = Kind::kCounter;
};

inline constexpr std::string_view kJobsFinished = "tintype_jobs_finished_total";
inline constexpr std::string_view kJobRetries = "tintype_job_retries_total";
inline constexpr std::string_view kJobSeconds = "tintype_job_seconds";
inline constexpr std::string_view kJobWaitSeconds = "tintype_job_wait_seconds";
inline constexpr std::string_view kTasks = "tintype_tasks_total";
inline constexpr std::string_view kTaskSeconds = "tintype_task_seconds";
inline constexpr std::string_view kLaneBusy = "tintype_lane_busy_slots";
inline constexpr std::string_view kDeviceCuts = "tintype_device_cuts_total";
inline constexpr std::string_view kLaneChecks = "tintype_lane_checks_total";
inline constexpr std::string_view kChildrenStarted = "tintype_children_started_total";
inline constexpr std::string_view kChildrenLost = "tintype_children_lost_total";
inline constexpr std::string_view kDevicesStarted = "tintype_device_processes_started_total";
inline constexpr std::string_view kDevicesLost = "tintype_device_processes_lost_total";
inline constexpr std::string_view kDeadLetters = "tintype_dead_letters_total";
inline constexpr std::string_view kQueuePublishFailures = "tintype_queue_publish_failures_total";
inline constexpr std::string_view kSweeperActions = "tintype_sweeper_actions_total";
inline constexpr std::string_view kHttpRequests = "tintype_http_requests_total";
inline constexpr std::string_view kHttpSeconds = "tintype_http_request_seconds";
inline constexpr std::string_view kHttpBytesIn = "tintype_http_received_bytes_total";
inline constexpr std::string_view kHttpBytesOut = "tintype_http_sent_bytes_total";
inline constexpr std::string_view kCacheHits = "tintype_cache_hits_total";
inline constexpr std::string_view kCacheMisses = "tintype_cache_misses_total";
inline constexpr std::string_view kQueueWaiting = "tintype_queue_waiting_jobs";
inline constexpr std::string_view kQueueInFlight = "tintype_queue_in_flight_jobs";
inline constexpr std::string_view kQueueOldestSeconds = "tintype_queue_oldest_seconds";
inline constexpr std::string_view kQueueUp = "tintype_queue_up";
inline constexpr std::string_view kQueueDead = "tintype_queue_dead_letters";
inline constexpr std::string_view kLaneSlots = "tintype_lane_slots";
inline constexpr std::string_view kLaneInService = "tintype_lane_in_service";
inline constexpr std::string_view kLaneMemoryBytes = "tintype_lane_memory_bytes";
inline constexpr std::string_view kBulkSlots = "tintype_bulk_slots";
inline constexpr std::string_view kPressure = "tintype_pressure_ratio";
inline constexpr std::string_view kStoreFreeBytes = "tintype_store_free_bytes";
inline constexpr std::string_view kStoreTakesUploads = "tintype_store_takes_uploads";
inline constexpr std::string_view kStoreBlobs = "tintype_store_blobs";
inline constexpr std::string_view kStoreBlobBytes = "tintype_store_blob_bytes";

// Looked up by Metrics::render; a name that is not here is a bug.
inline constexpr Described kAll[] = {
    {kJobsFinished, "Jobs that ended, by class and result", Kind::kCounter},
    {kJobRetries, "Attempts that failed and were retried, by cause", Kind::kCounter},
    {kJobSeconds, "Time from a job's first attempt to its commit, by class", Kind::kHistogram},
    {kJobWaitSeconds, "Time from enqueue to the first attempt, by class", Kind::kHistogram},
    {kTasks, "Tasks that lanes finished, by lane and result", Kind::kCounter},
    {kTaskSeconds, "Time a lane worked on a task, by lane", Kind::kHistogram},
    {kLaneBusy, "Slots of a lane that are working", Kind::kGauge},
    {kDeviceCuts, "Photos of which a device was to do a part, by result: ok, or why the work went elsewhere",
     Kind::kCounter},
    {kLaneChecks,
     "Results of a device that were to be compared with the CPU's, by lane and result: equal, differs, not_done",
     Kind::kCounter},
    {kChildrenStarted, "Sandboxed children started", Kind::kCounter},
    {kChildrenLost, "Sandboxed children that did not end as asked, by cause", Kind::kCounter},
    {kDevicesStarted, "Processes started for a device, by lane", Kind::kCounter},
    {kDevicesLost, "Processes of a device that did not end as asked, by lane and cause", Kind::kCounter},
    {kDeadLetters, "Jobs given up, by cause", Kind::kCounter},
    {kQueuePublishFailures, "Jobs the queue did not take; the sweeper enqueues them later", Kind::kCounter},
    {kSweeperActions, "What the sweeper mended, by kind", Kind::kCounter},
    {kHttpRequests, "Requests answered, by route and status", Kind::kCounter},
    {kHttpSeconds, "Time to answer a request, by route", Kind::kHistogram},
    {kHttpBytesIn, "Body bytes received", Kind::kCounter},
    {kHttpBytesOut, "Body bytes sent", Kind::kCounter},
    {kCacheHits, "Reads answered from memory, or by waiting for another's read, by cache", Kind::kCounter},
    {kCacheMisses, "Reads that asked the store, by cache", Kind::kCounter},
    {kQueueWaiting, "Jobs that nobody has fetched yet, by class", Kind::kGauge},
    {kQueueInFlight, "Jobs that somebody works on, by class", Kind::kGauge},
    {kQueueOldestSeconds, "Age of the oldest job that is not done, by class", Kind::kGauge},
    {kQueueUp, "1 if the queue takes and gives jobs", Kind::kGauge},
    {kQueueDead, "Dead letters that wait for a person", Kind::kGauge},
    {kLaneSlots, "Tasks that a lane does at once", Kind::kGauge},
    {kLaneInService, "1 if a lane takes tasks", Kind::kGauge},
    {kLaneMemoryBytes, "Memory for the tasks of a lane together", Kind::kGauge},
    {kBulkSlots, "Slots that bulk jobs may have; fewer while the machine is under pressure", Kind::kGauge},
    {kPressure, "Part of the last ten seconds that some process of the control group stood waiting, by resource",
     Kind::kGauge},
    {kStoreFreeBytes, "Free space under the store", Kind::kGauge},
    {kStoreTakesUploads, "1 if uploads are taken, 0 while too little space is free", Kind::kGauge},
    {kStoreBlobs, "Blobs at the sweeper's last walk over all of them", Kind::kGauge},
    {kStoreBlobBytes, "Their bytes", Kind::kGauge},
};

}  // namespace tintype::metric
