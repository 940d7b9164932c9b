#include <chrono>
#include <format>

#include "cli/commands/doctor_checks.h"
#include "cli/devices/device_options.h"
#include "workers/device/device_process.h"

namespace tintype {
namespace {

constexpr std::chrono::seconds kListTimeout{10};
constexpr std::chrono::minutes kTestTimeout{5};

std::string names_of(const std::vector<DeviceInfo>& found) {
  std::string names;
  for (const DeviceInfo& device : found) {
    names += std::format("{}{} ({}{})", names.empty() ? "" : ", ", device.name, device.kind,
                         device.is_used_by_default ? "" : ", used when named");
  }
  return names;
}

// No device is no fault: the CPU does everything.
Finding describe(const char* name, const Result<DeviceList>& list) {
  if (!list && list.error().code == ErrorCode::kTimedOut) {
    return {Health::kWarn, name, list.error().message, "its driver hangs: the farm will run without it"};
  }
  if (!list) return {Health::kWarn, name, list.error().message, "the farm will run without it"};
  if (list->found.empty()) return {Health::kOk, name, list->reason, ""};
  return {Health::kOk, name, names_of(list->found), ""};
}

}  // namespace

Finding check_opencl() { return describe("opencl", list_devices(kThisProgram, "opencl", kListTimeout)); }

Finding check_fpga(const std::string& xclbin) {
  const Result<DeviceList> list = list_devices(kThisProgram, "fpga", kListTimeout);
  Finding finding = describe("fpga", list);
  if (xclbin.empty() || !list || list->found.empty()) {
    // Who names an xclbin wants a card.
    if (!xclbin.empty() && finding.health == Health::kOk)
      finding = {Health::kFail, "fpga", finding.detail, "see docs/fpga.md"};
    return finding;
  }
  for (const DeviceInfo& card : list->found) {
    const DeviceSpec spec{.engine = "fpga", .address = card.address, .name = card.name, .path = xclbin};
    const Result<SelfTestReport> test = self_test_device(kThisProgram, spec, kTestTimeout);
    if (!test) return {Health::kFail, "fpga", card.name + ": " + test.error().message, "see docs/fpga.md"};
    if (!test->passed()) {
      return {Health::kFail, "fpga", card.name + " computes something else than the CPU",
              "tintype devices --verify tells what"};
    }
  }
  finding.detail += ": equal to the CPU";
  return finding;
}

}  // namespace tintype
