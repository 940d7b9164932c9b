// BoundedCache: what was read lately, up to so many bytes, the least recently used going first. Thread-safe.
//
// Single flight: callers who want the same key while it is being loaded wait for that one load. Invalidation is by
// stamps: a key belongs to a group (a photo, an owner), a group to a stamp, and what was loaded under a stamp that
// has moved since is neither kept nor given to who comes later. A write bumps its groups after the store has it, so
// whoever asks after the write returned gets what was written. Stamps are shared by hash: a bump may invalidate a
// stranger's entry, never keep a stale one.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/metrics.h"
#include "core/base/result.h"

namespace tintype {

template <typename Value>
class BoundedCache {
 public:
  using Shared = std::shared_ptr<const Value>;
  // What was loaded, and how many bytes it is counted as; null: found, but not to be kept (too large).
  struct Loaded {
    Shared value;
    std::size_t bytes = 0;
  };

  BoundedCache(std::size_t max_bytes, Counter& hits, Counter& misses)
      : max_bytes_(max_bytes), hits_(hits), misses_(misses) {}

  std::uint64_t stamp(std::string_view group) const { return stamp_of(group).load(std::memory_order_acquire); }
  // Answers the new one.
  std::uint64_t bump(std::string_view group) { return stamp_of(group).fetch_add(1, std::memory_order_acq_rel) + 1; }

  // Without loading. What is not there is not counted as a miss: whoever asks so asks again otherwise.
  Shared find(std::string_view group, std::string_view key) {
    const std::lock_guard lock(mutex_);
    Shared value = touch(key, stamp(group));
    if (value) hits_.add();
    return value;
  }

  // Cached, or what `load` answers: asked by one caller, given to all who wait. Errors are not kept.
  template <typename Load>
  Result<Shared> get(std::string_view group, std::string_view key, Load load) {
    std::unique_lock lock(mutex_);
    const std::uint64_t now = stamp(group);
    if (Shared value = touch(key, now)) {
      hits_.add();
      return value;
    }
    std::shared_ptr<Flight>& place = flights_[std::string(key)];
    if (place && place->stamp == now) {
      const std::shared_ptr<Flight> flight = place;
      hits_.add();
      landed_.wait(lock, [&] { return flight->result.has_value(); });
      return *flight->result;
    }
    const auto flight = std::make_shared<Flight>(now);
    place = flight;  // one that was under way is of an older stamp: its waiters keep it
    lock.unlock();
    misses_.add();
    Result<Loaded> loaded = load();
    lock.lock();
    if (const auto found = flights_.find(std::string(key)); found != flights_.end() && found->second == flight) {
      flights_.erase(found);
    }
    if (!loaded) {
      flight->result = fail(loaded.error());
    } else {
      flight->result = loaded->value;
      if (loaded->value && stamp(group) == now) keep(key, std::move(*loaded), now);
    }
    landed_.notify_all();
    return *flight->result;
  }

  // What a writer knows without reading. `valid_under`: the stamp that the group has if nobody else wrote meanwhile.
  void put(std::string_view group, std::string_view key, Loaded loaded, std::uint64_t valid_under) {
    const std::lock_guard lock(mutex_);
    if (stamp(group) == valid_under) keep(key, std::move(loaded), valid_under);
  }

  // Forgets, also from memory, every entry whose key starts so.
  void erase_with_prefix(std::string_view prefix) {
    const std::lock_guard lock(mutex_);
    for (auto at = recent_.begin(); at != recent_.end();) {
      const auto entry = at++;
      if (entry->key.starts_with(prefix)) drop(entry);
    }
  }

  std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    std::string key;
    std::uint64_t stamp = 0;
    Loaded loaded;
  };
  struct Flight {
    explicit Flight(std::uint64_t s) : stamp(s) {}
    std::uint64_t stamp;
    std::optional<Result<Shared>> result;
  };
  using Place = std::list<Entry>::iterator;
  static constexpr std::size_t kStamps = 1 << 14;
  static constexpr std::size_t kEntryBytes = 160;  // list node, map node and key, about

  std::atomic<std::uint64_t>& stamp_of(std::string_view group) const {
    return stamps_[std::hash<std::string_view>()(group) % kStamps];
  }

  // All below: under the lock.
  Shared touch(std::string_view key, std::uint64_t now) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    if (found->second->stamp != now) {
      drop(found->second);
      return nullptr;
    }
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->loaded.value;
  }

  void keep(std::string_view key, Loaded loaded, std::uint64_t now) {
    loaded.bytes += kEntryBytes + key.size();
    if (loaded.bytes > max_bytes_) return;
    if (const auto found = places_.find(key); found != places_.end()) drop(found->second);
    bytes_ += loaded.bytes;
    recent_.push_front({std::string(key), now, std::move(loaded)});
    places_.emplace(recent_.front().key, recent_.begin());
    while (bytes_ > max_bytes_) drop(std::prev(recent_.end()));
  }

  void drop(Place place) {
    bytes_ -= place->loaded.bytes;
    places_.erase(place->key);
    recent_.erase(place);
  }

  const std::size_t max_bytes_;
  Counter& hits_;
  Counter& misses_;
  mutable std::array<std::atomic<std::uint64_t>, kStamps> stamps_{};
  mutable std::mutex mutex_;
  std::condition_variable landed_;
  std::list<Entry> recent_;                             // newest first
  std::unordered_map<std::string_view, Place> places_;  // keys are the entries'
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
  std::size_t bytes_ = 0;
};

}  // namespace tintype
