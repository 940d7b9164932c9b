#include "workers/device/device_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "workers/device/device_arguments.h"
#include "workers/sandbox/fd_message.h"
#include "workers/sandbox/spawn.h"

namespace tintype {
namespace {

// What drivers, their loaders and sanitizers read.
constexpr std::string_view kKeptVariables[] = {
    "OCL_",          "OPENCL_",       "POCL_",          "CUDA_",           "NVIDIA_",
    "ROCM_",         "ROCR_",         "HSA_",           "XILINX_",         "XCL_",
    "HOME=",         "PATH=",         "TMPDIR=",        "XDG_CACHE_HOME=", "LD_LIBRARY_PATH=",
    "TINTYPE_FPGA_", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=",   "LSAN_OPTIONS="};

// Of a lane: behind requests, but before the sandboxed children: a device that waits for its host costs more than a
// late child. Who asks for a list or a test waits for it.
constexpr int niceness_of(DevicePurpose purpose) { return purpose == DevicePurpose::kServe ? 5 : 0; }

constexpr int kReapPatienceMs = 2000;

// One report of a process that is started for it.
Result<DeviceReport> ask(const std::string& program, const DeviceSpec& spec, DevicePurpose purpose,
                         std::chrono::milliseconds timeout, const SelfTestProgress& progress) {
  TT_ASSIGN(DeviceProcess process, DeviceProcess::start(program, spec, purpose));
  std::string during;
  for (;;) {
    pollfd readable{process.control_fd(), POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(timeout.count())) == 0) {
      process.end();
      return fail(ErrorCode::kTimedOut, "the " + spec.engine + " driver did not answer within " +
                                            std::to_string(timeout.count() / 1000) + " s" + during +
                                            "; its process was ended");
    }
    Result<DeviceProcess::Message> message = process.receive();
    if (!message && message.error().code == ErrorCode::kWorkerCrashed) {
      return fail(ErrorCode::kWorkerCrashed,
                  "the " + spec.engine + " driver ended its process" + during + ": " + process.end());
    }
    if (!message) return fail(std::move(message).error());
    if (auto* error = std::get_if<Error>(&message->report)) return fail(std::move(*error));
    const auto* step = std::get_if<SelfTestStep>(&message->report);
    if (!step) return std::move(message->report);
    progress(step->name);
    during = " during \"" + step->name + "\"";
  }
}

template <typename Report>
Result<Report> expect(Result<DeviceReport> report) {
  if (!report) return fail(std::move(report).error());
  auto* expected = std::get_if<Report>(&*report);
  if (!expected) return fail(ErrorCode::kWorkerLied, "a device process answered something else than it was asked");
  return std::move(*expected);
}

}  // namespace

Result<DeviceProcess> DeviceProcess::start(const std::string& program, const DeviceSpec& spec, DevicePurpose purpose) {
  TT_ASSIGN(SpawnedProcess spawned, spawn_with_socket({program, write_arguments({purpose, spec}),
                                                       environment_with(kKeptVariables), niceness_of(purpose)}));
  return DeviceProcess(spawned.pid, std::move(spawned.socket));
}

DeviceProcess::DeviceProcess(DeviceProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), control_(std::move(other.control_)) {}

DeviceProcess::~DeviceProcess() { end(); }

Result<DeviceProcess::Message> DeviceProcess::receive() {
  std::vector<std::uint8_t> buffer(kMostReportBytes);
  Result<ReceivedMessage> received = receive_message(control_.get(), buffer);
  if (!received && received.error().code == ErrorCode::kUnavailable) {
    return fail(ErrorCode::kWorkerCrashed, "the device process is gone");
  }
  if (!received) return fail(std::move(received).error());
  TT_ASSIGN(DeviceReport report, read_report(ByteView(buffer).first(received->bytes)));
  return Message{std::move(report), std::move(received->fds)};
}

Result<DeviceProcess::Message> DeviceProcess::receive_now() {
  pollfd readable{control_.get(), POLLIN, 0};
  if (poll(&readable, 1, 0) != 1) return fail(ErrorCode::kUnavailable, "the device process has said nothing more");
  return receive();
}

std::string DeviceProcess::end() {
  if (pid_ < 0) return "ended before";
  const int pid = std::exchange(pid_, -1);
  control_.reset();
  kill(pid, SIGKILL);
  int status = 0;
  for (int waited_ms = 0; waited_ms < kReapPatienceMs; ++waited_ms) {
    if (waitpid(pid, &status, WNOHANG) != 0) return describe_exit(status);
    usleep(1000);
  }
  return "not yet: its driver holds it in the kernel";
}

Result<DeviceList> list_devices(const std::string& program, const std::string& engine,
                                std::chrono::milliseconds timeout) {
  return expect<DeviceList>(ask(program, {.engine = engine}, DevicePurpose::kList, timeout, [](const auto&) {}));
}

Result<SelfTestReport> self_test_device(const std::string& program, const DeviceSpec& spec,
                                        std::chrono::milliseconds timeout, const SelfTestProgress& progress) {
  return expect<SelfTestReport>(ask(program, spec, DevicePurpose::kSelfTest, timeout, progress));
}

}  // namespace tintype
