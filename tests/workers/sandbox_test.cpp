// What a sandboxed child may not do, tried from inside one; and that none is left behind.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "tests/workers/zygote_test_main.h"
#include "workers/sandbox/fd_message.h"
#include "workers/sandbox/sanitizers.h"

namespace tintype {
namespace {

// An attempt answers 0 if it worked, else errno.
struct Attempt {
  const char* name;
  int (*run)(int argument);
};

int failed_with_errno(long result) { return result < 0 ? errno : 0; }

int connect_somewhere(int) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return failed_with_errno(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

int run_a_program(int) {
  char name[] = "/bin/true";
  char* arguments[] = {name, nullptr};
  char* environment[] = {nullptr};
  return failed_with_errno(execve(name, arguments, environment));
}

int fork_a_process(int) {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  return failed_with_errno(pid);
}

int pass_a_descriptor(int socket_fd) {
  const int fds[] = {socket_fd};
  const char text[] = "x";
  return send_message(socket_fd, as_bytes(text), fds) ? 0 : EPERM;
}

int make_code(int) {
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? errno : 0;
}

int make_data_code(int) {
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return failed_with_errno(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}

int raise_a_limit(int) {
  const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
  return failed_with_errno(setrlimit(RLIMIT_AS, &more));
}

int look_for_other_descriptors(int socket_fd) {
  for (int fd = socket_fd + 1; fd < 1024; ++fd) {
    if (write(fd, "x", 1) >= 0) return 0;
  }
  return EBADF;
}

// clang-format off
const Attempt kAttempts[] = {
    {"open a file", [](int) { return failed_with_errno(open("/etc/passwd", O_RDONLY)); }},
    {"make a file", [](int) { return failed_with_errno(open("/tmp/tintype-escape", O_RDWR | O_CREAT, 0600)); }},
    {"open the root", [](int) { return failed_with_errno(syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY)); }},
    {"look at proc", [](int) { return failed_with_errno(open("/proc/self/maps", O_RDONLY)); }},
    {"unlink a file", [](int) { return failed_with_errno(unlink("/tmp/tintype-nothing")); }},
    {"make a socket", [](int) { return failed_with_errno(socket(AF_UNIX, SOCK_STREAM, 0)); }},
    {"connect", connect_somewhere},
    {"run a program", run_a_program},
    {"fork", fork_a_process},
    {"start a thread", [](int) { return failed_with_errno(syscall(SYS_clone3, nullptr, 0)); }},
    {"kill the zygote", [](int) { return failed_with_errno(kill(getppid(), SIGTERM)); }},
    {"kill everything", [](int) { return failed_with_errno(kill(-1, SIGTERM)); }},
    {"signal another process", [](int) { return failed_with_errno(syscall(SYS_tgkill, 1, 1, SIGTERM)); }},
    {"trace another", [](int) { return failed_with_errno(ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr)); }},
    {"be traced", [](int) { return failed_with_errno(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
    {"read another's memory", [](int) { return failed_with_errno(syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0)); }},
    {"pass a descriptor out", pass_a_descriptor},
    {"make memory that runs", make_code},
    {"make written memory run", make_data_code},
    {"raise a limit", raise_a_limit},
    {"make shared memory", [](int) { return failed_with_errno(memfd_create("x", 0)); }},
    {"become root", [](int) { return failed_with_errno(setuid(0)); }},
    {"get a namespace", [](int) { return failed_with_errno(syscall(SYS_unshare, 0x10000000)); }},
    {"mount", [](int) { return failed_with_errno(syscall(SYS_mount, "none", "/", "tmpfs", 0, 0)); }},
    {"use io_uring", [](int) { return failed_with_errno(syscall(SYS_io_uring_setup, 1, nullptr)); }},
    {"load a BPF program", [](int) { return failed_with_errno(syscall(SYS_bpf, 0, nullptr, 0)); }},
    {"write to another descriptor", look_for_other_descriptors},
};
// clang-format on

constexpr int kSleep = -1;
constexpr int kCrash = -2;
constexpr int kAbort = -3;

int escaping_child(int socket_fd) {
  int command = 0;
  while (read(socket_fd, &command, sizeof command) == sizeof command) {
    if (command == kSleep) continue;
    if (command == kCrash) raise(SIGSEGV);
    if (command == kAbort) abort();
    const int result = kAttempts[command].run(socket_fd);
    if (write(socket_fd, &result, sizeof result) != sizeof result) return 1;
  }
  return 3;
}

bool is_alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  const std::size_t at = text.rfind(')');
  return at != std::string::npos && text[at + 2] != 'Z';
}

bool ends_within(pid_t pid, std::chrono::seconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until) {
    if (!is_alive(pid)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::string status_line(pid_t pid, std::string_view key) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return line.substr(key.size());
  }
  return {};
}

void command(const ChildHandle& child, int value) {
  ASSERT_EQ(write(child.socket.get(), &value, sizeof value), static_cast<ssize_t>(sizeof value));
}

ChildHandle fork_one(Zygote& zygote) {
  auto child = zygote.fork_child();
  EXPECT_TRUE(child) << child.error().to_string();
  return child ? *std::move(child) : ChildHandle{};
}

class Escape : public ::testing::TestWithParam<int> {};

TEST_P(Escape, IsRefused) {
  ChildHandle child = fork_one(testing::zygote());
  command(child, GetParam());
  int result = 0;
  const bool answered = read(child.socket.get(), &result, sizeof result) == static_cast<ssize_t>(sizeof result);
  const std::string end = testing::zygote().end_child(std::move(child));
  if (answered) {
    EXPECT_NE(result, 0) << "it worked";
  } else if (kSanitized) {  // what is refused fails there, and libc may abort over it
    EXPECT_TRUE(end.starts_with("signal ")) << end;
  } else {
    EXPECT_EQ(end, "signal 31 (SIGSYS)");
  }
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Escape, ::testing::Range(0, static_cast<int>(std::size(kAttempts))),
                         [](const auto& attempt) {
                           std::string name = kAttempts[attempt.param].name;
                           for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return name;
                         });

TEST(Sandbox, SaysHowAChildEnded) {
  ChildHandle child = fork_one(testing::zygote());
  command(child, kCrash);
  pollfd gone{child.pidfd.get(), POLLIN, 0};
  ASSERT_EQ(poll(&gone, 1, 20'000), 1);
  const std::string crash = testing::zygote().end_child(std::move(child));
  if (!kSanitized) {
    EXPECT_EQ(crash, "signal 11 (SIGSEGV)");
  }

  child = fork_one(testing::zygote());
  command(child, kAbort);
  gone = {child.pidfd.get(), POLLIN, 0};
  ASSERT_EQ(poll(&gone, 1, 20'000), 1);
  const std::string abort = testing::zygote().end_child(std::move(child));
  if (!kSanitized) {
    EXPECT_EQ(abort, "signal 6 (SIGABRT)");
  }

  child = fork_one(testing::zygote());
  command(child, kSleep);
  EXPECT_EQ(testing::zygote().end_child(std::move(child)), "signal 9 (SIGKILL)");
}

TEST(Sandbox, ChildHasNoPrivileges) {
  ChildHandle child = fork_one(testing::zygote());
  EXPECT_THAT(status_line(child.pid, "CapEff:"), ::testing::HasSubstr("0000000000000000"));
  EXPECT_THAT(status_line(child.pid, "NoNewPrivs:"), ::testing::HasSubstr("1"));
  // It confines itself after the fork; its first answer says that it has.
  command(child, 0);
  int result;
  if (read(child.socket.get(), &result, sizeof result) > 0) {
    EXPECT_THAT(status_line(child.pid, "Seccomp:"), ::testing::HasSubstr("2"));
  }
  const Confinement held = testing::zygote().confinement();
  EXPECT_TRUE(held.seccomp);
  if (geteuid() == 0 && held.limits.empty()) {
    EXPECT_TRUE(held.network_namespace && held.mount_namespace && held.empty_root && held.unprivileged);
    EXPECT_THAT(status_line(child.pid, "Uid:"), ::testing::HasSubstr("65534"));
  }
  testing::zygote().end_child(std::move(child));
}

TEST(Sandbox, ZygoteHasNoSecretsInItsEnvironment) {
  setenv("TINTYPE_TEST_SECRET", "hunter2", 1);
  auto zygote = start_zygote({}, testing::quiet_log());
  ASSERT_TRUE(zygote);
  const ChildHandle child = fork_one(**zygote);
  std::ifstream file("/proc/" + std::to_string(testing::parent_of(child.pid)) + "/environ");
  const std::string environment{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(environment, ::testing::Not(::testing::HasSubstr("hunter2")));
}

TEST(Zygote, KillsItsChildrenWhenItGoes) {
  auto zygote = start_zygote({}, testing::quiet_log());
  ASSERT_TRUE(zygote);
  const ChildHandle a = fork_one(**zygote), b = fork_one(**zygote);
  const int its_pid = testing::parent_of(a.pid);
  zygote->reset();
  for (pid_t pid : {a.pid, b.pid, its_pid}) EXPECT_FALSE(is_alive(pid));
}

TEST(Zygote, ItsChildrenStepBehindWhoeverServes) {
  auto child = testing::zygote().fork_child();
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(child->pid)), 10);
  EXPECT_EQ(sched_getscheduler(child->pid), SCHED_BATCH);
  EXPECT_EQ(getsid(child->pid), getsid(0)) << "the kernel may share out the CPU by session first";
  EXPECT_NE(getpgid(child->pid), getpgrp()) << "Ctrl-C is for the farm";
  testing::zygote().end_child(std::move(*child));
}

TEST(Zygote, IsStartedAgainWhenKilled) {
  auto zygote = start_zygote({}, testing::quiet_log());
  ASSERT_TRUE(zygote);
  ChildHandle before = fork_one(**zygote);
  const int old_pid = testing::parent_of(before.pid);
  ASSERT_GT(old_pid, 1);
  ASSERT_EQ(kill(old_pid, SIGKILL), 0);
  EXPECT_TRUE(ends_within(before.pid, std::chrono::seconds(20)));
  ChildHandle after = fork_one(**zygote);
  EXPECT_NE(testing::parent_of(after.pid), old_pid);
  EXPECT_EQ((*zygote)->end_child(std::move(before)), "killed with its zygote");
  EXPECT_EQ((*zygote)->end_child(std::move(after)), "signal 9 (SIGKILL)");
}

TEST(Zygote, ServesManyThreads) {
  std::vector<std::jthread> threads;
  std::atomic<int> ended = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) {
        auto child = testing::zygote().fork_child();
        if (child && testing::zygote().end_child(*std::move(child)) == "signal 9 (SIGKILL)") ++ended;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(ended, 40);
}

TEST(Zygote, SaysSoIfTheProgramIsNone) {
  auto zygote = start_zygote({.program = "/bin/true"}, testing::quiet_log());
  ASSERT_FALSE(zygote);
  EXPECT_THAT(zygote.error().message, ::testing::HasSubstr("run_zygote_if_asked"));
  EXPECT_FALSE(start_zygote({.program = "/nowhere/tintype"}, testing::quiet_log()));
}

// A farm that is killed leaves nothing behind. The farm is this program again, started with a request to print its
// zygote's and child's pids.
TEST(Zygote, DiesWithAKilledFarm) {
  int out[2];
  ASSERT_EQ(pipe(out), 0);
  const pid_t farm = fork();
  if (farm == 0) {
    dup2(out[1], 1);
    execl("/proc/self/exe", "sandbox_test", "--gtest_also_run_disabled_tests", "--gtest_filter=*DISABLED_BeAFarm",
          nullptr);
    _exit(1);
  }
  close(out[1]);
  std::string text;
  char buffer[256];
  while (text.find("pids ") == std::string::npos || text.find('\n', text.find("pids ")) == std::string::npos) {
    const ssize_t got = read(out[0], buffer, sizeof buffer);
    ASSERT_GT(got, 0) << text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  int zygote = 0, child = 0;
  ASSERT_EQ(sscanf(text.c_str() + text.find("pids "), "pids %d %d", &zygote, &child), 2);
  EXPECT_TRUE(is_alive(zygote) && is_alive(child));
  kill(farm, SIGKILL);
  waitpid(farm, nullptr, 0);
  EXPECT_TRUE(ends_within(zygote, std::chrono::seconds(20)));
  EXPECT_TRUE(ends_within(child, std::chrono::seconds(20)));
  close(out[0]);
}

TEST(Farm, DISABLED_BeAFarm) {
  const ChildHandle child = fork_one(testing::zygote());
  printf("pids %d %d\n", testing::parent_of(child.pid), child.pid);
  fflush(stdout);
  for (;;) pause();
}

}  // namespace

const ChildMain testing::kChildMain = escaping_child;

}  // namespace tintype
