// Which devices are picked, and what `tintype devices` says of those of this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/own_devices.h"
#include "cli/devices/device_choice.h"
#include "cli/devices/device_lanes.h"

namespace tintype {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<DeviceInfo> some_devices() {
  DeviceInfo pocl{.address = "0:0", .kind = "opencl-cpu", .name = "a CPU", .driver = "PoCL 6.0"};
  DeviceInfo gpu{
      .address = "1:0", .kind = "opencl-gpu", .name = "a GPU", .driver = "550.1", .is_used_by_default = true};
  gpu.memory_bytes = 8'000'000'000;
  return {pocl, gpu};
}

TEST(DeviceChoice, AutoTakesWhatIsUsedByDefault) {
  EXPECT_THAT(choose_devices("--opencl", "auto", some_devices())->places, ElementsAre(1));
  EXPECT_THAT(choose_devices("--opencl", "none", some_devices())->places, IsEmpty());
  EXPECT_THAT(choose_devices("--opencl", "all", some_devices())->places, ElementsAre(0, 1));
}

TEST(DeviceChoice, PlacesAreTakenOnceAndMissingOnesNamed) {
  const auto choice = choose_devices("--opencl", "1,0,1,7", some_devices());
  ASSERT_TRUE(choice);
  EXPECT_THAT(choice->places, ElementsAre(0, 1));
  EXPECT_THAT(choice->missing, ElementsAre("7"));
}

TEST(DeviceChoice, OtherWordsAreExplained) {
  for (const char* words : {"", "gpu", "0,", ",1", "1;2", "-1", "0x1", "99999999999999999999"}) {
    const auto choice = choose_devices("--fpga", words, some_devices());
    ASSERT_FALSE(choice) << words;
    EXPECT_EQ(choice.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(choice.error().message, AllOf(HasSubstr("--fpga"), HasSubstr("auto, none, all")));
  }
}

TEST(DeviceOptions, CardsNeedAnXclbin) {
  EXPECT_TRUE(check_device_options({}));
  EXPECT_THAT(check_device_options({.fpga = "all"}).error().message, HasSubstr("--fpga-xclbin"));
  EXPECT_TRUE(check_device_options({.fpga = "all", .fpga_xclbin = "a.xclbin"}));
  EXPECT_FALSE(check_device_options({.check_one_in = -1}));
}

TEST(DeviceOptions, PlacementIsOneOfTwoWords) {
  EXPECT_TRUE(check_device_options({.placement = "devices-first"}));
  EXPECT_THAT(check_device_options({.placement = "gpu"}).error().message, HasSubstr("fastest or devices-first"));
}

TEST(DeviceOptions, AFarmOfTheSameWordsHasThem) {
  const DeviceOptions options{.opencl = "0", .fpga_xclbin = "a.xclbin", .placement = "devices-first"};
  EXPECT_THAT(options.words(), ElementsAre("--opencl", "0", "--fpga", "auto", "--check-devices", "200", "--placement",
                                           "devices-first", "--fpga-xclbin", "a.xclbin"));
}

OwnDevices tested_devices() {
  OwnDevices own;
  const std::vector<DeviceInfo> devices = some_devices();
  SelfTestReport test;
  test.device = devices[1];
  test.checks = {{"baseline", true, ""}, {"hostile coefficients", false, "byte 7 of the file"}};
  test.rates = {{"ladder of 12 MP", 321.5}};
  own.devices = {{"opencl-0", devices[0], std::nullopt, "its driver hangs"}, {"opencl-1", devices[1], test, ""}};
  own.reasons = {"no FPGA card: XRT's driver (xocl) is not loaded"};
  return own;
}

TEST(OwnDevices, TheTextSaysWhatEachIsAndWhyThereAreNoOthers) {
  const std::string text = own_devices_text(tested_devices(), false);
  EXPECT_THAT(text, AllOf(HasSubstr("cpu"), HasSubstr("opencl-cpu"), HasSubstr("when named"), HasSubstr("by default")));
  EXPECT_THAT(text, AllOf(HasSubstr("not tested: its driver hangs"), HasSubstr("WRONG in 1 of 2 checks"),
                          HasSubstr("321.5 MP/s")));
  EXPECT_THAT(text, HasSubstr("no FPGA card: XRT's driver (xocl) is not loaded"));
  EXPECT_THAT(text, Not(HasSubstr("byte 7")));
  EXPECT_THAT(own_devices_text(tested_devices(), true),
              AllOf(HasSubstr("WRONG: byte 7 of the file"), HasSubstr("baseline")));
}

TEST(OwnDevices, TheJsonHasEveryCheck) {
  const Json json = own_devices_json(tested_devices());
  EXPECT_EQ(json["devices"][0]["failure"], "its driver hangs");
  EXPECT_TRUE(json["devices"][0]["self_test"].is_null());
  EXPECT_EQ(json["devices"][1]["self_test"]["passed"], false);
  EXPECT_EQ(json["devices"][1]["self_test"]["checks"][1]["detail"], "byte 7 of the file");
  EXPECT_EQ(json["devices"][1]["self_test"]["rates"][0]["megapixels_per_second"], 321.5);
}

TEST(OwnDevices, AllMustPassToPass) {
  OwnDevices own = tested_devices();
  EXPECT_FALSE(all_passed(own));
  own.devices[1].test->checks[1].passed = true;
  EXPECT_FALSE(all_passed(own)) << "one could not be tested";
  own.devices.erase(own.devices.begin());
  EXPECT_TRUE(all_passed(own));
  EXPECT_TRUE(all_passed({})) << "no device is no fault";
}

}  // namespace
}  // namespace tintype
