// The routes of the HTTP API, as a literal list. docs/api.md says what each does.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/gate.h"
#include "gateway/api.h"

namespace tintype {

struct Route {
  std::string_view method;
  std::string_view pattern;  // "{…}" stands for one segment
  Handler handler;
  std::string_view parameters;  // the query's names it knows, separated by blanks; any other is refused
  Needs needs = Needs::kOwner;
  bool makes_job = false;  // counts against a token's jobs in flight
  bool at_once = false;    // may be answered on the socket thread, from memory: its handler only reads
};

std::span<const Route> all_routes();

struct RouteMatch {
  const Route* route = nullptr;        // null: no such path, or not by that method
  std::vector<std::string> arguments;  // of `route`
  std::string allowed;                 // methods the path knows, for 405; empty: no such path
};

// HEAD goes where GET goes.
RouteMatch find_route(std::string_view method, std::span<const std::string> segments);

// True if `names` (separated by blanks) holds `name`.
bool lists_name(std::string_view names, std::string_view name);

}  // namespace tintype
