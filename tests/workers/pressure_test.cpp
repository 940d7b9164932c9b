#include "workers/pressure.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace tintype {
namespace {

class PressureTest : public ::testing::Test {
 protected:
  PressureTest() {
    char name[] = "/tmp/tintype-pressure-XXXXXX";
    proc_ = ::mkdtemp(name);
    std::filesystem::create_directory(proc_ / "pressure");
  }
  ~PressureTest() override { std::filesystem::remove_all(proc_); }
  void put(const char* resource, const char* text) { std::ofstream(proc_ / "pressure" / resource) << text; }
  Pressure read() { return read_pressure(proc_); }

  std::filesystem::path proc_;
};

TEST_F(PressureTest, IsTheTenSecondsAverageOfSome) {
  put("cpu", "some avg10=91.25 avg60=80.00 avg300=1.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  put("memory", "some avg10=0.50 avg60=0.00 avg300=0.00 total=0\n");
  EXPECT_DOUBLE_EQ(read().cpu, 0.9125);
  EXPECT_DOUBLE_EQ(read().memory, 0.005);
}

TEST_F(PressureTest, AKernelThatDoesNotSayHasNone) {
  put("io", "nonsense\n");
  EXPECT_EQ(read().cpu, 0);
  EXPECT_EQ(read().io, 0);
}

}  // namespace
}  // namespace tintype
