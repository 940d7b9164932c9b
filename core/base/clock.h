// Clock: time as a collaborator, so that tests own it.
#pragma once

#include <atomic>
#include <cstdint>

namespace tintype {

// Milliseconds since 1970-01-01T00:00:00Z.
using UnixMs = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time; may step. Thread-safe.
  virtual UnixMs now_ms() const = 0;
  // Seconds on a clock that never steps back; only differences mean something. Thread-safe.
  virtual double steady_seconds() const = 0;
};

class SystemClock final : public Clock {
 public:
  UnixMs now_ms() const override;
  double steady_seconds() const override;
};

// Stands still until told to move. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMs start_ms = 1'700'000'000'000) : now_ms_(start_ms) {}
  UnixMs now_ms() const override { return now_ms_.load(); }
  double steady_seconds() const override { return static_cast<double>(now_ms_.load()) / 1000.0; }
  void advance_ms(std::int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<UnixMs> now_ms_;
};

}  // namespace tintype
