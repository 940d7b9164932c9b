#include "gateway/router.h"

#include <format>

#include "core/base/metric_names.h"
#include "gateway/access.h"
#include "gateway/problem.h"
#include "gateway/routes.h"

namespace tintype {
namespace {

constexpr std::string_view kNoRoute = "none";
// nginx's number for "the client closed the request": never sent, only counted.
constexpr int kClientLeft = 499;

ErrorCode code_of_refusal(int status) {
  switch (status) {
    case 408:
      return ErrorCode::kTimedOut;
    case 413:
      return ErrorCode::kImageTooLarge;
    case 501:
      return ErrorCode::kUnsupported;
    case 503:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInvalidArgument;
  }
}

}  // namespace

http::Begun Router::begin(http::Request& request) {
  auto begun = dispatch(request);
  if (begun) return std::move(*begun);
  if (http_status(begun.error().code) >= 500) {
    api_.services.log.warning(
        "request_failed",
        {{"method", request.method}, {"target", request.target}, {"error", begun.error().to_string()}});
  }
  return problem_response(std::move(begun).error());
}

Result<http::Begun> Router::dispatch(http::Request& request) {
  if (!api_.config.trust_network) TT_TRY(check_host(request, api_.config.address));
  TT_TRY(check_origin(request));
  TT_ASSIGN(http::Target target, http::parse_target(request.target));
  RouteMatch found = find_route(request.method, target.segments);
  if (!found.route) {
    if (found.allowed.empty())
      return fail(ErrorCode::kNotFound, "there is nothing at this path; see docs/api.md");
    http::Response response =
        problem_response(Problem{{ErrorCode::kUnsupported, std::format("{} is not known here; allowed: {}",
                                                                       request.method, found.allowed)},
                                 405,
                                 {},
                                 {}});
    response.set("Allow", found.allowed);
    return response;
  }
  request.route = found.route->pattern;
  for (const auto& [name, value] : target.query) {
    if (!lists_name(found.route->parameters, name)) {
      return fail(ErrorCode::kInvalidArgument,
                  found.route->parameters.empty()
                      ? std::format("'{}' is not a parameter of this request; it takes none", name)
                      : std::format("'{}' is not a parameter of this request; it takes: {}", name,
                                    found.route->parameters));
    }
  }
  const std::string* owner = request.find_header("Tintype-Owner");
  if (owner && !is_valid_owner(*owner)) {
    return fail(ErrorCode::kInvalidArgument,
                "the header Tintype-Owner must be 1 to 64 letters, digits, '-' and '_'");
  }
  const Call call{api_, request, std::move(target), std::move(found.arguments), owner ? *owner : "local"};
  return found.route->handler(call);
}

http::Response Router::refuse(int status, const std::string& detail) {
  return problem_response(Problem{{code_of_refusal(status), detail}, status, {}, {}});
}

void Router::finished(const http::Request& request, const http::Finished& facts) {
  Metrics& metrics = api_.services.metrics;
  const std::string_view route = request.route.empty() ? kNoRoute : request.route;
  const int status = facts.status == 0 ? kClientLeft : facts.status;
  Counter*& counter = answered_[{route, status}];
  if (!counter) {
    counter = &metrics.counter(metric::kHttpRequests,
                               label({{"route", route}, {"status", std::to_string(status)}}));
  }
  counter->add();
  if (Logger& log = api_.services.log; log.writes(LogLevel::kDebug)) {
    log.debug("request", {{"method", request.method},
                          {"target", request.target},
                          {"status", status},
                          {"seconds", facts.seconds},
                          {"traceparent", request.header("traceparent")}});
  }
  Histogram*& histogram = seconds_[route];
  if (!histogram) histogram = &metrics.histogram(metric::kHttpSeconds, label({{"route", route}}));
  histogram->observe(facts.seconds);
  metrics.counter(metric::kHttpBytesIn).add(static_cast<double>(facts.bytes_in));
  metrics.counter(metric::kHttpBytesOut).add(static_cast<double>(facts.bytes_out));
}

}  // namespace tintype
