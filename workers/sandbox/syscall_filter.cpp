#include "workers/sandbox/syscall_filter.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>

#include "workers/sandbox/sanitizers.h"

namespace tintype {
namespace {

struct ReleaseContext {
  void operator()(scmp_filter_ctx context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

// Work on memory and on the descriptors that were passed in; time; the process's own end.
constexpr int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvmsg),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getcpu),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(tgkill),  // to itself only: apply_filter()
};

struct Refusal {
  int syscall;
  int error;
};

// What libraries try and can do without: looking at files, asking for threads, tuning themselves.
constexpr Refusal kRefused[] = {
    {SCMP_SYS(open), EACCES},
    {SCMP_SYS(openat), EACCES},
    {SCMP_SYS(stat), EACCES},
    {SCMP_SYS(lstat), EACCES},
    {SCMP_SYS(newfstatat), EACCES},
    {SCMP_SYS(statx), EACCES},
    {SCMP_SYS(access), EACCES},
    {SCMP_SYS(faccessat), EACCES},
    {SCMP_SYS(faccessat2), EACCES},
    {SCMP_SYS(readlink), EACCES},
    {SCMP_SYS(readlinkat), EACCES},
    {SCMP_SYS(getcwd), EACCES},
    {SCMP_SYS(clone), EPERM},
    {SCMP_SYS(clone3), EPERM},
    {SCMP_SYS(ioctl), ENOTTY},
    {SCMP_SYS(prctl), EPERM},
    {SCMP_SYS(sched_setaffinity), EPERM},
    {SCMP_SYS(setpriority), EPERM},
};

// A sanitizer's runtime looks at memory through pipes and asks for threads and names of its own.
constexpr int kAllowedForSanitizers[] = {
    SCMP_SYS(pipe), SCMP_SYS(pipe2),   SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq), SCMP_SYS(getppid), SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(dup),  SCMP_SYS(uname),
};

Status check(int error, const char* doing) {
  if (error == 0) return {};
  return fail(error_from_errno(-error, doing));
}

Status add_rules(scmp_filter_ctx context) {
  // A 32-bit call would mean another call by the same number.
  TT_TRY(check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "setting up seccomp"));
  TT_TRY(check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "setting up seccomp"));
  for (int call : kAllowed) {
    TT_TRY(check(seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0), "allowing a system call"));
  }
  for (const Refusal& refusal : kRefused) {
    TT_TRY(check(seccomp_rule_add(context, SCMP_ACT_ERRNO(static_cast<unsigned>(refusal.error)), refusal.syscall, 0),
                 "refusing a system call"));
  }
  // Memory is never both ours to write and to execute; new code cannot be mapped at all.
  for (int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    TT_TRY(check(seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)),
                 "allowing memory"));
  }
  // Its own limits may be read, not set.
  TT_TRY(check(seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0),
                                SCMP_A2(SCMP_CMP_EQ, 0)),
               "allowing prlimit"));
  if constexpr (kSanitized) {
    for (int call : kAllowedForSanitizers) {
      TT_TRY(check(seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0), "allowing a sanitizer's system call"));
    }
  }
  return {};
}

Status load(sock_filter* instructions, std::size_t count) {
  const sock_fprog program{static_cast<unsigned short>(count), instructions};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
    return fail(error_from_errno(errno, "loading a seccomp filter"));
  }
  return {};
}

}  // namespace

Result<SyscallFilter> make_child_filter() {
  // Under a sanitizer, whose runtime changes from one version to the next, what is not listed fails instead (by an
  // error that no rule gives: libseccomp refuses rules that say what the default says).
  const Context context(seccomp_init(kSanitized ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_KILL_PROCESS));
  if (!context) return fail(ErrorCode::kOutOfMemory, "no memory for a seccomp filter");
  TT_TRY(add_rules(context.get()));
  std::size_t bytes = 0;
  TT_TRY(check(seccomp_export_bpf_mem(context.get(), nullptr, &bytes), "measuring a seccomp filter"));
  SyscallFilter filter(bytes / sizeof(sock_filter));
  TT_TRY(check(seccomp_export_bpf_mem(context.get(), filter.data(), &bytes), "writing a seccomp filter"));
  return filter;
}

Status apply_filter(const SyscallFilter& filter) {
  // abort() sends a signal to its own process; the pid is known only now, so this rule is a filter of its own. Of
  // two filters the stricter answer counts.
  constexpr unsigned kNumber = offsetof(seccomp_data, nr);
  constexpr unsigned kFirstArgument = offsetof(seccomp_data, args[0]);
  std::array own_signals = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirstArgument),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(getpid()), 1, 0),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  TT_TRY(load(own_signals.data(), own_signals.size()));
  SyscallFilter program = filter;
  return load(program.data(), program.size());
}

}  // namespace tintype
