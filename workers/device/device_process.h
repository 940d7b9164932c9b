// DeviceProcess: our end of a process that has one device to itself. A driver that hangs or crashes is ended with it.
//
// The program that starts one calls run_device_worker_if_asked() at the start of main().
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "workers/device/device_engine.h"
#include "workers/device/device_report.h"

namespace tintype {

// If this process was started as a device process (argv[1] is "device-worker"), is one and never returns.
void run_device_worker_if_asked(int argc, char** argv, std::span<const EngineKind> kinds);

enum class DevicePurpose : std::uint8_t { kServe, kList, kSelfTest };

class DeviceProcess {
 public:
  // Its first report comes on control_fd(): of a device that is open, a list, or a self-test.
  static Result<DeviceProcess> start(const std::string& program, const DeviceSpec& spec, DevicePurpose purpose);
  DeviceProcess(DeviceProcess&&) noexcept;
  DeviceProcess& operator=(DeviceProcess&&) = delete;
  ~DeviceProcess();  // end()

  int pid() const { return pid_; }
  int control_fd() const { return control_.get(); }

  struct Message {
    DeviceReport report;
    std::vector<UniqueFd> sessions;  // of an opened device
  };
  // Call when control_fd() is readable. kWorkerCrashed: it is gone.
  Result<Message> receive();
  // The same without waiting: kUnavailable: it has said nothing more.
  Result<Message> receive_now();

  // Kills it and answers how it ended: "signal 11 (SIGSEGV)". One that its driver holds in the kernel is left to die
  // there.
  std::string end();

 private:
  DeviceProcess(int pid, UniqueFd control) : pid_(pid), control_(std::move(control)) {}

  int pid_;
  UniqueFd control_;
};

inline constexpr const char* kThisProgram = "/proc/self/exe";

// Ask in a process that is ended afterwards. kTimedOut: the driver hangs: it has said nothing for so long. A test tells
// every step of it as it begins, and a time-out during which.
Result<DeviceList> list_devices(const std::string& program, const std::string& engine,
                                std::chrono::milliseconds timeout);
Result<SelfTestReport> self_test_device(
    const std::string& program, const DeviceSpec& spec, std::chrono::milliseconds timeout,
    const SelfTestProgress& progress = [](const auto&) {});

}  // namespace tintype
