// What every handler of the HTTP API is given. Private to gateway.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "gateway/gateway.h"
#include "gateway/http/server.h"
#include "gateway/http/target.h"
#include "gateway/recipes/recipe_book.h"

namespace tintype {

class EventHub;
class Gate;
class Ingests;
class JobPublisher;
class Transients;
class TusUploads;

// What handlers stand on. Handlers run on several threads at once.
struct Api {
  const GatewayConfig& config;
  const GatewayServices& services;
  JobPublisher& publisher;
  EventHub& events;
  Gate& gate;
  RecipeBook& recipes;
  std::mutex recipe_writes;          // one PUT of a recipe at a time
  std::mutex replays;                // one replay at a time: two of one letter would enqueue it twice
  Transients* transients = nullptr;  // never null once the gateway serves
  Ingests* ingests = nullptr;        // never null once the gateway serves
  TusUploads* tus = nullptr;         // null: no resumable uploads
};

// One request, matched to its route.
struct Call {
  Api& api;
  const http::Request& request;
  http::Target target;
  std::vector<std::string> arguments;  // what stood in the pattern's {…}, in order
  std::string owner;
};

// The answer, or who takes the body; an Error becomes a problem answer (problem.h).
using Handler = Result<http::Begun> (*)(const Call& call);

// photos/photos_list.cpp
Result<http::Begun> list_photos(const Call& call);
Result<http::Begun> list_timeline_buckets(const Call& call);
Result<http::Begun> show_timeline_bucket(const Call& call);
// photos/photos_upload.cpp, photos/photos_read.cpp, photos/photos_delete.cpp
Result<http::Begun> upload_photo(const Call& call);
Result<http::Begun> show_photo(const Call& call);
Result<http::Begun> send_original(const Call& call);
Result<http::Begun> send_variant(const Call& call);
Result<http::Begun> send_picture(const Call& call);
Result<http::Begun> send_signed_picture(const Call& call);
Result<http::Begun> delete_photo(const Call& call);
// tus/tus_routes.cpp
Result<http::Begun> describe_tus(const Call& call);
Result<http::Begun> create_upload(const Call& call);
Result<http::Begun> show_upload(const Call& call);
Result<http::Begun> append_to_upload(const Call& call);
Result<http::Begun> terminate_upload(const Call& call);
Result<http::Begun> override_upload(const Call& call);
// jobs/compress.cpp, jobs/job_submit.cpp, jobs/job_results.cpp
Result<http::Begun> compress_picture(const Call& call);
Result<http::Begun> submit_job(const Call& call);
Result<http::Begun> list_results(const Call& call);
Result<http::Begun> send_result(const Call& call);
// hooks/s3_hook.cpp, hooks/tus_hook.cpp
Result<http::Begun> take_s3_events(const Call& call);
Result<http::Begun> take_tusd_hook(const Call& call);
// jobs/jobs.cpp, jobs/events.cpp
Result<http::Begun> list_jobs(const Call& call);
Result<http::Begun> show_job(const Call& call);
Result<http::Begun> explain_job(const Call& call);
Result<http::Begun> cancel_job(const Call& call);
Result<http::Begun> follow_events(const Call& call);
// jobs/dead_letters.cpp
Result<http::Begun> list_dead_letters(const Call& call);
Result<http::Begun> replay_dead_letter(const Call& call);
Result<http::Begun> delete_dead_letter(const Call& call);
// recipes/recipes.cpp
Result<http::Begun> list_recipes(const Call& call);
Result<http::Begun> show_recipe(const Call& call);
Result<http::Begun> put_recipe(const Call& call);
// operations/health.cpp
Result<http::Begun> show_devices(const Call& call);
Result<http::Begun> show_health(const Call& call);
Result<http::Begun> show_readiness(const Call& call);
Result<http::Begun> show_metrics(const Call& call);
// operations/scrubs.cpp, operations/status.cpp
Result<http::Begun> start_scrub(const Call& call);
Result<http::Begun> show_scrub(const Call& call);
Result<http::Begun> stop_scrub(const Call& call);
Result<http::Begun> show_status(const Call& call);
// operations/store_export.cpp
Result<http::Begun> export_blobs(const Call& call);
Result<http::Begun> export_blob(const Call& call);
Result<http::Begun> export_blob_info(const Call& call);
Result<http::Begun> export_photos(const Call& call);
Result<http::Begun> export_photo(const Call& call);
Result<http::Begun> export_jobs(const Call& call);
// front_page.cpp, openapi.cpp
Result<http::Begun> show_front_page(const Call& call);
Result<http::Begun> show_openapi(const Call& call);
// operations/snapshots.cpp
Result<http::Begun> take_snapshot(const Call& call);
Result<http::Begun> drop_snapshot(const Call& call);

}  // namespace tintype
