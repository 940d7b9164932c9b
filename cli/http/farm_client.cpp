#include "cli/http/farm_client.h"

#include <cstdlib>
#include <format>
#include <optional>
#include <utility>

#include "cli/text/utf8.h"

namespace tintype {
namespace {

constexpr std::chrono::seconds kStallTimeout{30};

}  // namespace

Result<std::string> farm_url(std::string_view text) {
  std::string url(text);
  while (url.ends_with('/')) url.pop_back();
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || url.size() < 9 || url.find_first_of(" \t\r\n?#") != std::string::npos) {
    return fail(
        ErrorCode::kInvalidArgument,
        std::format("\"{}\" is not the address of a farm: give one like http://127.0.0.1:8420", printable(text)));
  }
  return url;
}

std::vector<std::string> farm_headers() {
  const char* token = std::getenv("TINTYPE_TOKEN");
  if (token == nullptr || *token == '\0') return {};
  return {std::string("Authorization: Bearer ") + token};
}

Result<HttpAnswer> FarmClient::call(std::string method, std::string_view target, std::string body) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = url_ + std::string(target);
  request.body = std::move(body);
  request.stall_timeout = kStallTimeout;
  std::optional<Result<HttpAnswer>> answer;
  engine_.start(std::move(request), [&answer](Result<HttpAnswer> got) { answer = std::move(got); });
  while (!answer) engine_.poll(std::chrono::milliseconds(1000));
  if (!*answer && answer->error().code == ErrorCode::kUnavailable) {
    return fail(
        ErrorCode::kUnavailable,
        std::format("no farm answers at {} ({}); start one with `tintype serve` or name another with --farm URL", url_,
                    answer->error().message));
  }
  if (*answer && (*answer)->status >= 300) return fail(error_of(**answer));
  return *std::move(answer);
}

Result<Json> FarmClient::get_json(std::string_view target) { return json_of(call("GET", target)); }
Result<Json> FarmClient::post_json(std::string_view target) { return json_of(call("POST", target)); }

}  // namespace tintype
