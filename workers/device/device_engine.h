// DeviceEngine: one opened device, in the process that is its own, and what a device lane's tasks run on: an OpenCL
// device, an FPGA card. Foreign headers and drivers stay behind it.
//
// open_session() is called as often as info().sessions says, from any thread; each session is one thread's, and all of
// them work at once. The engine outlives its sessions. A driver that hangs or crashes takes this process with it and
// nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/planes.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "workers/task.h"

namespace tintype {

// The steps that a device does; its lane refuses tasks with others.
struct DeviceAbilities {
  bool takes_coefficients = false;  // ReconstructStep
  bool takes_planes = false;        // steps that read kYcc420 pictures handed in
  bool makes_full_chroma = false;   // pictures of kYcc444, which may be kept, not encoded
  bool makes_webp = false;          // by Encoder::kTintype, at a quality (not to a score), of kYcc420
  std::uint32_t most_side_px = 16383;
  std::uint64_t most_pixels = 1ull << 28;  // of the largest picture
};

struct DeviceInfo {
  std::string address;  // names it among its engine's devices: "0:1", "0000:01:00.1"
  std::string kind;     // "opencl-gpu", "opencl-cpu", "fpga", "fpga-emu"
  std::string name;     // as its maker calls it
  std::string driver;   // with version; of an FPGA what it is configured with, too
  std::uint64_t memory_bytes = 0;
  int sessions = 1;  // tasks that it does at once
  bool is_used_by_default = false;
  DeviceAbilities abilities;
};

// Of a device's memory, what tasks may take together unless something else is said: drivers and others need some, too.
inline std::uint64_t usable_bytes(const DeviceInfo& device) { return device.memory_bytes / 4 * 3; }

struct DeviceList {
  std::vector<DeviceInfo> found;  // used by default or not
  std::string reason;             // why there is none, in a sentence for people; "": there is one
};

// Which device a process is to open, and how.
struct DeviceSpec {
  std::string engine;              // "opencl", "fpga": EngineKind::name
  std::string address;             // "": the first that is used by default
  std::string name;                // refused (kUnavailable) when the device there has another; "": any
  std::string path;                // OpenCL: the folder of built programs, "": none. FPGA: the xclbin
  int sessions = 0;                // 0: as many as the engine likes
  std::uint64_t memory_bytes = 0;  // of the device that may be used; 0: usable_bytes()
};

struct EngineInput {
  PictureShape shape;
  ByteView bytes;  // shape.bytes() of them, which nobody can change any more; coefficients are as hostile as their file
};

// A task's part that an engine needs; the steps have passed check_task() and the device's abilities.
struct EngineTask {
  std::span<const Step> steps;
  std::span<const EngineInput> inputs;
  std::span<const std::uint32_t> keep_pictures;
};

struct EngineStepResult {
  double seconds = 0;  // wall time, as far as it can be told apart; of all steps together no more than run() took
  std::optional<EncodedFile> file;  // of an EncodeStep
  std::optional<Planes> picture;    // of a kept step
};

class DeviceSession {
 public:
  virtual ~DeviceSession() = default;

  // Waits for the device. One result for each step, the bytes and planes those that the CPU lane makes.
  // kOutOfMemory: it does not fit the device now; kWorkerCrashed: the device is lost, and the process with it;
  // kUnsupported, kInvalidArgument, kInternal: this task fails and nothing else.
  virtual Result<std::vector<EngineStepResult>> run(const EngineTask& task) = 0;
};

class DeviceEngine {
 public:
  virtual ~DeviceEngine() = default;
  virtual const DeviceInfo& info() const = 0;
  virtual Result<std::unique_ptr<DeviceSession>> open_session() = 0;
};

// A kind of engine that this program has: the composition root lists them literally.
struct EngineKind {
  std::string_view name;
  // Drivers may start threads, and hang: a process of its own asks.
  Result<DeviceList> (*list)(const DeviceSpec& spec);
  // kUnavailable: the device is not there, or busy; kUnsupported: not in this build, or its programs do not build on
  // it.
  Result<std::unique_ptr<DeviceEngine>> (*open)(const DeviceSpec& spec);
};

}  // namespace tintype
