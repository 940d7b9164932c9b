#include "workers/sandbox/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "workers/sandbox/sanitizers.h"

namespace tintype {
namespace {

constexpr uid_t kNobody = 65534;
constexpr rlim_t kMaxOpenFiles = 128;  // a task's shared memories

void note(std::string& limits, const std::string& what) {
  if (!limits.empty()) limits += "; ";
  limits += what;
}

// Without root, namespaces can be had through a user namespace of our own, where the system lets people make one.
bool leave_namespaces(int flags, const char* name, std::string& limits) {
  if (unshare(flags) == 0) return true;
  note(limits, std::string(name) + ": " + std::strerror(errno));
  return false;
}

// The root becomes a directory that is gone: a helper sharing our view of the file system enters its own entry in
// /proc, calls that the root, and ends.
bool enter_empty_root(std::string& limits) {
  const long helper = syscall(SYS_clone, CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (helper == 0) {
    const bool entered = chroot("/proc/self/fdinfo") == 0 && chdir("/") == 0;
    _exit(entered ? 0 : errno);
  }
  int status = 0;
  if (helper < 0 || waitpid(static_cast<pid_t>(helper), &status, 0) != helper) {
    note(limits, std::string("empty root: ") + std::strerror(errno));
    return false;
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    note(limits, std::string("empty root: ") + std::strerror(WEXITSTATUS(status)));
    return false;
  }
  return true;
}

bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

bool drop_privileges(std::string& limits) {
  bool dropped = true;
  if (geteuid() == 0) {
    dropped = setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0 &&
              setresuid(kNobody, kNobody, kNobody) == 0;
    if (!dropped) note(limits, std::string("another user: ") + std::strerror(errno));
  }
  if (!drop_capabilities()) {
    note(limits, std::string("capabilities: ") + std::strerror(errno));
    dropped = false;
  }
  return dropped;
}

Status limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  if (setrlimit(resource, &both) == 0) return {};
  return fail(error_from_errno(errno, "setting a resource limit"));
}

}  // namespace

Confinement leave_the_world() {
  Confinement held;
  if (geteuid() != 0) leave_namespaces(CLONE_NEWUSER, "user namespace", held.limits);
  held.network_namespace = leave_namespaces(CLONE_NEWNET, "network namespace", held.limits);
  held.mount_namespace = leave_namespaces(CLONE_NEWNS, "mount namespace", held.limits);
  leave_namespaces(CLONE_NEWIPC | CLONE_NEWUTS, "other namespaces", held.limits);
  held.empty_root = enter_empty_root(held.limits);
  held.unprivileged = drop_privileges(held.limits);
  // Not dumpable: no core, and no process of the same user may look into it.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    note(held.limits, std::string("no new privileges: ") + std::strerror(errno));
  }
  return held;
}

Status confine_child(std::uint64_t address_space_bytes, const SyscallFilter& filter) {
  // A sanitizer's shadow is terabytes of address space.
  if constexpr (!kSanitized) {
    TT_TRY(limit(RLIMIT_AS, address_space_bytes));
    TT_TRY(limit(RLIMIT_DATA, address_space_bytes));
  }
  TT_TRY(limit(RLIMIT_CORE, 0));
  TT_TRY(limit(RLIMIT_NPROC, 0));
  TT_TRY(limit(RLIMIT_MEMLOCK, 0));
  TT_TRY(limit(RLIMIT_NOFILE, kMaxOpenFiles));
  return apply_filter(filter);
}

}  // namespace tintype
