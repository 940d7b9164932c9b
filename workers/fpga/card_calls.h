// CardCalls: one task's calls on their way to a card. It waits for all of them when it goes, so what they borrow must
// outlive it: declare it last. One thread's; any number of tasks share a card.
#pragma once

#include <chrono>
#include <cstddef>
#include <future>
#include <span>
#include <vector>

#include "workers/fpga/fpga_card.h"

namespace tintype {

class CardCalls {
 public:
  // None may take longer than `call_timeout` on the card.
  CardCalls(FpgaCard& card, std::chrono::milliseconds call_timeout) : card_(card), call_timeout_(call_timeout) {}
  ~CardCalls();
  CardCalls(const CardCalls&) = delete;
  CardCalls& operator=(const CardCalls&) = delete;

  // Returns its number, for wait().
  std::size_t submit(KernelCall call);
  // Once for each call.
  Status wait(std::size_t call);
  // For all of these, the first error.
  Status wait(std::span<const std::size_t> calls);

 private:
  FpgaCard& card_;
  const std::chrono::milliseconds call_timeout_;
  std::vector<std::future<Status>> calls_;  // invalid where somebody has waited
};

}  // namespace tintype
