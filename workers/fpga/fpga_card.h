// FpgaCard: a card with an xclbin on it, which takes calls of kernels. Each compute unit has a thread; calls of a
// kernel go to whichever of its units is free first. A call that fails on the card, or does not end in time, is
// answered with an error, so that the work can go elsewhere; the units then end what they have, and the card is opened
// anew. After a few times in a row, or when it cannot be opened, the card is out of service and every call is refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "kernels/hls/kernel_call.h"

namespace tintype {

struct FpgaCardConfig {
  std::uint32_t index = 0;  // FpgaDevice::index
  std::string xclbin_path;
  int most_resets = 3;  // in a row, without a call that ended well between them
};

struct FpgaUnit {
  std::string kernel;
  std::string name;  // "resize_plane_1"
};

// What the xclbin is and has.
struct FpgaXclbin {
  std::string uuid;
  std::string platform;
  bool is_emulation = false;
  std::vector<FpgaUnit> units;
};
// kInvalidArgument: not an xclbin, one without our kernels or with kernels of another version, or one for emulated
// cards where there are real ones, or the other way round.
Result<FpgaXclbin> read_xclbin(const std::string& path);

struct FpgaCardHealth {
  bool is_in_service = true;
  std::string reason;  // why it is not
  std::uint64_t calls_done = 0;
  std::uint64_t calls_failed = 0;
  std::uint64_t resets = 0;
};

class FpgaCard {
 public:
  using Done = std::move_only_function<void(Status)>;

  // kUnsupported: built without XRT. kUnavailable: no XRT, no such card, or one in use. kInvalidArgument: the xclbin.
  static Result<std::unique_ptr<FpgaCard>> open(const FpgaCardConfig& config);
  virtual ~FpgaCard() = default;  // refuses what waits (kCancelled), ends what runs

  virtual const FpgaXclbin& xclbin() const = 0;
  // Thread-safe, does not block. `done` is called exactly once, on a thread of the card's. What the call borrows stays
  // until then. `timeout` counts from the moment that a unit takes the call.
  virtual void submit(KernelCall call, std::chrono::milliseconds timeout, Done done) = 0;
  virtual FpgaCardHealth health() const = 0;
};

}  // namespace tintype
