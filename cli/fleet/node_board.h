// NodeBoard: what nodes tell of themselves, as every gateway knows it: the body of GET /v1/devices.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/queue/broadcast.h"

namespace tintype {

inline constexpr std::chrono::seconds kNodeTellsEvery{2};
inline constexpr std::chrono::seconds kNodeForgottenAfter{10};

// From a node: a report as devices_json() writes it, or that it leaves.
Status tell_of_node(Broadcast& broadcast, const std::string& devices_json);
Status tell_of_leaving(Broadcast& broadcast, const std::string& node);

// Thread-safe.
class NodeBoard {
 public:
  // `clock` must outlive it.
  explicit NodeBoard(const Clock& clock) : clock_(clock) {}
  Status listen(Broadcast& broadcast);

  // All nodes that were heard of lately, by name: {"nodes":[...]}.
  std::string devices_json();

 private:
  struct Node {
    std::string json;  // one of the array
    double heard_at_seconds = 0;
  };
  void hear(std::string_view words);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Node> nodes_;
  std::unique_ptr<Listening> listening_;  // last: it calls hear()
};

}  // namespace tintype
