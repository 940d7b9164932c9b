// Confinement: what the zygote gives up for itself and its children, and what each child gives up besides.
//
// Called in single-threaded processes only; there is no way back from any of it.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "workers/sandbox/syscall_filter.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

// Leaves network, files and privileges, each as far as this system lets us; what could not be left is in the
// answer's `limits`. Inherited by children.
Confinement leave_the_world();

// A child's limits; memory is address space in bytes. Errors are fatal to the child: it must end.
Status confine_child(std::uint64_t address_space_bytes, const SyscallFilter& filter);

}  // namespace tintype
