// GET /v1/status: the farm at a glance.
#include <algorithm>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/operations/scrub_json.h"
#include "storage_client/scrub/scrubber.h"

namespace tintype {
namespace {

Json queue_json(const GatewayServices& services) {
  const Status health = services.queue.health();
  const Result<QueueDepth> depth = services.queue.depth();
  Json queue = {{"ok", health && depth},
                {"detail", !health  ? health.error().message
                           : !depth ? depth.error().message
                                    : std::string()}};
  Json classes = Json::array();
  if (depth) {
    const UnixMs now = services.clock.now_ms();
    for (const ClassDepth& one : depth->classes) {
      const bool is_empty = one.oldest_at_ms == 0 || one.waiting + one.in_flight == 0;
      const UnixMs age_ms = is_empty ? 0 : std::max<UnixMs>(0, now - one.oldest_at_ms);
      classes.push_back({{"class", job_class_name(one.job_class)},
                         {"waiting", one.waiting},
                         {"in_flight", one.in_flight},
                         {"oldest_seconds", static_cast<double>(age_ms) / 1000}});
    }
    queue["dead"] = depth->dead;
  }
  queue["classes"] = std::move(classes);
  return queue;
}

Json store_json(const GatewayServices& services) {
  const auto free = services.blobs.free_bytes();
  Status index;
  if (const auto asked = services.index.owns_blobs("local", PhotoId{}); !asked) index = fail(asked.error());
  const Status uploads = services.blobs.takes_blobs();
  return {{"ok", free && index},
          {"takes_uploads", free && index && uploads},
          {"detail", !free      ? free.error().message
                     : !index   ? index.error().message
                     : !uploads ? uploads.error().message
                                : std::string()},
          {"free_bytes", free ? Json(*free) : Json(nullptr)}};
}

Json nodes_json(const GatewayServices& services) {
  const Json devices = Json::parse(services.devices_json(), nullptr, false);
  const auto nodes = devices.is_object() ? devices.find("nodes") : devices.end();
  return devices.is_object() && nodes != devices.end() ? *nodes : Json::array();
}

}  // namespace

Result<http::Begun> show_status(const Call& call) {
  const GatewayServices& services = call.api.services;
  Json scrub = nullptr;
  if (services.scrubber) {
    if (const auto state = services.scrubber->state()) scrub = to_json_value(*state, false);
  }
  return json_answer(200, {{"at", to_rfc3339(services.clock.now_ms())},
                           {"gateway", call.api.config.name},
                           {"store", store_json(services)},
                           {"queue", queue_json(services)},
                           {"nodes", nodes_json(services)},
                           {"scrub", std::move(scrub)}});
}

}  // namespace tintype
