#include "scheduler/lease.h"

#include <algorithm>

namespace tintype {

LeaseKeeper::LeaseKeeper(std::chrono::milliseconds ack_wait, Logger& log)
    : period_(ack_wait / 3), log_(log), thread_([this] { keep(); }) {}

LeaseKeeper::~LeaseKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::unique_ptr<LeaseKeeper::Lease> LeaseKeeper::hold(Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  held_.push_back(&delivery);
  return std::unique_ptr<Lease>(new Lease(*this, delivery));
}

LeaseKeeper::Lease::~Lease() { settle(); }

Delivery& LeaseKeeper::Lease::settle() {
  if (held_) {
    const std::lock_guard lock(keeper_.mutex_);
    keeper_.held_.remove(&delivery_);
    held_ = false;
  }
  return delivery_;
}

void LeaseKeeper::keep() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, period_, [this] { return stopping_; })) {
    for (Delivery* delivery : held_) {
      if (const Status told = delivery->in_progress(); !told) {
        log_.warning("lease_not_extended", {{"cause", told.error().message}});
      }
    }
  }
}

}  // namespace tintype
