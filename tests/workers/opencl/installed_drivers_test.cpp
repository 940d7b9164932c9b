#include "workers/opencl/installed_drivers.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <string>

namespace tintype {
namespace {

namespace fs = std::filesystem;

class InstalledDrivers : public testing::Test {
 protected:
  InstalledDrivers() {
    std::string name = (fs::temp_directory_path() / "drivers-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(places_.registrations = folder_ / "vendors");
    fs::create_directories(places_.device_nodes = folder_ / "dev");
  }
  ~InstalledDrivers() override { fs::remove_all(folder_); }

  void registers(const std::string& name, const std::string& library) {
    std::ofstream(places_.registrations / name) << library << "\n";
  }
  void has_node(const std::string& name) { std::ofstream(places_.device_nodes / name) << ""; }

  fs::path folder_;
  DriverPlaces places_;
};

TEST_F(InstalledDrivers, NoneIsNoGpu) {
  EXPECT_FALSE(may_have_opencl_gpu(places_));
  fs::remove(places_.registrations);
  EXPECT_FALSE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, PoclAloneIsACpu) {
  registers("pocl.icd", "libpocl.so.2.13.0");
  EXPECT_FALSE(may_have_opencl_gpu(places_));
  registers("pocl.icd", "/usr/lib/x86_64-linux-gnu/libpocl.so.2.13.0");
  EXPECT_FALSE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, PoclBesideAGpusNodeIsAsked) {
  registers("pocl.icd", "libpocl.so.2.13.0");
  has_node("nvidiactl");
  EXPECT_TRUE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, AGpusNodeWithoutADriverIsNoGpu) {
  has_node("dri");
  EXPECT_FALSE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, AnyOtherDriverIsAsked) {
  registers("pocl.icd", "libpocl.so.2.13.0");
  registers("nvidia.icd", "libnvidia-opencl.so.1");
  EXPECT_TRUE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, AnUnreadableRegistrationIsAsked) {
  registers("empty.icd", "");
  EXPECT_TRUE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, OtherFilesAreNotRegistrations) {
  registers("README", "libnvidia-opencl.so.1");
  EXPECT_FALSE(may_have_opencl_gpu(places_));
}

TEST_F(InstalledDrivers, ALoaderThatIsSentElsewhereIsAsked) {
  places_.are_elsewhere = true;
  EXPECT_TRUE(may_have_opencl_gpu(places_));
}

}  // namespace
}  // namespace tintype
