// The instruction sets that the kernels of this folder are built for and this machine has.
#pragma once

#include <string>
#include <vector>

namespace tintype::simd {

// Names such as AVX3 or SSE4, best first: kernels use the first one.
std::vector<std::string> targets();

// Makes every kernel use `target`, one of targets(), until the next call; "": the best again. For tests and benches:
// not while a kernel runs.
void use_target(const std::string& target);

}  // namespace tintype::simd
