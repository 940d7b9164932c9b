// Every metric's name and meaning, in one place. Base units (seconds, bytes); counters end in _total.
#pragma once

#include <string_view>

namespace tintype::metric {

struct Described {
  std::string_view name;
  std::string_view help;
};

inline constexpr std::string_view kJobsFinished = "tintype_jobs_finished_total";
inline constexpr std::string_view kJobRetries = "tintype_job_retries_total";
inline constexpr std::string_view kJobSeconds = "tintype_job_seconds";
inline constexpr std::string_view kJobWaitSeconds = "tintype_job_wait_seconds";
inline constexpr std::string_view kTasks = "tintype_tasks_total";
inline constexpr std::string_view kTaskSeconds = "tintype_task_seconds";
inline constexpr std::string_view kLaneBusy = "tintype_lane_busy_slots";
inline constexpr std::string_view kChildrenStarted = "tintype_children_started_total";
inline constexpr std::string_view kChildrenLost = "tintype_children_lost_total";
inline constexpr std::string_view kDeadLetters = "tintype_dead_letters_total";
inline constexpr std::string_view kQueuePublishFailures = "tintype_queue_publish_failures_total";
inline constexpr std::string_view kSweeperActions = "tintype_sweeper_actions_total";
inline constexpr std::string_view kHttpRequests = "tintype_http_requests_total";
inline constexpr std::string_view kHttpSeconds = "tintype_http_request_seconds";
inline constexpr std::string_view kHttpBytesIn = "tintype_http_received_bytes_total";
inline constexpr std::string_view kHttpBytesOut = "tintype_http_sent_bytes_total";
inline constexpr std::string_view kCacheHits = "tintype_cache_hits_total";
inline constexpr std::string_view kCacheMisses = "tintype_cache_misses_total";
inline constexpr std::string_view kStoreFreeBytes = "tintype_store_free_bytes";

// Looked up by Metrics::render; a name that is not here is a bug.
inline constexpr Described kAll[] = {
    {kJobsFinished, "Jobs that ended, by class and result"},
    {kJobRetries, "Attempts that failed and were retried, by cause"},
    {kJobSeconds, "Time from a job's first attempt to its commit, by class"},
    {kJobWaitSeconds, "Time from enqueue to the first attempt, by class"},
    {kTasks, "Tasks that lanes finished, by lane and result"},
    {kTaskSeconds, "Time a lane worked on a task, by lane"},
    {kLaneBusy, "Slots of a lane that are working"},
    {kChildrenStarted, "Sandboxed children started"},
    {kChildrenLost, "Sandboxed children that did not end as asked, by cause"},
    {kDeadLetters, "Jobs given up, by cause"},
    {kQueuePublishFailures, "Jobs the queue did not take; the sweeper enqueues them later"},
    {kSweeperActions, "What the sweeper mended, by kind"},
    {kHttpRequests, "Requests answered, by route and status"},
    {kHttpSeconds, "Time to answer a request, by route"},
    {kHttpBytesIn, "Body bytes received"},
    {kHttpBytesOut, "Body bytes sent"},
    {kCacheHits, "Reads answered from memory, or by waiting for another's read, by cache"},
    {kCacheMisses, "Reads that asked the store, by cache"},
    {kStoreFreeBytes, "Free space under the store"},
};

}  // namespace tintype::metric
