#include "workers/fpga/emulation/card_memory.h"

#include <sys/mman.h>

#include <cstring>

namespace tintype::emulation {
namespace {

std::size_t whole_pages(std::size_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

std::uint8_t* reserve(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(memory);
}

}  // namespace

CardMemory::CardMemory(std::size_t bytes) : bytes_(whole_pages(bytes)), memory_(reserve(bytes_)) {}

CardMemory::~CardMemory() {
  if (memory_) munmap(memory_, bytes_);
}

std::uint64_t CardMemory::allocate(std::size_t bytes) {
  if (!memory_ || bytes == 0) return 0;
  const std::size_t size = whole_pages(bytes);
  const std::lock_guard held(mutex_);
  std::uint64_t place = kPageBytes;
  for (const auto& [at, used] : used_) {
    if (place + size + kPageBytes <= at) break;
    place = at + used + kPageBytes;
  }
  if (place + size + kPageBytes > bytes_) return 0;
  if (mprotect(memory_ + place, size, PROT_READ | PROT_WRITE) != 0) return 0;
  std::memset(memory_ + place, kPoison, size);
  used_[place] = size;
  return kMemoryBase + place;
}

void CardMemory::free(std::uint64_t address) {
  const std::lock_guard held(mutex_);
  const auto found = used_.find(address - kMemoryBase);
  if (found == used_.end()) return;
  madvise(memory_ + found->first, found->second, MADV_DONTNEED);
  mprotect(memory_ + found->first, found->second, PROT_NONE);
  used_.erase(found);
}

std::uint8_t* CardMemory::at(std::uint64_t address) const {
  return address >= kMemoryBase && address - kMemoryBase < bytes_ ? memory_ + (address - kMemoryBase) : nullptr;
}

bool CardMemory::contains(const void* pointer) const {
  const auto* byte = static_cast<const std::uint8_t*>(pointer);
  return byte >= memory_ && byte < memory_ + bytes_;
}

}  // namespace tintype::emulation
