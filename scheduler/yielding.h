// Yielding: how many slots bulk jobs may have while others need the machine.
//
// Each look at the pressure halves the slots while any resource is above its high mark, down to one, and doubles them
// again once all are below half of it. Not thread-safe.
#pragma once

#include <string>

#include "core/base/result.h"
#include "workers/pressure.h"

namespace tintype {

struct YieldingConfig {
  bool enabled = true;
  // Parts of the last ten seconds. The lanes themselves load every core and wait for each other a little, so that of
  // CPU must be high; memory that is short is everybody's trouble at once.
  double cpu_high = 0.85;
  double memory_high = 0.10;
  double io_high = 0.70;

  Status validate() const;
};

class Yielding {
 public:
  Yielding(const YieldingConfig& config, int slots) : config_(config), slots_(slots), bulk_slots_(slots) {}

  // True if the answer of bulk_slots() changed.
  bool look(const Pressure& pressure);

  int bulk_slots() const { return bulk_slots_; }
  // "cpu pressure 91 %": why it is fewer than all; "" if it is not.
  const std::string& reason() const { return reason_; }

 private:
  const YieldingConfig config_;
  const int slots_;
  int bulk_slots_;
  std::string reason_;
};

}  // namespace tintype
