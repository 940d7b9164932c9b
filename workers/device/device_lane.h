// The lane of one device: an OpenCL device or an FPGA card, in a process of its own (device_process.h), with as many
// tasks at once as the device has sessions.
//
// What goes wrong ends the tasks that it touches, and the dispatcher sends their work elsewhere:
//   kWorkerCrashed  the process died, or the device was lost under it
//   kTimedOut       the task took longer than its time, so that the process was killed
//   kOutOfMemory    the task did not fit the device (the process goes on)
//   kUnavailable    no fault of the task's: another task's end took the process along, it was killed from outside,
//                   or the lane is out of service
// A process that is lost is started again, after longer and longer pauses; until it has opened its device the lane is
// out of service, and says why. After `failures_before_rest` losses without a task done between them it rests for a
// while.
//
// A task that is cancelled is answered at once; the device works on until it is done, and nobody looks at the result.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/base/result.h"
#include "workers/device/device_process.h"
#include "workers/lane.h"

namespace tintype {

struct DeviceLaneConfig {
  std::string name;                // "opencl-0"
  std::string engine;              // EngineKind::name
  DeviceInfo device;               // as list_devices() gave it
  std::string path;                // DeviceSpec::path
  int sessions = 0;                // 0: as many as the device's info says
  std::uint64_t memory_bytes = 0;  // of the device that may be used; 0: usable_bytes()
  std::string program = kThisProgram;
  std::chrono::milliseconds task_timeout{60'000};
  std::chrono::milliseconds start_timeout{300'000};  // programs are built when a device is opened for the first time
  std::chrono::milliseconds first_pause{200};        // before it is started again; doubled every time
  std::chrono::milliseconds rest{60'000};
  int failures_before_rest = 5;

  Status validate() const;
};

// Returns while the device is being opened: the lane is out of service until it is. kInvalidArgument, or what the
// system says to a thread more.
Result<std::unique_ptr<Lane>> make_device_lane(const DeviceLaneConfig& config, Metrics& metrics, Logger& log);

}  // namespace tintype
