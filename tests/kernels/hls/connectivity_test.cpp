// What deploy/fpga says about the kernels' units is of the kernels that there are: a unit without memory stops a build
// of hours.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "kernels/hls/signatures.h"

namespace tintype {
namespace {

struct Connectivity {
  std::set<std::string> kernels;
  std::set<std::string> units;
  std::set<std::string> connected;  // "resize_plane_1.in"
};

// Lines are "nk=kernel:count:unit.unit", "sp=unit.argument:memory", and others that name a unit first.
Connectivity read_connectivity(const std::filesystem::path& path) {
  Connectivity read;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::string value = line.substr(line.find('=') + 1), first = value.substr(0, value.find(':'));
    if (line.starts_with("sp=")) read.connected.insert(first);
    if (!line.starts_with("nk=")) continue;
    read.kernels.insert(first);
    std::istringstream units(value.substr(value.rfind(':') + 1));
    for (std::string unit; std::getline(units, unit, '.');) read.units.insert(unit);
  }
  return read;
}

TEST(HlsConnectivity, EveryUnitsMemoryIsNamed) {
  int cards = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TINTYPE_SOURCE_DIR) + "/deploy/fpga")) {
    if (entry.path().extension() != ".cfg") continue;
    ++cards;
    const Connectivity read = read_connectivity(entry.path());
    std::set<std::string> wanted;
    for (const KernelSignature& kernel : kernel_signatures()) {
      EXPECT_TRUE(read.kernels.contains(std::string(kernel.name))) << entry.path() << " has no " << kernel.name;
      for (const std::string& unit : read.units) {
        if (unit.substr(0, unit.rfind('_')) != kernel.name) continue;
        for (const KernelParameter& parameter : kernel.parameters) {
          if (parameter.is_memory) wanted.insert(unit + "." + std::string(parameter.name));
        }
      }
    }
    EXPECT_EQ(read.connected, wanted) << entry.path();
  }
  EXPECT_EQ(cards, 3);
}

}  // namespace
}  // namespace tintype
