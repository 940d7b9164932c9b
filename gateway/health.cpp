// GET /healthz, /readyz, /metrics, /v1/devices
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

std::string word(const Status& status) {
  return status ? "ok" : status.error().message;
}

}  // namespace

Result<http::Begun> show_health(const Call&) {
  return json_answer(200, {{"ok", true}});
}

Result<http::Begun> show_readiness(const Call& call) {
  const Status store = check_store(call.api.services);
  const Status queue = call.api.services.queue.health();
  return json_answer(store ? 200 : 503,
                     {{"ready", store.has_value()}, {"store", word(store)}, {"queue", word(queue)}});
}

Result<http::Begun> show_metrics(const Call& call) {
  const GatewayServices& services = call.api.services;
  if (const auto free = services.blobs.free_bytes()) {
    services.metrics.gauge(metric::kStoreFreeBytes).set(static_cast<double>(*free));
  }
  return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", services.metrics.render());
}

Result<http::Begun> show_devices(const Call& call) {
  http::Response response(200, "application/json", call.api.services.devices_json());
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace tintype
