// Router: the HTTP API as an http::Application: access, routes, problems, request metrics.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "gateway/api.h"

namespace tintype {

class Router final : public http::Application {
 public:
  explicit Router(Api& api) : api_(api) {}

  http::Begun begin(http::Request& request) override;
  http::Response refuse(int status, const std::string& detail) override;
  void finished(const http::Request& request, const http::Finished& facts) override;

 private:
  Result<http::Begun> dispatch(http::Request& request);

  Api& api_;
  // Of the socket thread alone.
  std::map<std::pair<std::string_view, int>, Counter*> answered_;
  std::map<std::string_view, Histogram*> seconds_;
};

}  // namespace tintype
