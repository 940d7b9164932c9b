// FpgaFrame: a VP8 frame whose modes and levels a card decides. What is around that is the host's: samples of 8 bits,
// segments, tables, tokens, container. The frame equals kernels/simd/vp8_encoder.h's, byte for byte. One thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "codec/planes.h"
#include "core/base/bytes.h"
#include "kernels/shared/vp8/device_frame.h"
#include "kernels/vp8/frame.h"
#include "workers/fpga/card_calls.h"

namespace tintype {

class FpgaFrame {
 public:
  // Leaves the first pass on its way; `calls` must not outlive the frame. `planes` have chroma of 4:2:0 and are looked
  // at only here. kInvalidArgument: as vp8::encode_frame.
  static Result<std::unique_ptr<FpgaFrame>> start(const Planes& planes, const vp8::Settings& settings,
                                                  CardCalls& calls);

  // Waits for the card, and has it do the passes that are left. Once. kWorkerLied: an answer that cannot be.
  Result<Bytes> finish(CardCalls& calls);

 private:
  FpgaFrame(const Planes& planes, const vp8::Settings& settings);
  void submit_pass(CardCalls& calls);

  const vp8::Settings settings_;
  Bytes luma_, cb_, cr_;
  vp8::Picture picture_;
  vp8::FramePlan plan_;
  Vp8DeviceTables tables_{};
  std::vector<Vp8DeviceMacroblock> answered_;
  std::size_t call_ = 0;
};

}  // namespace tintype
