#include "workers/cpu/machine_limits.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace tintype {
namespace {

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

// The rest of the first line of `path` that starts with `key` and a colon, trimmed.
std::optional<std::string> field(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? std::string() : line.substr(start);
  }
  return std::nullopt;
}

// Our control group's folder and those above it, up to the root of the version 2 hierarchy.
std::vector<std::string> cgroup_folders(const MachineFiles& files) {
  std::string group = "/";
  std::ifstream mine(files.proc + "/self/cgroup");
  for (std::string line; std::getline(mine, line);) {
    if (line.starts_with("0::")) group = line.substr(3);
  }
  std::vector<std::string> folders;
  while (group.size() > 1) {
    folders.push_back(files.cgroup + group);
    group.resize(group.rfind('/'));
  }
  folders.push_back(files.cgroup);
  return folders;
}

double cores_by_cgroup(const MachineFiles& files) {
  double cores = std::numeric_limits<double>::infinity();
  for (const std::string& folder : cgroup_folders(files)) {
    std::istringstream line(first_line(folder + "/cpu.max").value_or("max"));
    double quota = 0, period = 0;
    if (line >> quota >> period && quota > 0 && period > 0) cores = std::min(cores, quota / period);
  }
  std::istringstream quota_v1(first_line(files.cgroup + "/cpu/cpu.cfs_quota_us").value_or("-1"));
  std::istringstream period_v1(first_line(files.cgroup + "/cpu/cpu.cfs_period_us").value_or("-1"));
  double quota = 0, period = 0;
  if (quota_v1 >> quota && period_v1 >> period && quota > 0 && period > 0) cores = std::min(cores, quota / period);
  return cores;
}

std::uint64_t memory_by_cgroup(const MachineFiles& files) {
  std::uint64_t memory = std::numeric_limits<std::uint64_t>::max();
  const auto take = [&](const std::string& path) {
    std::istringstream line(first_line(path).value_or("max"));
    std::uint64_t bytes = 0;
    if (line >> bytes && bytes > 0) memory = std::min(memory, bytes);
  };
  for (const std::string& folder : cgroup_folders(files)) take(folder + "/memory.max");
  take(files.cgroup + "/memory/memory.limit_in_bytes");
  return memory;
}

int cores_by_affinity() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::uint64_t memory_of_machine(const MachineFiles& files) {
  std::istringstream kilobytes(field(files.proc + "/meminfo", "MemTotal").value_or("0"));
  std::uint64_t value = 0;
  kilobytes >> value;
  return value * 1024;
}

}  // namespace

MachineLimits read_machine_limits(const MachineFiles& files) {
  MachineLimits limits;
  limits.cores = static_cast<int>(std::max(1.0, std::min<double>(cores_by_affinity(), cores_by_cgroup(files))));
  limits.memory_bytes = std::min(memory_of_machine(files), memory_by_cgroup(files));
  limits.cpu_model = field(files.proc + "/cpuinfo", "model name").value_or("unknown CPU");
  return limits;
}

}  // namespace tintype
