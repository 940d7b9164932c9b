// StopSignals: SIGINT, SIGTERM and SIGHUP as something to poll, while it lives. Make it before any other
// thread.
#pragma once

#include <signal.h>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

class StopSignals {
 public:
  static Result<StopSignals> create();
  ~StopSignals();
  StopSignals(StopSignals&&) noexcept;
  StopSignals& operator=(StopSignals&&) = delete;

  // Readable when a signal has come that count() has not counted.
  int fd() const { return fd_.get(); }
  // How many have come. Never blocks.
  int count();

 private:
  StopSignals(UniqueFd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

  UniqueFd fd_;
  sigset_t before_;
  int count_ = 0;
};

}  // namespace tintype
