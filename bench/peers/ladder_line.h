// What the programs of `bench/run peers` that stay up for all pictures say to its driver: for each line read, which is
// one order, one line of JSON with its cost.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <format>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace tintype::bench {

// "FILE OUT_PREFIX FORMAT QUALITY EFFORT LONG_SIDE...", separated by tabs: a ladder of FILE, each rung in
// OUT_PREFIX + LONG_SIDE + "." + FORMAT.
struct LadderOrder {
  std::string file;
  std::string out_prefix;
  std::string format;
  int quality = 0;
  int effort = 0;
  std::vector<std::uint32_t> long_sides;

  std::string out(std::uint32_t long_side) const { return std::format("{}{}.{}", out_prefix, long_side, format); }
};

inline LadderOrder parse_order(const std::string& line) {
  std::istringstream in(line);
  LadderOrder order;
  std::string number;
  std::getline(in, order.file, '\t');
  std::getline(in, order.out_prefix, '\t');
  std::getline(in, order.format, '\t');
  std::getline(in, number, '\t');
  order.quality = std::stoi(number);
  std::getline(in, number, '\t');
  order.effort = std::stoi(number);
  while (std::getline(in, number, '\t')) order.long_sides.push_back(static_cast<std::uint32_t>(std::stoul(number)));
  return order;
}

inline std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::string bytes(static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg())), '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

inline double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The process's largest resident memory since forget_peak(), in KiB.
inline void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

inline long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  return 0;
}

class CostOfAnOrder {
 public:
  CostOfAnOrder() { forget_peak(); }
  std::string json(const std::string& error) const {
    std::string text =
        std::format("{{\"cpu\": {:.6f}, \"wall\": {:.6f}, \"peak_kib\": {}",
                    seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_, seconds_of(CLOCK_MONOTONIC) - wall_, peak_kib());
    if (!error.empty()) text += ", \"error\": \"" + error + "\"";
    return text + "}";
  }

 private:
  const double cpu_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double wall_ = seconds_of(CLOCK_MONOTONIC);
};

}  // namespace tintype::bench
