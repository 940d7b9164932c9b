// Router: the HTTP API as an http::Application: access, routes, problems, request metrics.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "gateway/api.h"

namespace tintype {

class Router final : public http::Application {
 public:
  // `at_hand`: the same, over what is in memory; null: nothing is.
  Router(Api& api, Api* at_hand);

  std::optional<http::Response> begin_at_once(http::Request& request) override;
  http::Begun begin(http::Request& request) override;
  http::Response refuse(int status, const std::string& detail) override;
  void finished(const http::Request& request, const http::Finished& facts) override;

 private:
  Result<http::Begun> dispatch(http::Request& request);
  http::Begun answer_of(const http::Request& request, Result<http::Begun> begun);
  Status check_browser(const http::Request& request) const;

  Api& api_;
  Api* const at_hand_;
  Counter& bytes_in_;
  Counter& bytes_out_;
  // Of the socket thread alone.
  std::map<std::pair<std::string_view, int>, Counter*> answered_;
  std::map<std::string_view, Histogram*> seconds_;
};

}  // namespace tintype
