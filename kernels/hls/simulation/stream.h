// The part of Vitis' hls::stream that the kernels use, for C simulation: see dataflow.h.
#pragma once

#include <array>

#include "kernels/hls/simulation/dataflow.h"

namespace hls {

template <typename T, int kDepth>
class stream : private tintype::hls_simulation::Channel {
 public:
  explicit stream(const char* name) : Channel(name, kDepth) {}

  T read() {
    auto held = lock();
    wait_while_empty(held);
    const T item = items_[next_to_read()];
    read_one();
    return item;
  }

  void write(const T& item) {
    auto held = lock();
    wait_while_full(held);
    items_[next_to_write()] = item;
    wrote();
  }

 private:
  std::array<T, kDepth> items_;
};

}  // namespace hls
