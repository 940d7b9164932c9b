#include "workers/fpga/fpga_engine.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "kernels/vp8/picture.h"
#include "workers/fpga/fpga_card.h"
#include "workers/fpga/fpga_devices.h"
#include "workers/fpga/fpga_task.h"

namespace tintype {
namespace {

// The slowest kernel takes some 13 s for the largest picture there is (docs/fpga.md); an emulated card computes it on
// the CPU, beside others.
constexpr std::chrono::seconds kCallTimeout{60}, kEmulatedCallTimeout{120};
constexpr std::uint64_t kMemoryBytes = 2ull << 30;  // of a card, that tasks in flight may count on
constexpr int kLeastSessions = 2;

constexpr DeviceAbilities kAbilities{
    .takes_coefficients = true,
    .makes_full_chroma = true,
    .makes_webp = true,
    .most_side_px = vp8::kMostSide,
};

DeviceInfo info_of(const FpgaDevice& device) {
  DeviceInfo info;
  info.address = std::to_string(device.index);
  info.kind = device.kind;
  info.name = device.name + (device.place.empty() ? "" : " at " + device.place);
  info.driver = "XRT";
  info.memory_bytes = kMemoryBytes;
  info.sessions = kLeastSessions;
  info.is_used_by_default = device.is_used_by_default();
  info.abilities = kAbilities;
  return info;
}

// "XRT, xclbin 5f3a... for platform x: 2 resize_plane, 1 vp8_macroblocks".
std::string describe(const FpgaXclbin& xclbin) {
  std::map<std::string, int> units;
  for (const FpgaUnit& unit : xclbin.units) ++units[unit.kernel];
  std::string text = "XRT, xclbin " + xclbin.uuid + " for " + xclbin.platform + ":";
  for (const auto& [kernel, count] : units)
    text += (text.ends_with(':') ? " " : ", ") + std::to_string(count) + " " + kernel;
  return text;
}

class FpgaSession : public DeviceSession {
 public:
  FpgaSession(FpgaCard& card, std::chrono::milliseconds call_timeout) : card_(card), call_timeout_(call_timeout) {}

  Result<std::vector<EngineStepResult>> run(const EngineTask& task) override {
    auto results = FpgaTask(card_, task, call_timeout_).run();
    if (results || !is_cards(results.error().code)) return results;
    return fail(ErrorCode::kWorkerCrashed, std::move(results).error().message);
  }

 private:
  static bool is_cards(ErrorCode code) { return code == ErrorCode::kTimedOut || code == ErrorCode::kUnavailable; }

  FpgaCard& card_;
  const std::chrono::milliseconds call_timeout_;
};

class FpgaEngine : public DeviceEngine {
 public:
  FpgaEngine(std::unique_ptr<FpgaCard> card, DeviceInfo info, std::chrono::milliseconds call_timeout)
      : card_(std::move(card)), info_(std::move(info)), call_timeout_(call_timeout) {}

  const DeviceInfo& info() const override { return info_; }
  Result<std::unique_ptr<DeviceSession>> open_session() override {
    return std::make_unique<FpgaSession>(*card_, call_timeout_);
  }

 private:
  const std::unique_ptr<FpgaCard> card_;
  const DeviceInfo info_;
  const std::chrono::milliseconds call_timeout_;
};

Result<FpgaDevice> find_device(const DeviceSpec& spec) {
  TT_ASSIGN(const FpgaDevices devices, list_fpga_devices());
  if (devices.found.empty()) return fail(ErrorCode::kUnavailable, devices.reason);
  const auto found = std::ranges::find_if(devices.found, [&](const FpgaDevice& device) {
    return spec.address.empty() ? device.is_used_by_default() : info_of(device).address == spec.address;
  });
  if (found == devices.found.end()) {
    return fail(ErrorCode::kUnavailable, spec.address.empty()
                                             ? "there are only emulated FPGA cards, which are used when they are named"
                                             : "there is no FPGA card " + spec.address);
  }
  if (!spec.name.empty() && spec.name != info_of(*found).name) {
    return fail(ErrorCode::kUnavailable,
                "FPGA card " + std::to_string(found->index) + " is " + info_of(*found).name + ", not " + spec.name);
  }
  return *found;
}

std::chrono::milliseconds call_timeout_of(const FpgaDevice& device) {
  return device.kind == "fpga" ? kCallTimeout : kEmulatedCallTimeout;
}

Result<std::unique_ptr<DeviceEngine>> open(const DeviceSpec& spec, const FpgaDevice& device,
                                           std::chrono::milliseconds call_timeout) {
  if (spec.path.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "an FPGA card needs an xclbin: build one as deploy/fpga/README.md says, and name it");
  }
  // A card in trouble is not opened again here, but by the process that comes after this one.
  constexpr int kMostResets = 0;
  TT_ASSIGN(std::unique_ptr<FpgaCard> card, FpgaCard::open({device.index, spec.path, kMostResets}));
  DeviceInfo info = info_of(device);
  info.driver = describe(card->xclbin());
  // Half of them wait for the host while the others keep the slowest kernel's units busy.
  const auto slowest = std::ranges::count(card->xclbin().units, "vp8_macroblocks", &FpgaUnit::kernel);
  info.sessions = spec.sessions > 0 ? spec.sessions : std::max(kLeastSessions, static_cast<int>(2 * slowest));
  if (spec.memory_bytes > 0) info.memory_bytes = spec.memory_bytes;
  return std::make_unique<FpgaEngine>(std::move(card), std::move(info), call_timeout);
}

}  // namespace

Result<DeviceList> list_fpga_engines(const DeviceSpec& spec) {
  TT_ASSIGN(const FpgaDevices devices, list_fpga_devices());
  DeviceList listed{{}, devices.reason};
  std::string xclbin;
  if (!spec.path.empty() && !devices.found.empty()) {
    TT_ASSIGN(const FpgaXclbin read, read_xclbin(spec.path));
    xclbin = describe(read);
  }
  for (const FpgaDevice& device : devices.found) {
    listed.found.push_back(info_of(device));
    if (!xclbin.empty()) listed.found.back().driver = xclbin;
  }
  return listed;
}

Result<std::unique_ptr<DeviceEngine>> open_fpga_engine(const DeviceSpec& spec) {
  TT_ASSIGN(const FpgaDevice device, find_device(spec));
  return open(spec, device, call_timeout_of(device));
}

Result<std::unique_ptr<DeviceEngine>> open_fpga_engine(const DeviceSpec& spec, std::chrono::milliseconds call_timeout) {
  TT_ASSIGN(const FpgaDevice device, find_device(spec));
  return open(spec, device, call_timeout);
}

}  // namespace tintype
