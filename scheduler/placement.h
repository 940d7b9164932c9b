// Placement: by which rule a photo's pixel work goes to a device or stays on the CPU. The operator's choice
// (`serve --placement`). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

enum class Placement : std::uint8_t {
  kFastest,       // goes the way that is predicted to cost less (scheduler/cut_choice.h)
  kDevicesFirst,  // waits for a device that is in service and can do it; the CPU's is the rest
};

// "fastest", "devices-first"; kInvalidArgument for any other word.
Result<Placement> placement_of(std::string_view word);

// One way to do a plan, as predicted if it began now.
struct PlanWay {
  std::string name;
  std::string excluded = "";  // why it cannot be
  double wait_seconds = 0;
  double work_seconds = 0;
  double delay_of_others_seconds = 0;

  double end_seconds() const { return wait_seconds + work_seconds; }
  double cost() const { return end_seconds() + delay_of_others_seconds; }
};

struct PlaceVerdict {
  bool is_for_device = false;
  std::string reason;  // for people
};

// The verdict of kDevicesFirst. However long a device is waited for, the CPU does its work only if no device can, or if
// the device would miss the job's deadline and the CPU would be done sooner. `seconds_left`: to that deadline;
// infinity: there is none.
PlaceVerdict devices_first(const PlanWay& cpu, const PlanWay& device, double seconds_left);

}  // namespace tintype
