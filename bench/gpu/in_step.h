// What undoing Huffman coding by many at once would rest on: restart markers, or that a decoder which starts in the
// middle of a scan, without knowing where a code begins, soon falls into step with one that knows.
#pragma once

#include <vector>

#include "bench/gpu/crew.h"
#include "bench/support/bench_report.h"

namespace tintype::bench {

// Of each photo's first MB of codes: a decoder is started at every 1,024th bit. Adds a table and two figures.
void measure_falling_into_step(BenchReport& report, const std::vector<BenchPhoto>& photos);

}  // namespace tintype::bench
