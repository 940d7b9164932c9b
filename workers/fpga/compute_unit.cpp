#include "workers/fpga/compute_unit.h"

#include <algorithm>

#include "workers/fpga/xrt_call.h"

namespace tintype {
namespace {

// XRT takes aligned memory in whole pages.
std::size_t whole_pages(std::size_t bytes) { return std::max<std::size_t>((bytes + 4095) / 4096 * 4096, 4096); }

const char* name_of(ert_cmd_state state) {
  switch (state) {
    case ERT_CMD_STATE_ERROR:
      return "error";
    case ERT_CMD_STATE_ABORT:
      return "aborted";
    case ERT_CMD_STATE_NORESPONSE:
      return "no response";
    case ERT_CMD_STATE_SKERROR:
      return "soft kernel error";
    default:
      return "an unexpected state";
  }
}

}  // namespace

Result<ComputeUnit> ComputeUnit::open(const xrt::device& device, const xrt::uuid& xclbin, const std::string& kernel,
                                      const std::string& unit) {
  TT_ASSIGN(xrt::kernel opened, xrt_call("opening compute unit " + unit,
                                         [&] { return xrt::kernel(device, xclbin, kernel + ":{" + unit + "}"); }));
  return ComputeUnit(device, std::move(opened), unit);
}

Status ComputeUnit::reserve(Slot& slot, std::size_t parameter, std::size_t bytes) {
  xrt::bo& buffer = slot.buffers[parameter];
  if (buffer && buffer.size() >= bytes) return {};
  buffer = xrt::bo();  // before its successor takes room
  auto made = xrt_call("a buffer of " + std::to_string(bytes) + " bytes", [&] {
    return xrt::bo(device_, whole_pages(bytes), kernel_.group_id(static_cast<int>(parameter)));
  });
  if (!made) return fail(ErrorCode::kOutOfMemory, made.error().message);
  buffer = std::move(*made);
  return {};
}

Status ComputeUnit::fill(Slot& slot, const KernelCall& call) {
  slot.buffers.resize(call.arguments.size());
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    if (const auto* in = std::get_if<ToKernel>(&call.arguments[i])) TT_TRY(reserve(slot, i, in->size()));
    if (const auto* out = std::get_if<FromKernel>(&call.arguments[i])) TT_TRY(reserve(slot, i, out->size()));
  }
  return xrt_call("starting " + name_, [&] {
    if (!slot.run) slot.run = xrt::run(kernel_);
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const int at = static_cast<int>(i);
      if (const auto* number = std::get_if<std::uint32_t>(&call.arguments[i])) {
        slot.run.set_arg(at, *number);
        continue;
      }
      xrt::bo& buffer = slot.buffers[i];
      if (const auto* in = std::get_if<ToKernel>(&call.arguments[i])) {
        std::ranges::copy(*in, buffer.map<std::uint8_t*>());
        if (!in->empty()) buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE, in->size(), 0);
      }
      slot.run.set_arg(at, buffer);
    }
    slot.run.start();
  });
}

Status ComputeUnit::start(const KernelCall& call) {
  TT_TRY(fill(slots_[(oldest_ + started_) % kMostStarted], call));
  ++started_;
  return {};
}

Status ComputeUnit::finish(const KernelCall& call, std::chrono::milliseconds timeout) {
  Slot& slot = slots_[oldest_];
  // To XRT no time at all means for ever.
  const auto patience = std::max(timeout, std::chrono::milliseconds(1));
  TT_ASSIGN(const ert_cmd_state state, xrt_call("waiting for " + name_, [&] { return slot.run.wait(patience); }));
  if (state == ERT_CMD_STATE_TIMEOUT) {
    return fail(ErrorCode::kTimedOut, "compute unit " + name_ + " did not end within " +
                                          std::to_string(patience.count()) +
                                          " ms; the card is reset and the work goes elsewhere");
  }
  oldest_ = (oldest_ + 1) % kMostStarted;
  --started_;
  if (state != ERT_CMD_STATE_COMPLETED) {
    return fail(ErrorCode::kWorkerCrashed, "compute unit " + name_ + " ended with " + name_of(state) +
                                               "; the card is reset and the work goes elsewhere");
  }
  return xrt_call("fetching what " + name_ + " made", [&] {
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const auto* out = std::get_if<FromKernel>(&call.arguments[i]);
      if (!out || out->empty()) continue;
      slot.buffers[i].sync(XCL_BO_SYNC_BO_FROM_DEVICE, out->size(), 0);
      std::copy_n(slot.buffers[i].map<const std::uint8_t*>(), out->size(), out->data());
    }
  });
}

void ComputeUnit::abandon() {
  for (; started_ > 0; --started_) {
    // A card that is gone cannot be asked to stop.
    (void)xrt_call("aborting " + name_, [&] { slots_[oldest_].run.abort(); });
    oldest_ = (oldest_ + 1) % kMostStarted;
  }
}

}  // namespace tintype
