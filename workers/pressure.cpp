#include "workers/pressure.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace tintype {
namespace {

// "some avg10=1.53 avg60=...": percent.
double some_avg10(const std::string& path) {
  std::ifstream file(path);
  std::string kind, average;
  constexpr std::string_view kName = "avg10=";
  if (!(file >> kind >> average) || kind != "some" || !average.starts_with(kName)) return 0;
  return std::clamp(std::atof(average.c_str() + kName.size()) / 100, 0.0, 1.0);
}

}  // namespace

Pressure read_pressure(const std::string& proc) {
  return {some_avg10(proc + "/pressure/cpu"), some_avg10(proc + "/pressure/memory"), some_avg10(proc + "/pressure/io")};
}

}  // namespace tintype
