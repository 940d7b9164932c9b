#include "gateway/tus/staged_totals.h"

#include <format>

namespace tintype {

Status StagedTotals::take(const std::string& owner, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(owner);
  const Total own = found == owners_.end() ? Total{} : found->second;
  if (own.uploads >= limits_.owner_uploads || own.bytes + bytes > limits_.owner_bytes) {
    return fail(
        ErrorCode::kRateLimited,
        std::format("{} has {} resumable uploads of {} bytes under way; at most {} of {} bytes are kept for one "
                    "owner: finish some, or DELETE them",
                    owner, own.uploads, own.bytes, limits_.owner_uploads, limits_.owner_bytes));
  }
  if (all_.uploads >= limits_.uploads || all_.bytes + bytes > limits_.bytes) {
    return fail(
        ErrorCode::kStorageFull,
        std::format("{} resumable uploads of {} bytes are under way, and no more are kept; come again later, or "
                    "upload the photo in one request",
                    all_.uploads, all_.bytes));
  }
  add_locked(owner, bytes);
  return {};
}

void StagedTotals::add(const std::string& owner, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  add_locked(owner, bytes);
}

void StagedTotals::add_locked(const std::string& owner, std::uint64_t bytes) {
  for (Total* total : {&all_, &owners_[owner]}) {
    total->bytes += bytes;
    ++total->uploads;
  }
}

void StagedTotals::give_back(const std::string& owner, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  for (Total* total : {&all_, &owners_[owner]}) {
    total->bytes -= bytes;
    --total->uploads;
  }
  if (owners_[owner].uploads == 0) owners_.erase(owner);
}

}  // namespace tintype
