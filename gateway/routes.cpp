#include "gateway/routes.h"

#include <algorithm>

namespace tintype {
namespace {

constexpr Route kRoutes[] = {
    {"POST", "/v1/photos", upload_photo, "name recipe class batch", Needs::kOwner, true},
    {"GET", "/v1/photos", list_photos, "by from to limit cursor urls ttl"},
    {"GET", "/v1/photos/{id}", show_photo, "urls ttl"},
    {"DELETE", "/v1/photos/{id}", delete_photo, ""},
    {"GET", "/v1/photos/{id}/original", send_original, "v"},
    {"GET", "/v1/photos/{id}/variants/{name}", send_variant, "or v", Needs::kOwner, false, true},
    {"GET", "/v1/photos/{id}/picture", send_picture, "w v", Needs::kOwner, false, true},
    {"GET", "/v1/timeline/buckets", list_timeline_buckets, "by from to"},
    {"GET", "/v1/timeline/bucket", show_timeline_bucket, "timeBucket by"},
    {"GET", "/s/{signature}/{key}/{expires}/{owner}/{photo}/{revision}/{name}", send_signed_picture, "",
     Needs::kSignature, false, true},
    {"OPTIONS", "/v1/uploads", describe_tus, "", Needs::kNothing},
    {"POST", "/v1/uploads", create_upload, "name recipe class batch", Needs::kOwner, true},
    {"GET", "/v1/uploads/{id}", show_upload, ""},
    {"PATCH", "/v1/uploads/{id}", append_to_upload, "", Needs::kOwner, true},
    {"DELETE", "/v1/uploads/{id}", terminate_upload, ""},
    {"POST", "/v1/uploads/{id}", override_upload, "", Needs::kOwner, true},
    {"POST", "/v1/compress", compress_picture, "recipe rung format long_side quality effort encoder deadline_ms",
     Needs::kOwner, true},
    {"POST", "/v1/jobs", submit_job, "name recipe class batch", Needs::kOwner, true},
    {"GET", "/v1/jobs/{id}/results", list_results, ""},
    {"GET", "/v1/jobs/{id}/results/{name}", send_result, ""},
    {"GET", "/v1/jobs", list_jobs, "state class batch limit cursor"},
    {"GET", "/v1/jobs/{id}", show_job, ""},
    {"GET", "/v1/jobs/{id}/explain", explain_job, ""},
    {"POST", "/v1/jobs/{id}/cancel", cancel_job, ""},
    {"GET", "/v1/events", follow_events, "batch job"},
    {"POST", "/hooks/s3", take_s3_events, "", Needs::kOperator},
    {"POST", "/hooks/tus", take_tusd_hook, "", Needs::kOperator},
    {"GET", "/v1/dead", list_dead_letters, "after limit", Needs::kOperator},
    {"POST", "/v1/dead/{sequence}/replay", replay_dead_letter, "", Needs::kOperator},
    {"DELETE", "/v1/dead/{sequence}", delete_dead_letter, "", Needs::kOperator},
    {"GET", "/v1/devices", show_devices, "", Needs::kOperator},
    {"GET", "/v1/recipes", list_recipes, ""},
    {"GET", "/v1/recipes/{name}", show_recipe, ""},
    {"PUT", "/v1/recipes/{name}", put_recipe, "", Needs::kOperator},
    {"GET", "/", show_front_page, "", Needs::kNothing},
    {"GET", "/openapi.json", show_openapi, "", Needs::kNothing},
    {"GET", "/healthz", show_health, "", Needs::kNothing},
    {"GET", "/readyz", show_readiness, "", Needs::kNothing},
    {"POST", "/v1/snapshot", take_snapshot, "", Needs::kOperator},
    {"DELETE", "/v1/snapshot", drop_snapshot, "", Needs::kOperator},
    {"GET", "/v1/status", show_status, "", Needs::kOperator},
    {"POST", "/v1/scrub", start_scrub, "rate_mb repair afresh", Needs::kOperator},
    {"GET", "/v1/scrub", show_scrub, "", Needs::kOperator},
    {"DELETE", "/v1/scrub", stop_scrub, "", Needs::kOperator},
    {"GET", "/v1/store/blobs", export_blobs, "cursor limit", Needs::kOperator},
    {"GET", "/v1/store/blobs/{owner}/{photo}/{generation}/{part}", export_blob, "", Needs::kOperator},
    {"GET", "/v1/store/blobs/{owner}/{photo}/{generation}/{part}/info", export_blob_info, "", Needs::kOperator},
    {"GET", "/v1/store/photos/{owner}", export_photos, "cursor limit", Needs::kOperator},
    {"GET", "/v1/store/photos/{owner}/{id}", export_photo, "", Needs::kOperator},
    {"GET", "/v1/store/jobs", export_jobs, "cursor limit", Needs::kOperator},
    {"GET", "/metrics", show_metrics, "", Needs::kOperator},
};

// The pattern's arguments, or none if `segments` do not fit it.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::span<const std::string> segments) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!pattern.starts_with('/')) return {};
    pattern.remove_prefix(1);
    const std::string_view expected = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(expected.size());
    if (expected.starts_with('{')) {
      if (segments[i].empty()) return {};
      arguments.push_back(segments[i]);
    } else if (expected != segments[i]) {
      return {};
    }
  }
  if (!pattern.empty()) return {};
  return arguments;
}

}  // namespace

std::span<const Route> all_routes() { return kRoutes; }

RouteMatch find_route(std::string_view method, std::span<const std::string> segments) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  RouteMatch found;
  for (const Route& route : kRoutes) {
    auto arguments = match(route.pattern, segments);
    if (!arguments) continue;
    if (route.method == wanted) return {&route, std::move(*arguments), {}};
    if (!found.allowed.empty()) found.allowed += ", ";
    found.allowed += route.method;
    if (route.method == "GET") found.allowed += ", HEAD";
  }
  return found;
}

bool lists_name(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

}  // namespace tintype
