#include "gateway/routes.h"

#include <algorithm>

namespace tintype {
namespace {

constexpr Route kRoutes[] = {
    {"POST", "/v1/photos", upload_photo, "name recipe class batch"},
    {"GET", "/v1/photos", list_photos, "by from to limit cursor"},
    {"GET", "/v1/photos/{id}", show_photo, ""},
    {"DELETE", "/v1/photos/{id}", delete_photo, ""},
    {"GET", "/v1/photos/{id}/original", send_original, ""},
    {"GET", "/v1/photos/{id}/variants/{name}", send_variant, ""},
    {"GET", "/v1/jobs", list_jobs, "state class batch limit cursor"},
    {"GET", "/v1/jobs/{id}", show_job, ""},
    {"GET", "/v1/jobs/{id}/explain", explain_job, ""},
    {"POST", "/v1/jobs/{id}/cancel", cancel_job, ""},
    {"GET", "/v1/events", follow_events, "batch"},
    {"GET", "/v1/dead", list_dead_letters, "after limit"},
    {"POST", "/v1/dead/{sequence}/replay", replay_dead_letter, ""},
    {"DELETE", "/v1/dead/{sequence}", delete_dead_letter, ""},
    {"GET", "/v1/devices", show_devices, ""},
    {"GET", "/v1/recipes", list_recipes, ""},
    {"GET", "/v1/recipes/{name}", show_recipe, ""},
    {"PUT", "/v1/recipes/{name}", put_recipe, ""},
    {"GET", "/healthz", show_health, ""},
    {"GET", "/readyz", show_readiness, ""},
    {"POST", "/v1/snapshot", take_snapshot, ""},
    {"DELETE", "/v1/snapshot", drop_snapshot, ""},
    {"GET", "/metrics", show_metrics, ""},
};

// The pattern's arguments, or none if `segments` do not fit it.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              std::span<const std::string> segments) {
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

std::span<const Route> all_routes() {
  return kRoutes;
}

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
