// CallerLimits: what each token has asked for lately, against what it may. Kept in memory: a restart forgets it.
// Thread-safe; nothing here blocks for longer than a look at a map.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "gateway/access/access_book.h"

namespace tintype {

// Too much was asked; it may be asked again after so long.
struct OverLimit {
  std::string message;
  int retry_after_s = 1;
};

class CallerLimits {
 public:
  explicit CallerLimits(const Clock& clock) : clock_(clock) {}

  // One more request, with a body of `body_bytes` (0 if unknown). Requests are a bucket of two seconds' worth. A
  // body under way when the day's bytes are used up is not cut.
  std::optional<OverLimit> admit(const std::string& token, const TokenLimits& limits, std::uint64_t body_bytes);
  // Bytes that went over the wire for it.
  void charge(const std::string& token, std::uint64_t bytes);

  // Room for one more job. `is_over` is asked about jobs that were counted before, only when all room seems taken.
  // Each Ok is followed by one settle_jobs(), with the jobs that were made: a form may make several.
  std::optional<OverLimit> reserve_job(const std::string& token, const TokenLimits& limits,
                                       const std::function<bool(JobId)>& is_over);
  void settle_jobs(const std::string& token, std::span<const JobId> jobs);

 private:
  struct Account {
    double requests_left = 0;
    double refilled_at = -1;  // steady seconds; negative: never
    std::int64_t day = 0;     // since 1970
    std::uint64_t bytes = 0;  // on that day
    int reserved_jobs = 0;
    std::set<JobId> jobs;
  };
  Account& account(const std::string& token);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Account> accounts_;
};

}  // namespace tintype
