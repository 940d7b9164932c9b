#include "core/base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <format>

namespace tintype {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kTextSize = 13;
constexpr int kTimeBits = 64 - kIdRandomBits;
constexpr UnixMs kMaxTimeMs = (UnixMs{1} << kTimeBits) - 1;

std::uint64_t random_bits(int bits) {
  std::uint64_t value = 0;
  ssize_t got = 0;
  do {
    got = ::getrandom(&value, sizeof value, 0);
  } while (got < 0 && errno == EINTR);
  // Linux gives up to 256 bytes whole or fails for want of the system call: there is nothing to go on with.
  if (got != static_cast<ssize_t>(sizeof value)) std::abort();
  return value >> (64 - bits);
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string SortableId::to_string() const {
  std::string text(kTextSize, '0');
  std::uint64_t rest = value;
  for (std::size_t i = kTextSize; i-- > 0; rest >>= 5) text[i] = kAlphabet[rest & 31];
  return text;
}

Result<SortableId> SortableId::parse(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::kInvalidArgument,
                std::format("\"{}\" is not an id; an id is 13 characters of 0-9 and a-z without i, l, o, u",
                            text.substr(0, 64)));
  };
  if (text.size() != kTextSize) return bad();
  std::uint64_t value = 0;
  for (char c : text) {
    const std::size_t digit = kAlphabet.find(to_lower(c));
    if (digit == std::string_view::npos || value >> 59 != 0) return bad();
    value = value << 5 | digit;
  }
  return SortableId{value};
}

SortableId SortableId::first_at(UnixMs time_ms) {
  const auto clamped = static_cast<std::uint64_t>(std::clamp(time_ms, UnixMs{0}, kMaxTimeMs));
  return {clamped << kIdRandomBits};
}

SortableId SortableId::make(UnixMs now_ms) { return {first_at(now_ms).value | random_bits(kIdRandomBits)}; }

}  // namespace tintype
