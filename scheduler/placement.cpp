#include "scheduler/placement.h"

#include <format>

namespace tintype {

Result<Placement> placement_of(std::string_view word) {
  if (word == "fastest") return Placement::kFastest;
  if (word == "devices-first") return Placement::kDevicesFirst;
  return fail(ErrorCode::kInvalidArgument, std::format("placement {}: write fastest or devices-first", word));
}

PlaceVerdict devices_first(const PlanWay& cpu, const PlanWay& device, double seconds_left) {
  if (!device.excluded.empty()) return {false, "devices come first, but none can: " + device.excluded};
  const bool is_late = device.end_seconds() > seconds_left;
  if (is_late && cpu.excluded.empty() && cpu.end_seconds() < device.end_seconds()) {
    return {false, std::format("devices come first, but its deadline is {:.2f} s from now, and {} would be done in "
                               "{:.2f} s, {} in {:.2f} s",
                               seconds_left, device.name, device.end_seconds(), cpu.name, cpu.end_seconds())};
  }
  std::string reason = "devices come first";
  if (device.wait_seconds > 0)
    reason += std::format(", also if they have to be waited for: {:.2f} s", device.wait_seconds);
  return {true, std::move(reason)};
}

}  // namespace tintype
