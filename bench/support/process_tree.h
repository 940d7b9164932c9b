// CPU that running processes have used so far, in seconds.
#pragma once

#include <sys/types.h>

namespace tintype::bench {

// Of this one alone, all its threads.
double cpu_seconds_of(pid_t pid);
// Of everything that it started, directly or not: what runs, and what has ended and was waited for by others
// than itself.
double cpu_seconds_below(pid_t pid);

}  // namespace tintype::bench
