// The lane's host code with one thing wrong: it forgets the syncs of one direction. A mutant's source includes
// compute_unit.cpp under another name, with the direction replaced.
#pragma once

#include <string>

#include "core/base/result.h"
#include "kernels/hls/kernel_call.h"

namespace tintype::testing {

// One call on card 0, which ends well: only its results tell.
Status run_without_sending(const std::string& xclbin_path, const KernelCall& call);
Status run_without_fetching(const std::string& xclbin_path, const KernelCall& call);

}  // namespace tintype::testing
