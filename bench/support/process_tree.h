// CPU that running processes, and the whole machine, have used so far, in seconds.
#pragma once

#include <sys/types.h>

namespace tintype::bench {

// Of this one alone, all its threads.
double cpu_seconds_of(pid_t pid);
// Of everything that it started, directly or not: what runs, and what has ended and was waited for by others
// than itself.
double cpu_seconds_below(pid_t pid);

// Of all cores since the machine started.
struct MachineTime {
  double busy_s = 0;     // for anybody; not what another machine took of this one's
  double waiting_s = 0;  // idle, while something waited for a disk
};
MachineTime machine_time();

}  // namespace tintype::bench
