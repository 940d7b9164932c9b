// FpgaTask: one task's steps, done by a card and the host together: inverse DCT, reduction, modes and levels on the
// card; turning, sample ranges, segments, tokens, containers and thumbhashes on the host. One thread's; any number of
// tasks share a card.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "codec/planes.h"
#include "core/base/result.h"
#include "workers/device/device_engine.h"
#include "workers/fpga/card_calls.h"
#include "workers/fpga/fpga_frame.h"
#include "workers/fpga/fpga_ladder.h"

namespace tintype {

class FpgaTask {
 public:
  // `task` is borrowed.
  FpgaTask(FpgaCard& card, const EngineTask& task, std::chrono::milliseconds call_timeout)
      : task_(task), results_(task.steps.size()), frames_(task.steps.size()), calls_(card, call_timeout) {}

  // Once. Errors: the task's own as DeviceSession::run(); the card's as FpgaCard, and kWorkerLied.
  Result<std::vector<EngineStepResult>> run();

 private:
  Status start_encode(std::size_t index, const EncodeStep& step, const Planes& picture);
  Status finish_encode(std::size_t index, const EncodeStep& step);

  const EngineTask& task_;
  std::vector<EngineStepResult> results_;
  std::unique_ptr<FpgaLadder> ladder_;
  std::vector<std::unique_ptr<FpgaFrame>> frames_;  // of encode steps
  CardCalls calls_;                                 // last: what it runs uses what is above
};

}  // namespace tintype
