// ArenaPlaces: hands out places in a device's memory, behind each other.
#pragma once

#include <cstdint>

namespace tintype {

class ArenaPlaces {
 public:
  // What lies before `next` is taken.
  explicit ArenaPlaces(std::uint64_t next) : next_(aligned(next)) {}
  std::uint64_t take(std::uint64_t bytes) {
    const std::uint64_t at = next_;
    next_ = aligned(next_ + bytes);
    return at;
  }
  std::uint64_t end() const { return next_; }

 private:
  static constexpr std::uint64_t kAlignment = 256;
  static std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

  std::uint64_t next_;
};

}  // namespace tintype
