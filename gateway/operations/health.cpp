// GET /healthz, /readyz, /metrics, /v1/devices
#include <algorithm>

#include "core/base/metric_names.h"
#include "gateway/api.h"
#include "gateway/json_answer.h"

namespace tintype {
namespace {

// What blobs and index need to be there for, in short.
Status check_store(const GatewayServices& services) {
  TT_TRY(services.blobs.free_bytes());
  TT_TRY(services.index.owns_blobs("local", PhotoId{}));
  return {};
}

std::string word(const Status& status) { return status ? "ok" : status.error().message; }

void measure_queue(const GatewayServices& services) {
  const Result<QueueDepth> depth = services.queue.depth();
  services.metrics.gauge(metric::kQueueUp).set(depth ? 1 : 0);
  if (!depth) return;
  const double now_ms = static_cast<double>(services.clock.now_ms());
  for (const ClassDepth& one : depth->classes) {
    const std::string labels = label({{"class", job_class_name(one.job_class)}});
    services.metrics.gauge(metric::kQueueWaiting, labels).set(static_cast<double>(one.waiting));
    services.metrics.gauge(metric::kQueueInFlight, labels).set(static_cast<double>(one.in_flight));
    const bool is_empty = one.oldest_at_ms == 0 || one.waiting + one.in_flight == 0;
    services.metrics.gauge(metric::kQueueOldestSeconds, labels)
        .set(is_empty ? 0 : std::max(0.0, now_ms - static_cast<double>(one.oldest_at_ms)) / 1000);
  }
  services.metrics.gauge(metric::kQueueDead).set(static_cast<double>(depth->dead));
}

}  // namespace

// Alive: this process answers. Nothing else is asked, so that a slow disk does not get it killed.
Result<http::Begun> show_health(const Call&) { return json_answer(200, {{"ok", true}}); }

// Ready: photos can be read and deleted. Less than that is 503; less than everything is said, with 200.
Result<http::Begun> show_readiness(const Call& call) {
  const GatewayServices& services = call.api.services;
  const Status store = check_store(services);
  const Status uploads = store ? services.blobs.takes_blobs() : store;
  const Status queue = services.queue.health();
  const Status lanes = services.check_lanes ? services.check_lanes() : Status();
  const std::string_view state = !store     ? "store_down"
                                 : !uploads ? "read_only"
                                 : !queue   ? "queue_down"
                                 : !lanes   ? "lane_down"
                                            : "ok";
  return json_answer(store ? 200 : 503, {{"ready", store.has_value()},
                                         {"state", state},
                                         {"store", word(store)},
                                         {"uploads", word(uploads)},
                                         {"queue", word(queue)},
                                         {"lanes", word(lanes)}});
}

Result<http::Begun> show_metrics(const Call& call) {
  const GatewayServices& services = call.api.services;
  if (const auto free = services.blobs.free_bytes()) {
    services.metrics.gauge(metric::kStoreFreeBytes).set(static_cast<double>(*free));
  }
  services.metrics.gauge(metric::kStoreTakesUploads).set(services.blobs.takes_blobs() ? 1 : 0);
  measure_queue(services);
  return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", services.metrics.render());
}

Result<http::Begun> show_devices(const Call& call) {
  http::Response response(200, "application/json", call.api.services.devices_json());
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace tintype
