// What this machine or container lets us use: cores and memory, by affinity and control group.
#pragma once

#include <cstdint>
#include <string>

namespace tintype {

struct MachineLimits {
  int cores = 1;                   // whole ones, at least 1
  std::uint64_t memory_bytes = 0;  // 0: unknown
  std::string cpu_model;           // "AMD EPYC 9654"; "unknown CPU" if the system does not say
};

// Where the kernel's files are; tests bring their own.
struct MachineFiles {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};

// Cores: of the affinity mask, or fewer by cpu.max (rounded down, at least 1) of our control group or one above it.
// Memory: of the machine, or less by memory.max. Control groups of version 2; a version 1 hierarchy at its usual
// place is read too.
MachineLimits read_machine_limits(const MachineFiles& files = {});

}  // namespace tintype
