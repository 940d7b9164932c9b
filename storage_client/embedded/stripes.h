// A fixed set of mutexes that photos, keys or jobs are spread over: two holders of one name exclude each other, and
// two names almost never do, so that their disk flushes overlap.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

namespace tintype::embedded {

class Stripes {
 public:
  using Lock = std::unique_lock<std::mutex>;

  // Where a name falls.
  static std::size_t stripe_of(std::string_view name, std::uint64_t number) {
    return (std::hash<std::string_view>()(name) ^ (number * 0x9e3779b97f4a7c15u >> 32)) % kCount;
  }

  // Held until the lock goes. Take no second stripe of the same set meanwhile.
  [[nodiscard]] Lock lock(std::string_view name, std::uint64_t number = 0) {
    return Lock(mutexes_[stripe_of(name, number)]);
  }

  // Several at once, in an order that every caller keeps.
  [[nodiscard]] std::vector<Lock> lock_all(std::vector<std::size_t> stripes) {
    std::ranges::sort(stripes);
    const auto repeated = std::ranges::unique(stripes);
    stripes.erase(repeated.begin(), repeated.end());
    std::vector<Lock> locks;
    for (std::size_t stripe : stripes) locks.emplace_back(mutexes_[stripe]);
    return locks;
  }

  // All of them: nobody else holds any until the locks go.
  [[nodiscard]] std::vector<Lock> lock_every() {
    std::vector<Lock> locks;
    for (std::mutex& mutex : mutexes_) locks.emplace_back(mutex);
    return locks;
  }

 private:
  static constexpr std::size_t kCount = 256;
  std::array<std::mutex, kCount> mutexes_;
};

}  // namespace tintype::embedded
