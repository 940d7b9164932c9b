#include "gateway/router.h"

#include <format>

#include "core/base/metric_names.h"
#include "gateway/access/browser_checks.h"
#include "gateway/access/gate.h"
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

Status check_parameters(const http::Target& target, const Route& route) {
  for (const auto& [name, value] : target.query) {
    if (lists_name(route.parameters, name)) continue;
    return fail(ErrorCode::kInvalidArgument,
                route.parameters.empty()
                    ? std::format("'{}' is not a parameter of this request; it takes none", name)
                    : std::format("'{}' is not a parameter of this request; it takes: {}", name, route.parameters));
  }
  return {};
}

}  // namespace

Router::Router(Api& api, Api* at_hand)
    : api_(api),
      at_hand_(at_hand),
      bytes_in_(api.services.metrics.counter(metric::kHttpBytesIn)),
      bytes_out_(api.services.metrics.counter(metric::kHttpBytesOut)) {}

http::Begun Router::begin(http::Request& request) { return answer_of(request, dispatch(request)); }

// Pictures that are in memory: waking a worker would cost more than they do. Whatever goes another way is left to
// begin().
std::optional<http::Response> Router::begin_at_once(http::Request& request) {
  if (!at_hand_ || (request.method != "GET" && request.method != "HEAD")) return {};
  auto target = http::parse_target(request.target);
  if (!target) return {};
  RouteMatch found = find_route(request.method, target->segments);
  if (!found.route || !found.route->at_once) return {};
  const Route& route = *found.route;
  if (route.needs != Needs::kSignature && !check_browser(request)) return {};
  const auto caller = api_.gate.identify(request, route.needs);
  if (!caller || !check_parameters(*target, route)) return {};
  auto begun = route.handler({*at_hand_, request, std::move(*target), std::move(found.arguments), caller->owner});
  if (!begun) return {};
  request.route = route.pattern;
  request.token_id = caller->token_id;
  if (auto over = api_.gate.count(*caller, request)) return over;
  return std::get<http::Response>(std::move(*begun));
}

// What failed, as the problem that says so.
http::Begun Router::answer_of(const http::Request& request, Result<http::Begun> begun) {
  if (begun) return std::move(*begun);
  if (http_status(begun.error().code) >= 500) {
    api_.services.log.warning(
        "request_failed",
        {{"method", request.method}, {"target", request.target}, {"error", begun.error().to_string()}});
  }
  return problem_response(std::move(begun).error());
}

// A browser sends what it is told to by any page. A name that a page made to point here (DNS rebinding) gets it
// nothing where a token is demanded, as the page has none.
Status Router::check_browser(const http::Request& request) const {
  if (!api_.config.trust_network && !api_.config.demands_tokens()) {
    TT_TRY(check_host(request, api_.config.address));
  }
  return check_origin(request);
}

Result<http::Begun> Router::dispatch(http::Request& request) {
  TT_ASSIGN(http::Target target, http::parse_target(request.target));
  RouteMatch found = find_route(request.method, target.segments);
  if (!found.route || found.route->needs != Needs::kSignature) TT_TRY(check_browser(request));
  if (!found.route) {
    if (found.allowed.empty()) return fail(ErrorCode::kNotFound, "there is nothing at this path; see docs/api.md");
    http::Response response = problem_response(Problem{
        {ErrorCode::kUnsupported, std::format("{} is not known here; allowed: {}", request.method, found.allowed)},
        405,
        {},
        {}});
    response.set("Allow", found.allowed);
    return response;
  }
  request.route = found.route->pattern;
  const Route& route = *found.route;
  auto caller = api_.gate.identify(request, route.needs);
  if (!caller) return std::move(caller.error());
  request.token_id = caller->token_id;
  if (auto over = api_.gate.count(*caller, request)) return std::move(*over);
  TT_TRY(check_parameters(target, route));
  const Call call{api_, request, std::move(target), std::move(found.arguments), caller->owner};
  if (!route.makes_job) return route.handler(call);
  return api_.gate.with_job_slot(*caller, [&] { return answer_of(request, route.handler(call)); });
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
    counter = &metrics.counter(metric::kHttpRequests, label({{"route", route}, {"status", std::to_string(status)}}));
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
  bytes_in_.add(static_cast<double>(facts.bytes_in));
  bytes_out_.add(static_cast<double>(facts.bytes_out));
  if (!request.token_id.empty()) api_.gate.charge(request.token_id, facts.bytes_in + facts.bytes_out);
}

}  // namespace tintype
