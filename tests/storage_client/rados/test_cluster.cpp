#include "tests/storage_client/rados/test_cluster.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>
#include <thread>

namespace tintype::testing {
namespace {

constexpr int kSkipped = 77;

Logger& quiet_log() {
  static Logger log(LogLevel::kError);
  return log;
}

std::string script() { return std::string(TINTYPE_SOURCE_DIR) + "/deploy/cluster.d/ceph"; }

class RadosUnderTest final : public StoreUnderTest {
 public:
  explicit RadosUnderTest(const Clock& clock) : store_(open_store(test_cluster().config(), clock)) {}
  BlobStore& blobs() override { return store_->blobs(); }
  PhotoIndex& index() override { return store_->index(); }
  JobStore& jobs() override { return store_->jobs(); }

 private:
  std::unique_ptr<RadosStore> store_;
};

std::string cluster_dir, side_dir;

}  // namespace

RadosStoreConfig TestCluster::config() const {
  static int number = 0;
  RadosStoreConfig config;
  config.conf_path = dir_ + "/ceph.conf";
  config.farm = std::format("test{}.{}", ::getpid(), number++);
  config.inline_limit_bytes = 64 << 10;
  config.chunk_bytes = 64 << 10;
  config.min_free_bytes = 0;
  return config;
}

void TestCluster::signal(const std::string& daemon, int signal_number) const {
  pid_t pid = 0;
  std::ifstream(dir_ + "/run/" + daemon + ".pid") >> pid;
  ASSERT_GT(pid, 1);
  ASSERT_EQ(::kill(pid, signal_number), 0) << daemon;
}

void TestCluster::start(const std::string& daemon) const {
  // A process that was killed is gone a moment later.
  for (int i = 0; i < 50; ++i) {
    if (std::system(std::format("{} start {} {} 2>/dev/null", script(), dir_, daemon).c_str()) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  ADD_FAILURE() << daemon << " did not start again";
}

std::string TestCluster::answer_of(const std::string& ceph_arguments) const {
  // What the manager is asked waits for ever where there is none.
  const std::string command =
      std::format("timeout 10 ceph --conf {}/ceph.conf --connect-timeout 10 {} 2>/dev/null", dir_, ceph_arguments);
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text.push_back(static_cast<char>(c));
  ::pclose(pipe);
  return text;
}

bool TestCluster::wait_until_up(int count, int seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (answer_of("osd stat").find(std::format("{} up", count)) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return false;
}

bool TestCluster::wait_until_whole(int seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    // "32 pgs: 32 active+clean; ...", nothing else.
    const std::string pgs = answer_of("pg stat");
    const bool clean = pgs.find(" active+clean;") != std::string::npos && pgs.find(',') > pgs.find(';');
    int osds = 0, up = 0;  // "3 osds: 3 up (since 5s), ..."
    const bool told = std::sscanf(answer_of("osd stat").c_str(), "%d osds: %d up", &osds, &up) == 2;
    if (clean && told && up == osds) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return false;
}

SideCluster::SideCluster(int osds) : dir(side_dir), cluster(dir) {
  EXPECT_EQ(std::system(std::format("{} up {} --osds {}", script(), dir, osds).c_str()), 0);
}

SideCluster::~SideCluster() { EXPECT_EQ(std::system(std::format("{} down {}", script(), dir).c_str()), 0); }

const TestCluster& test_cluster() {
  static const TestCluster cluster(cluster_dir);
  return cluster;
}

std::unique_ptr<RadosStore> open_store(const RadosStoreConfig& config, const Clock& clock) {
  auto store = open_rados_store(config, clock, quiet_log());
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().to_string().c_str());
    std::abort();
  }
  return *std::move(store);
}

std::unique_ptr<StoreUnderTest> make_rados_store_under_test(const Clock& clock) {
  return std::make_unique<RadosUnderTest>(clock);
}

}  // namespace tintype::testing

// The tests run in a child, so that the cluster is ended also when one of them ends the program.
int main(int argc, char** argv) {
  using namespace tintype::testing;
  ::testing::InitGoogleTest(&argc, argv);
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  if (std::system("command -v ceph-osd >/dev/null") != 0) {
    std::puts("skipped: Ceph is not installed; the section [cluster] of deploy/packages.txt names its packages");
    return kSkipped;
  }
  const TemporaryFolder folder;
  // TINTYPE_CLUSTER names a cluster that is up already, and stays.
  const char* given = std::getenv("TINTYPE_CLUSTER");
  cluster_dir = given ? given : folder.path() + "/ceph";
  side_dir = folder.path() + "/side";
  if (!given && std::system(std::format("{} up {}", script(), cluster_dir).c_str()) != 0) return EXIT_FAILURE;
  const pid_t child = ::fork();
  if (child == 0) {
    const bool whole = test_cluster().wait_until_whole(120);
    if (!whole) std::fprintf(stderr, "the cluster of %s did not become whole within 120 s\n", cluster_dir.c_str());
    std::exit(whole ? RUN_ALL_TESTS() : EXIT_FAILURE);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  // Of a test that ended the program.
  if (std::system(std::format("test ! -e {1} || {0} down {1}", script(), side_dir).c_str()) != 0) return EXIT_FAILURE;
  if (!given && std::system(std::format("{} down {}", script(), cluster_dir).c_str()) != 0) return EXIT_FAILURE;
  if (WIFSIGNALED(status)) std::fprintf(stderr, "the tests ended by signal %d\n", WTERMSIG(status));
  return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
