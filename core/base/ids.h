// Identifiers: 64 bits, sortable by the time they were made, written as 13 characters that sort the same way.
//
// Layout: 42 bits of milliseconds since 1970 (until the year 2109), then 22 random bits. Text is base 32 in
// Crockford's alphabet (0-9 a-z without i l o u), most significant digit first; JavaScript cannot hold the number.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace tintype {

inline constexpr int kIdRandomBits = 22;

struct SortableId {
  std::uint64_t value = 0;

  auto operator<=>(const SortableId&) const = default;

  UnixMs time_ms() const { return static_cast<UnixMs>(value >> kIdRandomBits); }
  // 13 characters.
  std::string to_string() const;
  // Exactly 13 characters of the alphabet (either case), at most 2^64-1.
  static Result<SortableId> parse(std::string_view text);
  // The smallest id that can be made at `time_ms`: the seek key of a date range. Clamped to the field's range.
  static SortableId first_at(UnixMs time_ms);
  // A new id from the kernel's random source. Uniqueness is the caller's: create if absent, retry.
  static SortableId make(UnixMs now_ms);
};

using PhotoId = SortableId;
using JobId = SortableId;

}  // namespace tintype

template <>
struct std::hash<tintype::SortableId> {
  std::size_t operator()(const tintype::SortableId& id) const noexcept { return std::hash<std::uint64_t>()(id.value); }
};
