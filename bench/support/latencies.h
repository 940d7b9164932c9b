// Latencies: times of many operations, and their distribution. Thread-safe to add to.
#pragma once

#include <algorithm>
#include <cmath>
#include <format>
#include <mutex>
#include <string>
#include <vector>

#include "cli/text/table.h"

namespace tintype::bench {

class Latencies {
 public:
  void add(double seconds) {
    const std::lock_guard lock(mutex_);
    seconds_.push_back(seconds);
    sorted_ = false;
  }
  std::size_t count() const { return seconds_.size(); }

  // Milliseconds that `part` (0 to 1) of the operations were within; 0 of none.
  double within_ms(double part) {
    if (seconds_.empty()) return 0;
    if (!sorted_) std::ranges::sort(seconds_);
    sorted_ = true;
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(seconds_.size())));
    return seconds_[std::max<std::size_t>(rank, 1) - 1] * 1000;
  }

  static Table table() {
    return Table({{"what"},
                  {"n", Align::kRight},
                  {"p50 ms", Align::kRight},
                  {"p90", Align::kRight},
                  {"p99", Align::kRight},
                  {"p99.9", Align::kRight},
                  {"max", Align::kRight}});
  }
  void add_row_to(Table& table, const std::string& what) {
    table.add_row({what, std::to_string(count()), std::format("{:.2f}", within_ms(0.5)),
                   std::format("{:.2f}", within_ms(0.9)), std::format("{:.2f}", within_ms(0.99)),
                   std::format("{:.2f}", within_ms(0.999)), std::format("{:.2f}", within_ms(1))});
  }

 private:
  std::mutex mutex_;
  std::vector<double> seconds_;
  bool sorted_ = false;
};

}  // namespace tintype::bench
