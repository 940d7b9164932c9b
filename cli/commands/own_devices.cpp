#include "cli/commands/own_devices.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <format>

#include "cli/devices/device_lanes.h"
#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"
#include "workers/cpu/machine_limits.h"
#include "workers/device/device_process.h"

namespace tintype {
namespace {

constexpr std::chrono::seconds kListTimeout{10};
constexpr std::chrono::minutes kStepTimeout{2};  // of a test: programs are built, and results computed on the CPU, too

// Where programs built for devices are kept from one call to the next; "": nowhere.
std::string program_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache) return std::string(cache) + "/tintype/programs";
  const char* home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/tintype/programs" : "";
}

std::string summary(const OwnDevice& device) {
  if (!device.test) return "not tested: " + device.failure;
  const auto failed = std::ranges::count_if(device.test->checks, [](const auto& check) { return !check.passed; });
  const std::string count = counted(device.test->checks.size(), "check", "checks");
  return failed == 0 ? "equal to the CPU in " + count : std::format("WRONG in {} of {}", failed, count);
}

void test_devices_of(const std::string& engine, const std::string& path, bool all_of_them, OwnDevices& own) {
  const Result<DeviceList> list = list_devices(kThisProgram, engine, kListTimeout);
  if (!list || list->found.empty()) {
    own.reasons.push_back(list ? list->reason : list.error().message);
    return;
  }
  for (std::size_t place = 0; place < list->found.size(); ++place) {
    OwnDevice device{lane_name(engine, place), list->found[place], std::nullopt, ""};
    const auto test = [&] {
      std::fprintf(stderr, "testing %s, %s\n", device.lane.c_str(), printable(device.info.name).c_str());
      const auto tell = [&](const std::string& step) {
        std::fprintf(stderr, "  %s: %s\n", device.lane.c_str(), printable(step).c_str());
      };
      return self_test_device(
          kThisProgram, {.engine = engine, .address = device.info.address, .name = device.info.name, .path = path},
          kStepTimeout, tell);
    };
    if (!all_of_them && !device.info.is_used_by_default) {
      device.failure = "--verify tests it";
    } else if (engine == "fpga" && path.empty()) {
      device.failure = "name what it is to be loaded with: --fpga-xclbin FILE";
    } else if (Result<SelfTestReport> report = test()) {
      device.test = *std::move(report);
    } else {
      device.failure = report.error().message;
    }
    own.devices.push_back(std::move(device));
  }
}

}  // namespace

OwnDevices test_own_devices(const DeviceOptions& options, bool all_of_them) {
  OwnDevices own;
  test_devices_of("opencl", program_cache(), all_of_them, own);
  test_devices_of("fpga", options.fpga_xclbin, all_of_them, own);
  return own;
}

bool all_passed(const OwnDevices& own) {
  return std::ranges::all_of(own.devices, [](const OwnDevice& device) { return device.test && device.test->passed(); });
}

std::string own_devices_text(const OwnDevices& own, bool with_checks) {
  const MachineLimits machine = read_machine_limits();
  Table devices({{"Lane"}, {"Kind"}, {"Used"}, {"Memory", Align::kRight}, {"Self-test"}, {"Device"}});
  devices.add_row(
      {"cpu", "cpu", "always", machine.memory_bytes == 0 ? "" : human_bytes(machine.memory_bytes), "the others' judge",
       std::format("{}, {}", machine.cpu_model, counted(static_cast<std::uint64_t>(machine.cores), "core", "cores"))});
  Table rates({{"Lane"}, {"Work"}, {"Pace", Align::kRight}});
  Table checks({{"Lane"}, {"Check"}, {"Result"}});
  for (const OwnDevice& device : own.devices) {
    devices.add_row(
        {device.lane, device.info.kind, device.info.is_used_by_default ? "by default" : "when named",
         human_bytes(device.info.memory_bytes), summary(device),
         std::format("{} ({})", device.info.name, device.test ? device.test->device.driver : device.info.driver)});
    if (!device.test) continue;
    for (const auto& rate : device.test->rates) {
      rates.add_row({device.lane, rate.name, std::format("{:.1f} MP/s", rate.megapixels_a_second)});
    }
    for (const auto& check : device.test->checks) {
      checks.add_row({device.lane, check.name, check.passed ? "equal" : "WRONG: " + check.detail});
    }
  }
  std::string text = "This machine (no farm was asked)\n" + devices.to_string(2);
  for (const std::string& reason : own.reasons) text += "  " + printable(reason) + '\n';
  if (with_checks && !checks.empty()) text += '\n' + checks.to_string(2);
  if (!rates.empty()) text += '\n' + rates.to_string(2);
  return text;
}

Json own_devices_json(const OwnDevices& own) {
  Json devices = Json::array();
  for (const OwnDevice& device : own.devices) {
    Json one = {{"name", device.lane},
                {"kind", device.info.kind},
                {"device", device.info.name},
                {"driver", device.info.driver},
                {"address", device.info.address},
                {"memory_bytes", device.info.memory_bytes},
                {"slots", device.info.sessions},
                {"used_by_default", device.info.is_used_by_default},
                {"failure", device.failure},
                {"self_test", nullptr}};
    if (device.test) {
      Json checks = Json::array();
      Json rates = Json::array();
      for (const auto& check : device.test->checks) {
        checks.push_back({{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}});
      }
      for (const auto& rate : device.test->rates) {
        rates.push_back({{"work", rate.name}, {"megapixels_per_second", rate.megapixels_a_second}});
      }
      one["self_test"] = {
          {"passed", device.test->passed()}, {"checks", std::move(checks)}, {"rates", std::move(rates)}};
    }
    devices.push_back(std::move(one));
  }
  return {{"devices", std::move(devices)}, {"reasons", own.reasons}};
}

}  // namespace tintype
