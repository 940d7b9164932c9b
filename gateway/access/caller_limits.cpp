#include "gateway/access/caller_limits.h"

#include <algorithm>
#include <cmath>
#include <format>

namespace tintype {
namespace {

constexpr UnixMs kDayMs = 24 * 3600 * 1000;
constexpr double kBurstSeconds = 2;

}  // namespace

// Called under the lock.
CallerLimits::Account& CallerLimits::account(const std::string& token) {
  Account& account = accounts_[token];
  const std::int64_t today = clock_.now_ms() / kDayMs;
  if (account.day != today) {
    account.day = today;
    account.bytes = 0;
  }
  return account;
}

std::optional<OverLimit> CallerLimits::admit(const std::string& token, const TokenLimits& limits,
                                             std::uint64_t body_bytes) {
  const std::lock_guard lock(mutex_);
  Account& own = account(token);
  if (limits.bytes_a_day > 0 && own.bytes + body_bytes > limits.bytes_a_day) {
    return OverLimit{std::format("this token may move {} bytes a day, and {} were moved today; the next day starts "
                                 "at midnight UTC",
                                 limits.bytes_a_day, own.bytes),
                     static_cast<int>((kDayMs - clock_.now_ms() % kDayMs) / 1000 + 1)};
  }
  if (limits.requests_a_second <= 0) return {};
  const double now = clock_.steady_seconds();
  const double capacity = std::max(1.0, limits.requests_a_second * kBurstSeconds);
  own.requests_left = own.refilled_at < 0
                          ? capacity
                          : std::min(capacity, own.requests_left + (now - own.refilled_at) * limits.requests_a_second);
  own.refilled_at = now;
  if (own.requests_left < 1) {
    return OverLimit{std::format("this token may make {} requests a second; wait", limits.requests_a_second),
                     std::max(1, static_cast<int>(std::ceil((1 - own.requests_left) / limits.requests_a_second)))};
  }
  own.requests_left -= 1;
  return {};
}

void CallerLimits::charge(const std::string& token, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  account(token).bytes += bytes;
}

std::optional<OverLimit> CallerLimits::reserve_job(const std::string& token, const TokenLimits& limits,
                                                   const std::function<bool(JobId)>& is_over) {
  const auto in_flight = [](const Account& a) { return a.reserved_jobs + static_cast<int>(a.jobs.size()); };
  std::set<JobId> known;
  {
    const std::lock_guard lock(mutex_);
    Account& own = account(token);
    if (in_flight(own) < limits.jobs_in_flight) {
      ++own.reserved_jobs;
      return {};
    }
    known = own.jobs;
  }
  // The store is asked without the lock.
  std::erase_if(known, [&](JobId job) { return !is_over(job); });
  const std::lock_guard lock(mutex_);
  Account& own = account(token);
  for (const JobId job : known) own.jobs.erase(job);
  if (in_flight(own) >= limits.jobs_in_flight) {
    return OverLimit{
        std::format("this token may have {} jobs in flight, and has them; wait for one to end", limits.jobs_in_flight),
        1};
  }
  ++own.reserved_jobs;
  return {};
}

void CallerLimits::settle_jobs(const std::string& token, std::span<const JobId> jobs) {
  const std::lock_guard lock(mutex_);
  Account& own = account(token);
  --own.reserved_jobs;
  own.jobs.insert(jobs.begin(), jobs.end());
}

}  // namespace tintype
