#include "cli/devices/device_lanes.h"

#include <chrono>
#include <future>
#include <utility>

#include "cli/devices/device_choice.h"
#include "scheduler/placement.h"
#include "workers/device/device_lane.h"
#include "workers/device/device_process.h"
#include "workers/opencl/installed_drivers.h"

namespace tintype {
namespace {

constexpr std::chrono::seconds kListTimeout{10};

// An engine, and what the options say of it.
struct Wanted {
  std::string engine;
  std::string_view option;
  std::string words;
  std::string path;
};

std::vector<Wanted> wanted_of(const DeviceOptions& options, const std::string& cache_folder) {
  std::vector<Wanted> wanted;
  const bool may_find_some = options.opencl != "auto" || may_have_opencl_gpu(driver_places_of_this_machine());
  if (options.opencl != "none" && may_find_some) {
    wanted.push_back({"opencl", "--opencl", options.opencl, cache_folder});
  }
  if (!options.fpga_xclbin.empty() && options.fpga != "none") {
    wanted.push_back({"fpga", "--fpga", options.fpga, options.fpga_xclbin});
  }
  return wanted;
}

class LaneMaker {
 public:
  LaneMaker(Metrics& metrics, Logger& log) : metrics_(metrics), log_(log) {}

  void make(const Wanted& wanted, const Result<DeviceList>& list) {
    if (!list) return say(wanted, list.error().message);
    const Result<DeviceChoice> choice = choose_devices(wanted.option, wanted.words, list->found);
    if (!choice) return say(wanted, choice.error().message);
    for (const std::string& place : choice->missing) {
      say(wanted, "there is no device " + place + (list->reason.empty() ? "" : ": " + list->reason));
    }
    // Who did not name a device needs not hear that there is none.
    if (list->found.empty() && choice->missing.empty() && !(wanted.engine == "opencl" && wanted.words == "auto")) {
      say(wanted, list->reason);
    }
    for (const std::size_t place : choice->places) make(wanted, list->found[place], place);
  }

  std::vector<std::unique_ptr<Lane>> take() && { return std::move(lanes_); }

 private:
  void make(const Wanted& wanted, const DeviceInfo& device, std::size_t place) {
    DeviceLaneConfig config;
    config.name = lane_name(wanted.engine, place);
    config.engine = wanted.engine;
    config.device = device;
    config.path = wanted.path;
    Result<std::unique_ptr<Lane>> lane = make_device_lane(config, metrics_, log_);
    if (!lane) return say(wanted, config.name + " (" + device.name + "): " + lane.error().message);
    log_.info("device_lane",
              {{"lane", config.name}, {"kind", device.kind}, {"device", device.name}, {"driver", device.driver}});
    lanes_.push_back(*std::move(lane));
  }

  void say(const Wanted& wanted, const std::string& cause) {
    log_.warning("device_not_used", {{"option", wanted.option}, {"value", wanted.words}, {"cause", cause}});
  }

  Metrics& metrics_;
  Logger& log_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

std::string lane_name(const std::string& engine, std::size_t place) { return engine + "-" + std::to_string(place); }

Status check_device_options(const DeviceOptions& options) {
  if (options.check_one_in < 0)
    return fail(ErrorCode::kInvalidArgument, "--check-devices: it is one in a number of 1 or more; 0: none");
  TT_TRY(placement_of(options.placement));
  TT_TRY(choose_devices("--opencl", options.opencl, {}));
  TT_TRY(choose_devices("--fpga", options.fpga, {}));
  if (options.fpga != "auto" && options.fpga != "none" && options.fpga_xclbin.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--fpga " + options.fpga + ": cards have to be loaded with something: name it with --fpga-xclbin");
  }
  return {};
}

std::vector<std::unique_ptr<Lane>> make_device_lanes(const DeviceOptions& options, const std::string& cache_folder,
                                                     Metrics& metrics, Logger& log) {
  const std::vector<Wanted> wanted = wanted_of(options, cache_folder);
  std::vector<std::future<Result<DeviceList>>> lists;
  for (const Wanted& one : wanted) {
    lists.push_back(std::async(std::launch::async,
                               [engine = one.engine] { return list_devices(kThisProgram, engine, kListTimeout); }));
  }
  LaneMaker maker(metrics, log);
  for (std::size_t i = 0; i < wanted.size(); ++i) maker.make(wanted[i], lists[i].get());
  return std::move(maker).take();
}

}  // namespace tintype
