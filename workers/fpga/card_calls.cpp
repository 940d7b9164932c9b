#include "workers/fpga/card_calls.h"

#include <utility>

namespace tintype {

CardCalls::~CardCalls() {
  for (const std::future<Status>& call : calls_) {
    if (call.valid()) call.wait();
  }
}

std::size_t CardCalls::submit(KernelCall call) {
  std::promise<Status> promise;
  calls_.push_back(promise.get_future());
  card_.submit(std::move(call), call_timeout_,
               [ended = std::move(promise)](Status status) mutable { ended.set_value(std::move(status)); });
  return calls_.size() - 1;
}

Status CardCalls::wait(std::size_t call) { return calls_[call].get(); }

Status CardCalls::wait(std::span<const std::size_t> calls) {
  Status first;
  for (const std::size_t call : calls) {
    Status ended = wait(call);
    if (first) first = std::move(ended);
  }
  return first;
}

}  // namespace tintype
