#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <format>

#include "cli/commands/doctor_checks.h"
#include "core/base/unique_fd.h"

namespace tintype {
Finding check_seccomp() {
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) {
    return {Health::kOk, "seccomp", "the kernel filters system calls", ""};
  }
  return {Health::kFail, "seccomp", std::format("the kernel does not filter system calls ({})", std::strerror(errno)),
          "use a kernel of 4.14 or later with CONFIG_SECCOMP_FILTER; in a container, allow the seccomp "
          "system call"};
}

Finding check_memfd() {
  const UniqueFd fd(::memfd_create("tintype-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd && ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) == 0) {
    return {Health::kOk, "memfd", "memory can be shared and sealed", ""};
  }
  return {Health::kFail, "memfd", std::format("memory cannot be sealed ({})", std::strerror(errno)),
          "use a kernel of 3.17 or later; in a container, allow memfd_create"};
}

Finding check_pidfd() {
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (fd) return {Health::kOk, "pidfd", "the ends of processes can be watched", ""};
  return {Health::kFail, "pidfd", std::format("processes cannot be watched ({})", std::strerror(errno)),
          "use a kernel of 5.3 or later; in a container, allow pidfd_open"};
}

}  // namespace tintype
