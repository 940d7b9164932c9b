#include "cli/fleet/node_board.h"

#include <format>
#include <nlohmann/json.hpp>

namespace tintype {
namespace {

constexpr std::string_view kTopic = "nodes";
using Json = nlohmann::ordered_json;

}  // namespace

Status tell_of_node(Broadcast& broadcast, const std::string& devices_json) {
  return broadcast.tell(kTopic, devices_json);
}

Status tell_of_leaving(Broadcast& broadcast, const std::string& node) {
  return broadcast.tell(kTopic, Json{{"left", node}}.dump());
}

Status NodeBoard::listen(Broadcast& broadcast) {
  TT_ASSIGN(listening_, broadcast.listen(kTopic, [this](std::string_view words) { hear(words); }));
  return {};
}

void NodeBoard::hear(std::string_view words) {
  const Json told = Json::parse(words, nullptr, false);
  if (!told.is_object()) return;
  const std::lock_guard lock(mutex_);
  if (told.contains("left") && told["left"].is_string()) nodes_.erase(told["left"].get<std::string>());
  if (!told.contains("nodes") || !told["nodes"].is_array()) return;
  for (const Json& node : told["nodes"]) {
    if (!node.is_object() || !node.contains("node") || !node["node"].is_string()) continue;
    nodes_[node["node"].get<std::string>()] = {node.dump(-1, ' ', false, Json::error_handler_t::replace),
                                               clock_.steady_seconds()};
  }
}

std::string NodeBoard::devices_json() {
  const double now = clock_.steady_seconds();
  std::string all;
  const std::lock_guard lock(mutex_);
  std::erase_if(nodes_, [&](const auto& item) {
    return now - item.second.heard_at_seconds > double(kNodeForgottenAfter.count());
  });
  for (const auto& [name, node] : nodes_) all += (all.empty() ? "" : ",") + node.json;
  return std::format(R"({{"nodes":[{}]}})", all);
}

}  // namespace tintype
