#include "cli/commands/devices_command.h"

#include <format>

#include "cli/commands/own_devices.h"
#include "cli/exit_codes.h"
#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"

namespace tintype {

std::string devices_text(const Json& nodes) {
  std::string text;
  for (const Json& node : nodes) {
    if (!text.empty()) text += '\n';
    text += std::format("Node {}\n", printable(text_at(node, "node")));
    Table lanes({{"Lane"},
                 {"Kind"},
                 {"Slots", Align::kRight},
                 {"State"},
                 {"Done", Align::kRight},
                 {"Failed", Align::kRight},
                 {"Restarts", Align::kRight},
                 {"Device"}});
    Table rates({{"Lane"}, {"Step"}, {"Pace of a slot", Align::kRight}});
    for (const Json& lane : array_at(node, "lanes")) {
      const std::string reason = text_at(lane, "reason");
      lanes.add_row({text_at(lane, "name"), text_at(lane, "kind"), human_count(count_at(lane, "slots")),
                     text_at(lane, "state") + (reason.empty() ? "" : ": " + reason),
                     human_count(count_at(lane, "tasks_done")), human_count(count_at(lane, "tasks_failed")),
                     human_count(count_at(lane, "restarts")), text_at(lane, "device")});
      for (const Json& rate : array_at(lane, "rates")) {
        rates.add_row({text_at(lane, "name"), text_at(rate, "step"),
                       std::format("{:.1f} MP/s", number_at(rate, "megapixels_per_second"))});
      }
    }
    text += lanes.to_string(2);
    const std::string held_back = node.contains("bulk") ? text_at(node["bulk"], "reason") : "";
    if (!held_back.empty()) {
      text += std::format("  Bulk jobs may have {} of {} slots: {}\n", count_at(node["bulk"], "slots"),
                          count_at(node["bulk"], "of"), printable(held_back));
    }
    if (!rates.empty()) text += '\n' + rates.to_string(2);
  }
  return text.empty() ? "the farm has no nodes: nothing will be compressed until one is there\n" : text;
}

int run_devices(const DevicesOptions& options) {
  bool is_there = false;
  const auto ask = [&](FarmClient& farm) -> Result<int> {
    const Result<Json> devices = farm.get_json("/v1/devices");
    if (!devices && devices.error().code == ErrorCode::kUnavailable && !options.is_farm_named) return kExitFarm;
    if (!devices) return fail(devices.error());
    is_there = true;
    options.farm.json ? print_json(*devices) : print(devices_text(array_at(*devices, "nodes")));
    return kExitOk;
  };
  if (!options.verify) {
    const int status = with_farm("devices", options.farm, ask);
    if (is_there || options.is_farm_named || status != kExitFarm) return status;
  }
  const OwnDevices own = test_own_devices(options.devices, options.verify);
  options.farm.json ? print_json(own_devices_json(own)) : print(own_devices_text(own, options.verify));
  return !options.verify || all_passed(own) ? kExitOk : kExitSomeFailed;
}

}  // namespace tintype
