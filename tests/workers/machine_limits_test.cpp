#include "workers/cpu/machine_limits.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace tintype {
namespace {

class MachineLimitsTest : public ::testing::Test {
 protected:
  MachineLimitsTest() {
    char name[] = "/tmp/tintype-limits-XXXXXX";
    root_ = mkdtemp(name);
    put("proc/meminfo", "MemTotal:       8000000 kB\nMemFree: 1 kB\n");
    put("proc/cpuinfo", "processor : 0\nmodel name\t: Zen 9\n");
  }
  ~MachineLimitsTest() override { std::filesystem::remove_all(root_); }

  void put(const std::string& path, std::string_view text) {
    const std::filesystem::path full = root_ / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  MachineLimits read() { return read_machine_limits({root_ / "proc", root_ / "cgroup"}); }

  std::filesystem::path root_;
};

int own_cores() {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  return CPU_COUNT(&set);
}

TEST_F(MachineLimitsTest, WithoutControlGroupsItIsTheMachine) {
  const MachineLimits limits = read();
  EXPECT_EQ(limits.cores, own_cores());
  EXPECT_EQ(limits.memory_bytes, 8'000'000ull * 1024);
  EXPECT_EQ(limits.cpu_model, "Zen 9");
}

TEST_F(MachineLimitsTest, TheTightestGroupAboveUsCounts) {
  put("proc/self/cgroup", "0::/farm.slice/tintype\n");
  put("cgroup/farm.slice/tintype/cpu.max", "max 100000\n");
  put("cgroup/farm.slice/tintype/memory.max", "3000000000\n");
  put("cgroup/farm.slice/cpu.max", "150000 100000\n");
  put("cgroup/farm.slice/memory.max", "2000000000\n");
  const MachineLimits limits = read();
  EXPECT_EQ(limits.cores, 1);
  EXPECT_EQ(limits.memory_bytes, 2'000'000'000u);
}

TEST_F(MachineLimitsTest, LessThanACoreIsOne) {
  put("proc/self/cgroup", "0::/\n");
  put("cgroup/cpu.max", "20000 100000\n");
  EXPECT_EQ(read().cores, 1);
}

TEST_F(MachineLimitsTest, GroupsThatSayMaxDoNotLimit) {
  put("proc/self/cgroup", "0::/\n");
  put("cgroup/cpu.max", "max 100000\n");
  put("cgroup/memory.max", "max\n");
  EXPECT_EQ(read().cores, own_cores());
  EXPECT_EQ(read().memory_bytes, 8'000'000ull * 1024);
}

TEST_F(MachineLimitsTest, VersionOneGroups) {
  put("cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  put("cgroup/cpu/cpu.cfs_period_us", "100000\n");
  put("cgroup/memory/memory.limit_in_bytes", "1000000000\n");
  EXPECT_EQ(read().cores, 1);
  EXPECT_EQ(read().memory_bytes, 1'000'000'000u);
}

}  // namespace
}  // namespace tintype
