// CardMemory: the memory of an emulated card, apart from the host's. Every buffer lies between pages that nothing may
// touch, and is full of poison until something is written to it: a sync that was forgotten shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace tintype::emulation {

inline constexpr std::uint64_t kMemoryBase = 0x4000000000;
inline constexpr std::uint8_t kPoison = 0xA5;
inline constexpr std::size_t kPageBytes = 4096;

// Thread-safe.
class CardMemory {
 public:
  explicit CardMemory(std::size_t bytes);
  ~CardMemory();
  CardMemory(const CardMemory&) = delete;
  CardMemory& operator=(const CardMemory&) = delete;

  // The address on the card; 0 if there is no room.
  std::uint64_t allocate(std::size_t bytes);
  void free(std::uint64_t address);
  // Where the card's address is in this process. Null outside the memory.
  std::uint8_t* at(std::uint64_t address) const;
  bool contains(const void* pointer) const;

 private:
  const std::size_t bytes_;
  std::uint8_t* const memory_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::size_t> used_;  // by place
};

}  // namespace tintype::emulation
