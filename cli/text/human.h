// Numbers for people: "12.3 MB", "1,234", "1 min 20 s". Decimal units (1 kB = 1000 bytes).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tintype {

std::string human_bytes(std::uint64_t bytes);          // "0 B", "999 B", "1.00 kB", "12.3 MB", "456 GB"
std::string human_count(std::uint64_t count);          // "1,234,567"
std::string human_duration(double seconds);            // "under 1 s", "42 s", "3 min 05 s", "2 h 07 min", "4 days"
std::string human_percent(double part, double whole);  // "61.3 %"; "-" when `whole` is 0

// How much smaller `out` is than `in`: "1.20 MB (61.3 %)"; "-24.0 kB (-2.0 %)" when it grew.
std::string human_saving(std::uint64_t in, std::uint64_t out);

// "1 photo", "2 photos", "1,204 photos".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

}  // namespace tintype
