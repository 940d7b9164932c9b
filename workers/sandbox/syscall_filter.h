// The system calls a sandboxed child may make (seccomp). The list and its reasons: docs/sandbox.md.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "core/base/result.h"

namespace tintype {

using SyscallFilter = std::vector<sock_filter>;

// The same for every child, so it is made once, in the zygote.
Result<SyscallFilter> make_child_filter();

// Holds the calling thread to `filter`, and its signals to itself. No way back. Needs no_new_privs.
Status apply_filter(const SyscallFilter& filter);

}  // namespace tintype
