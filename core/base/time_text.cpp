#include "core/base/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <format>
#include <optional>

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr UnixMs ms_at(std::chrono::year_month_day date) {
  return std::chrono::duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count();
}

constexpr UnixMs kFirstMs = ms_at(std::chrono::year(1) / 1 / 1);
constexpr UnixMs kLastMs = ms_at(std::chrono::year(10000) / 1 / 1) - 1;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a text apart from the left; each step fails for good once one has.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly `digits` digits.
  int number(std::size_t digits) {
    if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit)) {
      ok_ = false;
      return 0;
    }
    int value = 0;
    for (char c : rest_.substr(0, digits)) value = value * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return value;
  }

  // One of `choices`, or 0.
  char one_of(std::string_view choices) {
    if (rest_.empty() || !choices.contains(rest_.front())) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  char need_one_of(std::string_view choices) {
    const char c = one_of(choices);
    if (!c) ok_ = false;
    return c;
  }

  // ".123" as milliseconds; further digits are cut off. 0 where there is no point.
  int fraction_ms() {
    if (!one_of(".")) return 0;
    int ms = 0;
    int digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), ++digits) {
      if (digits < 3) ms = ms * 10 + (rest_.front() - '0');
    }
    if (digits == 0) ok_ = false;
    for (; digits < 3; ++digits) ms *= 10;
    return ms;
  }

  void require(bool condition) { ok_ = ok_ && condition; }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<UnixMs> parse_number(std::string_view text) {
  UnixMs value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<UnixMs> parse_calendar(std::string_view text) {
  Scanner in(text);
  const int year = in.number(4);
  in.need_one_of("-");
  const int month = in.number(2);
  in.need_one_of("-");
  const int day = in.number(2);
  const auto date = std::chrono::year(year) / month / day;
  if (!in.ok() || !date.ok()) return std::nullopt;
  if (in.at_end()) return ms_at(date);

  in.need_one_of("Tt ");
  const int hour = in.number(2);
  in.need_one_of(":");
  const int minute = in.number(2);
  in.need_one_of(":");
  const int second = in.number(2);
  const int ms = in.fraction_ms();
  // 60 is a leap second, which this scale does not have: it reads as the second after.
  in.require(hour <= 23 && minute <= 59 && second <= 60);

  int offset_minutes = 0;
  if (const char sign = in.need_one_of("Zz+-"); sign == '+' || sign == '-') {
    const int offset_hour = in.number(2);
    in.need_one_of(":");
    const int offset_minute = in.number(2);
    in.require(offset_hour <= 23 && offset_minute <= 59);
    offset_minutes = (offset_hour * 60 + offset_minute) * (sign == '-' ? -1 : 1);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  const std::int64_t seconds = (hour * 60 + minute - offset_minutes) * 60 + second;
  return ms_at(date) + seconds * 1000 + ms;
}

}  // namespace

std::string to_rfc3339(UnixMs time_ms) {
  const std::chrono::sys_time<milliseconds> time{milliseconds(std::clamp(time_ms, kFirstMs, kLastMs))};
  return std::format("{:%FT%T}Z", time);
}

Result<UnixMs> parse_time(std::string_view text) {
  std::optional<UnixMs> time = parse_number(text);
  if (!time) time = parse_calendar(text);
  if (!time || *time < kFirstMs || *time > kLastMs) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("\"{}\" is not a time; write 2026-11-22, 2026-11-22T08:09:21Z or milliseconds "
                            "since 1970",
                            text.substr(0, 64)));
  }
  return *time;
}

}  // namespace tintype
