// How much work stands waiting here for want of CPU, memory or disk: the kernel's pressure stall information.
#pragma once

#include <string>

namespace tintype {

// The part of the last ten seconds, 0 to 1, in which some process had to wait. Zero where the kernel does not say.
struct Pressure {
  double cpu = 0;
  double memory = 0;
  double io = 0;
};

// Of the whole machine, neighbours and all: /proc/pressure, "some avg10".
Pressure read_pressure(const std::string& proc = "/proc");

}  // namespace tintype
