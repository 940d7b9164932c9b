#include "gateway/access/browser_checks.h"

#include <algorithm>
#include <format>
#include <string>

namespace tintype {

Status check_host(const http::Request& request, std::string_view address) {
  const std::string_view host = request.header("Host");
  const std::string literal = address.contains(':') ? std::format("[{}]", address) : std::string(address);
  for (const std::string& name : {literal, std::string("localhost")}) {
    if (http::equal_ignoring_case(host, std::format("{}:{}", name, request.local_port))) return {};
    if (request.local_port == 80 && http::equal_ignoring_case(host, name)) return {};
  }
  return fail(ErrorCode::kDenied,
              std::format("this farm answers to {}:{} only, not to '{}'; use that address, or start it with "
                          "--trust-network",
                          literal, request.local_port, host));
}

Status check_origin(const http::Request& request) {
  const std::string* origin = request.find_header("Origin");
  if (!origin) return {};
  const std::string_view host = request.header("Host");
  if (http::equal_ignoring_case(*origin, std::format("http://{}", host)) ||
      http::equal_ignoring_case(*origin, std::format("https://{}", host))) {
    return {};
  }
  return fail(ErrorCode::kDenied, std::format("pages of {} may not use this farm from a browser", *origin));
}

}  // namespace tintype
