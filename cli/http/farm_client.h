// FarmClient: one request after the other to a farm's HTTP API (docs/api.md), each waited for. For commands.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cli/http/farm_json.h"
#include "cli/http/http_engine.h"
#include "core/base/result.h"

namespace tintype {

// "http://host:port" without a slash at its end; kInvalidArgument if it is no http or https URL.
Result<std::string> farm_url(std::string_view text);

// What goes with every request to a farm that somebody else runs: the access token of the environment's
// TINTYPE_TOKEN, if there is one.
std::vector<std::string> farm_headers();

class FarmClient {
 public:
  FarmClient(HttpEngine& engine, std::string url) : engine_(engine), url_(std::move(url)) {}

  const std::string& url() const { return url_; }
  // `target` starts with a slash. Fails with the farm's own error for a status of 300 and above.
  Result<HttpAnswer> call(std::string method, std::string_view target, std::string body = "");
  Result<Json> get_json(std::string_view target);
  Result<Json> post_json(std::string_view target);

 private:
  HttpEngine& engine_;
  std::string url_;
};

}  // namespace tintype
