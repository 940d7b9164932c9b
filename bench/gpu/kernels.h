// Kernels by themselves: what they do on one core, plainly and with the machine's best instructions, and on devices.
#pragma once

#include <vector>

#include "bench/gpu/crew.h"
#include "bench/support/bench_report.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype::bench {

// Adds a table. Coefficients to samples of whole photos; SSIMULACRA 2 of pairs of them with a long side of 1024.
// `threads`: of those who keep a device busy.
Status measure_kernels(BenchReport& report, const std::vector<BenchPhoto>& photos,
                       const std::vector<OpenClDevice>& devices, unsigned threads, double seconds);

}  // namespace tintype::bench
