#include "bench/support/process_tree.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tintype::bench {
namespace {

struct ProcessStat {
  pid_t parent = 0;
  double own_seconds = 0;
  double reaped_seconds = 0;  // of children that it waited for
};

std::optional<ProcessStat> read_stat(const std::string& pid) {
  std::string text;
  std::getline(std::ifstream("/proc/" + pid + "/stat"), text);
  const std::size_t end = text.rfind(')');
  if (end == text.npos) return {};
  long parent = 0;
  unsigned long user = 0, system = 0;
  long reaped_user = 0, reaped_system = 0;
  std::sscanf(text.c_str() + end + 2, "%*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &parent, &user,
              &system, &reaped_user, &reaped_system);
  const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return ProcessStat{static_cast<pid_t>(parent), static_cast<double>(user + system) / tick,
                     static_cast<double>(reaped_user + reaped_system) / tick};
}

}  // namespace

double cpu_seconds_of(pid_t pid) {
  const auto stat = read_stat(std::to_string(pid));
  return stat ? stat->own_seconds : 0;
}

double cpu_seconds_below(pid_t pid) {
  std::multimap<pid_t, std::pair<pid_t, ProcessStat>> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    if (const auto stat = read_stat(name)) children.emplace(stat->parent, std::pair(std::stoi(name), *stat));
  }
  double seconds = 0;
  std::vector<pid_t> parents = {pid};
  while (!parents.empty()) {
    const auto [begin, end] = children.equal_range(parents.back());
    parents.pop_back();
    for (auto child = begin; child != end; ++child) {
      seconds += child->second.second.own_seconds + child->second.second.reaped_seconds;
      parents.push_back(child->second.first);
    }
  }
  return seconds;
}

MachineTime machine_time() {
  std::string name;
  unsigned long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0;
  std::ifstream("/proc/stat") >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq;
  const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {static_cast<double>(user + nice + system + irq + softirq) / tick, static_cast<double>(waiting) / tick};
}

}  // namespace tintype::bench
