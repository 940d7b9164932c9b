// A fixed set of mutexes that photos, keys or jobs are spread over: two holders of one name exclude each other, and
// two names almost never do, so that their disk flushes overlap.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

namespace tintype::embedded {

class Stripes {
 public:
  // Held until it goes.
  struct Lock {
    std::shared_lock<std::shared_mutex> with_others;
    std::unique_lock<std::mutex> stripe;
  };
  struct SeveralLocks {
    std::shared_lock<std::shared_mutex> with_others;
    std::vector<std::unique_lock<std::mutex>> stripes;
  };
  using LockOfAll = std::unique_lock<std::shared_mutex>;

  // Where a name falls.
  static std::size_t stripe_of(std::string_view name, std::uint64_t number) {
    return (std::hash<std::string_view>()(name) ^ (number * 0x9e3779b97f4a7c15u >> 32)) % kCount;
  }

  // Take no second lock of the same set while one is held.
  [[nodiscard]] Lock lock(std::string_view name, std::uint64_t number = 0) {
    return {enter(), std::unique_lock(mutexes_[stripe_of(name, number)])};
  }

  // Several at once, in an order that every caller keeps.
  [[nodiscard]] SeveralLocks lock_several(std::vector<std::size_t> stripes) {
    std::ranges::sort(stripes);
    const auto repeated = std::ranges::unique(stripes);
    stripes.erase(repeated.begin(), repeated.end());
    SeveralLocks locks{enter(), {}};
    for (std::size_t stripe : stripes) locks.stripes.emplace_back(mutexes_[stripe]);
    return locks;
  }

  // Nobody else holds any until it goes. Whoever comes later waits behind it, so it gets its turn.
  [[nodiscard]] LockOfAll lock_all() {
    const std::lock_guard turn(turnstile_);
    return LockOfAll(gate_);
  }

 private:
  std::shared_lock<std::shared_mutex> enter() {
    const std::lock_guard turn(turnstile_);
    return std::shared_lock(gate_);
  }

  static constexpr std::size_t kCount = 256;
  std::mutex turnstile_;  // held by who waits for the gate: glibc's shared mutex alone would let newcomers pass it
  std::shared_mutex gate_;
  std::array<std::mutex, kCount> mutexes_;
};

}  // namespace tintype::embedded
