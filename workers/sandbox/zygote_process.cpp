// The zygote's own side: everything here runs in the zygote or in a child it has just forked.

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <string>

#include "workers/sandbox/confine.h"
#include "workers/sandbox/fd_message.h"
#include "workers/sandbox/sanitizers.h"
#include "workers/sandbox/zygote.h"
#include "workers/sandbox/zygote_wire.h"

namespace tintype {
namespace {

constexpr int kChildSocketFd = 3;
constexpr int kConfinementFailed = 70;  // exit status, EX_SOFTWARE

template <std::size_t N>
void copy_text(char (&to)[N], const std::string& text) {
  const std::size_t length = std::min(text.size(), N - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

int count_threads() {
  std::ifstream stat("/proc/self/stat");
  std::string text;
  std::getline(stat, text);
  // proc(5): fields are counted after the command's name, which may hold blanks; threads are field 20.
  std::size_t at = text.rfind(')');
  for (int field = 2; field < 20 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at);
}

std::uint64_t address_space_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

class ZygoteProcess {
 public:
  ZygoteProcess(std::uint64_t child_memory_bytes, ChildMain child_main)
      : child_memory_bytes_(child_memory_bytes), child_main_(child_main) {}

  int run() {
    prctl(PR_SET_NAME, "tintype-zygote", 0, 0, 0);
    ZygoteHello hello;
    if (Status status = prepare(hello); !status) copy_text(hello.error, status.error().message);
    if (!send_message(kZygoteControlFd, bytes_of(hello), {}) || hello.error[0] != '\0') return 1;
    serve();
    end_all();
    return 0;
  }

 private:
  Status prepare(ZygoteHello& hello) {
    if (const int threads = count_threads(); threads != 1 && !kSanitized) {
      return fail(ErrorCode::kInternal, "a library started a thread before main(): " + std::to_string(threads) +
                                            " threads, and forking sandboxed children needs there to be 1");
    }
    child_limit_bytes_ = address_space_bytes() + child_memory_bytes_;
    TT_ASSIGN(filter_, make_child_filter());
    const Confinement held = leave_the_world();
    TT_TRY(try_out());
    hello.seccomp = 1;
    hello.network_namespace = held.network_namespace;
    hello.mount_namespace = held.mount_namespace;
    hello.empty_root = held.empty_root;
    hello.unprivileged = held.unprivileged;
    copy_text(hello.limits, held.limits);
    return {};
  }

  // A kernel or container without seccomp is found out here, before any photo is.
  Status try_out() {
    const pid_t pid = fork();
    if (pid == 0) {
      const Status confined = confine_child(child_limit_bytes_, filter_);
      const bool refused = open("/", O_RDONLY) < 0 && errno == EACCES;
      _exit(confined && refused ? 0 : kConfinementFailed);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
      return fail(error_from_errno(errno, "trying out a sandboxed child"));
    if (status != 0) {
      return fail(ErrorCode::kUnsupported,
                  "this system lets no process confine itself with seccomp; run the farm on a kernel and in a "
                  "container that allow the seccomp system call");
    }
    return {};
  }

  // Until the farm closes its end, which it also does by dying.
  void serve() {
    ZygoteRequest request;
    for (;;) {
      const auto got = receive_message(kZygoteControlFd, writable_bytes_of(request));
      if (!got || got->bytes != sizeof request) return;
      const bool sent = request.kind == ZygoteRequest::Kind::kFork ? answer_fork() : answer_end(request.pid);
      if (!sent) return;
    }
  }

  bool answer_fork() {
    auto sockets = make_socket_pair();
    if (!sockets) return answer_error(EMFILE);
    const pid_t zygote = getpid();
    const pid_t pid = fork();
    if (pid == 0) _exit(become_child(sockets->theirs.get(), zygote));
    if (pid < 0) return answer_error(errno);
    const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
      const int error = errno;
      end(pid);
      return answer_error(error);
    }
    children_.insert(pid);
    ZygoteReply reply;
    reply.pid = pid;
    const int fds[] = {sockets->ours.get(), pidfd.get()};
    return send_message(kZygoteControlFd, bytes_of(reply), fds).has_value();
  }

  static bool answer_error(int error) {
    ZygoteReply reply;
    reply.error = error;
    return send_message(kZygoteControlFd, bytes_of(reply), {}).has_value();
  }

  bool answer_end(pid_t pid) {
    ZygoteReply reply;
    if (children_.erase(pid) == 0) {
      reply.error = ESRCH;
    } else {
      reply.status = end(pid);
    }
    return send_message(kZygoteControlFd, bytes_of(reply), {}).has_value();
  }

  // SIGKILL changes nothing for one that has ended already.
  static int end(pid_t pid) {
    int status = 0;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  void end_all() {
    for (pid_t pid : children_) kill(pid, SIGKILL);
    for (pid_t pid : children_) end(pid);
  }

  int become_child(int socket_fd, pid_t zygote) const {
    prctl(PR_SET_NAME, "tintype-child", 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != zygote) return kConfinementFailed;
    if (dup2(socket_fd, kChildSocketFd) < 0) return kConfinementFailed;
    if (syscall(SYS_close_range, kChildSocketFd + 1, ~0u, 0) != 0) return kConfinementFailed;
    if (!confine_child(child_limit_bytes_, filter_)) return kConfinementFailed;
    return child_main_(kChildSocketFd);
  }

  const std::uint64_t child_memory_bytes_;
  const ChildMain child_main_;
  std::uint64_t child_limit_bytes_ = 0;
  SyscallFilter filter_;
  std::set<pid_t> children_;
};

}  // namespace

void run_zygote_if_asked(int argc, char** argv, ChildMain child_main) {
  if (argc < 2 || std::strcmp(argv[1], kZygoteArgument) != 0) return;
  std::uint64_t child_memory_bytes = 0;
  const char* end = argc == 3 ? argv[2] + std::strlen(argv[2]) : nullptr;
  int type = 0;
  socklen_t length = sizeof type;
  if (!end || std::from_chars(argv[2], end, child_memory_bytes).ptr != end ||
      getsockopt(kZygoteControlFd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_SEQPACKET) {
    std::fprintf(stderr, "%s is how the farm starts a process of its own; it is of no use by hand\n", kZygoteArgument);
    _exit(2);
  }
  syscall(SYS_close_range, kZygoteControlFd + 1, ~0u, 0);
  _exit(ZygoteProcess(child_memory_bytes, child_main).run());
}

}  // namespace tintype
