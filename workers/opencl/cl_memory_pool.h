// ClMemoryPool: a device's memory for photos on their way, within a budget. What one photo gives back the next one
// takes. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "workers/opencl/cl_device.h"

namespace tintype {

class ClMemoryPool {
 private:
  struct Buffer {
    ClMemory memory;
    std::uint64_t bytes = 0;
  };

 public:
  // `device` must outlive it.
  ClMemoryPool(const ClDevice& device, std::uint64_t budget_bytes) : device_(device), budget_bytes_(budget_bytes) {}

  // Memory that goes back to the pool, which must outlive it. No queue works on it any more by then.
  class Loan {
   public:
    Loan(ClMemoryPool& pool, Buffer buffer) : pool_(&pool), buffer_(std::move(buffer)) {}
    Loan(Loan&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), buffer_(std::move(other.buffer_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (pool_) pool_->give_back(std::move(buffer_));
    }
    cl_mem get() const { return buffer_.memory.get(); }

   private:
    ClMemoryPool* pool_;
    Buffer buffer_;
  };

  // A buffer of at least so many bytes for each of `sizes`, all at once, so that no two photos wait for each other.
  // Waits, in turn, for others to give theirs back. kOutOfMemory: they cannot fit, or the device has less left than the
  // budget says.
  Result<std::vector<Loan>> borrow(std::span<const std::uint64_t> sizes);

 private:
  // `to_come`: what the same borrower is still to get.
  Result<Buffer> find_or_allocate(std::uint64_t bytes, std::uint64_t to_come);
  void shrink_idle_to(std::uint64_t bytes);
  void give_back(Buffer buffer);

  const ClDevice& device_;
  const std::uint64_t budget_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_turn_ = 0;
  std::uint64_t whose_turn_ = 0;
  std::list<Buffer> idle_;
  std::uint64_t idle_bytes_ = 0;
  std::uint64_t lent_bytes_ = 0;
};

}  // namespace tintype
