#include "workers/opencl/cl_memory_pool.h"

#include <algorithm>
#include <string>

namespace tintype {
namespace {

// Sizes are rounded up, so that photos that differ by little use each other's memory.
constexpr std::uint64_t kGrain = 4ull << 20;

std::uint64_t rounded(std::uint64_t bytes) {
  return std::max<std::uint64_t>(1, (bytes + kGrain - 1) / kGrain) * kGrain;
}

}  // namespace

Result<std::vector<ClMemoryPool::Loan>> ClMemoryPool::borrow(std::span<const std::uint64_t> sizes) {
  std::uint64_t total = 0;
  for (const std::uint64_t size : sizes) {
    if (size > device_.info().largest_buffer_bytes) {
      return fail(ErrorCode::kOutOfMemory, "a photo takes " + std::to_string(size >> 20) +
                                               " MiB in one piece, and the device has pieces of " +
                                               std::to_string(device_.info().largest_buffer_bytes >> 20));
    }
    total += std::min(rounded(size), device_.info().largest_buffer_bytes);
  }
  if (total > budget_bytes_) {
    return fail(ErrorCode::kOutOfMemory, "a photo takes " + std::to_string(total >> 20) +
                                             " MiB of the device, more than the " +
                                             std::to_string(budget_bytes_ >> 20) + " that it may use");
  }
  std::unique_lock lock(mutex_);
  const std::uint64_t turn = next_turn_++;
  changed_.wait(lock, [&] { return whose_turn_ == turn && lent_bytes_ + total <= budget_bytes_; });
  std::vector<Buffer> taken;
  Status failed;
  for (const std::uint64_t size : sizes) {
    const std::uint64_t bytes = std::min(rounded(size), device_.info().largest_buffer_bytes);
    total -= bytes;
    Result<Buffer> buffer = find_or_allocate(bytes, total);
    if (!buffer) {
      failed = fail(std::move(buffer).error());
      break;
    }
    lent_bytes_ += buffer->bytes;
    taken.push_back(*std::move(buffer));
  }
  ++whose_turn_;
  lock.unlock();
  changed_.notify_all();

  std::vector<Loan> loans;
  for (Buffer& buffer : taken) loans.emplace_back(*this, std::move(buffer));
  TT_TRY(failed);
  return loans;
}

// With the mutex held.
Result<ClMemoryPool::Buffer> ClMemoryPool::find_or_allocate(std::uint64_t bytes, std::uint64_t to_come) {
  const auto fits = [&](const Buffer& buffer) {
    return buffer.bytes >= bytes && buffer.bytes <= 2 * bytes && lent_bytes_ + buffer.bytes + to_come <= budget_bytes_;
  };
  auto best = idle_.end();
  for (auto it = idle_.begin(); it != idle_.end(); ++it) {
    if (fits(*it) && (best == idle_.end() || it->bytes < best->bytes)) best = it;
  }
  if (best != idle_.end()) {
    Buffer found = std::move(*best);
    idle_.erase(best);
    idle_bytes_ -= found.bytes;
    return found;
  }
  shrink_idle_to(budget_bytes_ - std::min(budget_bytes_, lent_bytes_ + bytes));
  Result<ClMemory> memory = device_.allocate(bytes);
  if (!memory && memory.error().code == ErrorCode::kOutOfMemory && !idle_.empty()) {
    shrink_idle_to(0);
    memory = device_.allocate(bytes);
  }
  TT_ASSIGN(ClMemory allocated, std::move(memory));
  return Buffer{std::move(allocated), bytes};
}

// Frees those first that came back first.
void ClMemoryPool::shrink_idle_to(std::uint64_t bytes) {
  while (idle_bytes_ > bytes) {
    idle_bytes_ -= idle_.front().bytes;
    idle_.pop_front();
  }
}

void ClMemoryPool::give_back(Buffer buffer) {
  {
    const std::lock_guard lock(mutex_);
    lent_bytes_ -= buffer.bytes;
    idle_bytes_ += buffer.bytes;
    idle_.push_back(std::move(buffer));
  }
  changed_.notify_all();
}

}  // namespace tintype
