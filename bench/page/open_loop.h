// Work that is due at a stated rate, whether or not what was due before is done.
#pragma once

#include <functional>

#include "bench/support/latencies.h"

namespace tintype::bench {

// Calls work(thread) `per_second` times a second on as many threads as it takes, up to `threads`; each call
// is timed from when it was due.
void open_loop(double per_second, double seconds, int threads, Latencies& latencies,
               const std::function<void(int thread)>& work);

}  // namespace tintype::bench
