// Rows: rows of floats for vector code, aligned, with slack at their ends; a ring where there are fewer than are
// counted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace tintype::simd {

class Rows {
 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kSlack = 16;  // floats past a row's end that may be written

  Rows() = default;
  // Not initialised.
  Rows(std::size_t width, std::size_t count) : count_(count), stride_((width + 15) / 16 * 16 + kSlack) {
    // Rows one below the other must not fall into one set of the cache.
    if (stride_ % 512 == 0) stride_ += 16;
    samples_.reset(static_cast<float*>(::operator new(bytes(), std::align_val_t{kAlignment})));
  }

  // Row y modulo the count.
  float* row(std::size_t y) { return samples_.get() + y % count_ * stride_; }
  const float* row(std::size_t y) const { return samples_.get() + y % count_ * stride_; }
  std::size_t stride() const { return stride_; }
  std::size_t bytes() const { return count_ * stride_ * sizeof(float); }
  void clear() { std::fill_n(samples_.get(), count_ * stride_, 0.0f); }

 private:
  struct Free {
    void operator()(float* samples) const { ::operator delete(samples, std::align_val_t{kAlignment}); }
  };
  std::size_t count_ = 0;
  std::size_t stride_ = 0;
  std::unique_ptr<float[], Free> samples_;
};

}  // namespace tintype::simd
