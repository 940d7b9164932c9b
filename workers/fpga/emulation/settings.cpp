#include "workers/fpga/emulation/settings.h"

#include <charconv>

namespace tintype::emulation {
namespace {

struct Name {
  std::string_view name;
  std::uint64_t Settings::* value;
};

constexpr Name kNames[] = {
    {"cards", &Settings::cards},
    {"memory_mb", &Settings::memory_mb},
    {"delay_us", &Settings::delay_us},
    {"seed", &Settings::seed},
    {"hang", &Settings::hang},
    {"error", &Settings::error},
    {"flip", &Settings::flip},
    {"lose", &Settings::lose},
    {"faulty_card", &Settings::faulty_card},
    {"faults", &Settings::faults},
    {"faulty_kernel", &Settings::faulty_kernel},
    {"no_room", &Settings::no_room},
    {"busy", &Settings::busy},
};

bool set(std::string_view name, std::string_view value, Settings& out) {
  for (const Name& known : kNames) {
    if (known.name != name) continue;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out.*known.value);
    return error == std::errc{} && end == value.data() + value.size();
  }
  return false;
}

}  // namespace

bool parse_settings(std::string_view text, Settings& out) {
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(one.size() == text.size() ? one.size() : one.size() + 1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || !set(one.substr(0, equals), one.substr(equals + 1), out)) return false;
  }
  return true;
}

}  // namespace tintype::emulation
