#include "core/queue/nats/nats_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <thread>

#include "core/queue/nats/nats_queue.h"
#include "core/queue/nats/nats_server_files.h"
#include "tests/core/queue/temporary_folder.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

bool wait_until(auto condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
  return condition();
}

// A zombie, left where nobody reaps orphans, does not run.
bool is_running(int pid) {
  std::ifstream file(std::format("/proc/{}/stat", pid));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t name_end = text.rfind(") ");
  return name_end != text.npos && text[name_end + 2] != 'Z';
}

class NatsServerTest : public testing::Test {
 protected:
  std::unique_ptr<NatsServer> start() {
    auto server = start_nats_server({.data_dir = folder_.path()}, log_);
    EXPECT_TRUE(server) << server.error().to_string();
    return server ? std::move(*server) : nullptr;
  }
  bool answers(const std::string& url) { return static_cast<bool>(connect_nats_queue({.url = url}, clock_, log_)); }

  SystemClock clock_;
  Logger log_{LogLevel::kError};
  TemporaryFolder folder_;
};

TEST_F(NatsServerTest, StartsReadyAndStopsWithItsOwner) {
  auto server = start();
  ASSERT_TRUE(server);
  const int pid = server->pid();
  EXPECT_TRUE(is_running(pid));
  EXPECT_TRUE(answers(server->url()));
  server.reset();
  EXPECT_FALSE(is_running(pid));
  EXPECT_TRUE(start()) << "the folder is free again";
}

TEST_F(NatsServerTest, IsRestartedAtTheSameAddressWhenItDies) {
  auto server = start();
  ASSERT_TRUE(server);
  const std::string url = server->url();
  for (int round = 0; round < 3; ++round) {
    const int pid = server->pid();
    kill(pid, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return server->pid() > 0 && server->pid() != pid; }));
    EXPECT_EQ(server->url(), url);
    EXPECT_TRUE(wait_until([&] { return answers(url); }));
  }
}

TEST_F(NatsServerTest, IsNotOpenToWhoeverHasNoToken) {
  auto server = start();
  ASSERT_TRUE(server);
  const std::string url = server->url();
  const std::string open_url = "nats://" + url.substr(url.find('@') + 1);
  auto queue = connect_nats_queue({.url = open_url}, clock_, log_);
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, ErrorCode::kDenied) << queue.error().to_string();
  for (const char* file : {"/nats-server.token", "/nats-server.conf"}) {
    struct stat info{};
    ASSERT_EQ(stat((folder_.path() + file).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0u) << file;
  }
}

TEST_F(NatsServerTest, TheTokenStaysSecretInMessages) {
  const std::string url = "nats://secret@127.0.0.1:1,nats://u:secret@localhost:1";
  auto queue = connect_nats_queue({.url = url, .request_timeout = 200ms}, clock_, log_);
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(queue.error().message, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(queue.error().message, HasSubstr("nats://127.0.0.1:1,nats://localhost:1"));
}

TEST_F(NatsServerTest, OneFolderHasOneServer) {
  auto server = start();
  ASSERT_TRUE(server);
  auto second = start_nats_server({.data_dir = folder_.path()}, log_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(second.error().message, HasSubstr("in use by another farm"));
  EXPECT_TRUE(is_running(server->pid()));
}

TEST_F(NatsServerTest, DiesWithAnOwnerThatIsKilled) {
  const std::string owner =
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "nats_server_owner").string();
  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  const pid_t owner_pid = fork();
  if (owner_pid == 0) {
    dup2(pipe_fds[1], 1);
    execl(owner.c_str(), owner.c_str(), folder_.path().c_str(), nullptr);
    _exit(127);
  }
  close(pipe_fds[1]);
  int server_pid = -1;
  FILE* output = fdopen(pipe_fds[0], "r");
  ASSERT_EQ(std::fscanf(output, "%d", &server_pid), 1);
  std::fclose(output);
  EXPECT_TRUE(is_running(server_pid));
  kill(owner_pid, SIGKILL);
  waitpid(owner_pid, nullptr, 0);
  EXPECT_TRUE(wait_until([&] { return !is_running(server_pid); }));
  EXPECT_TRUE(start()) << "what a killed farm left behind does not stop the next";
}

TEST_F(NatsServerTest, AMissingProgramIsOneSentence) {
  auto server = start_nats_server({.program = "nats-server-that-is-not-there", .data_dir = folder_.path()}, log_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(server.error().message, HasSubstr("is not in PATH: install"));
}

TEST_F(NatsServerTest, AProgramThatEndsAtOnceIsAnErrorThatNamesTheLog) {
  auto server = start_nats_server({.program = "/bin/false", .data_dir = folder_.path()}, log_);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, HasSubstr("nats-server.log"));
}

TEST(FreePort, IsNoneThatAnOutgoingConnectionMayGet) {
  int first = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first;
  if (first <= 20'000) GTEST_SKIP() << "here the kernel leaves few ports to servers";
  for (int i = 0; i < 20; ++i) {
    const auto port = find_free_port();
    ASSERT_TRUE(port);
    EXPECT_LT(*port, first);
    EXPECT_TRUE(is_port_free(*port));
  }
}

TEST_F(NatsServerTest, FolderNamesMayHoldAnything) {
  const std::string folder = folder_.path() + "/it's \"quoted\" \\ $HOME #1 {x}";
  auto server = start_nats_server({.data_dir = folder}, log_);
  ASSERT_TRUE(server) << server.error().to_string();
  EXPECT_TRUE(answers((*server)->url()));
  EXPECT_TRUE(std::filesystem::exists(folder + "/jetstream"));
}

}  // namespace
}  // namespace tintype
