#include "workers/device/device_arguments.h"

#include <charconv>
#include <string_view>

namespace tintype {
namespace {

constexpr std::string_view kPurposes[] = {"serve", "list", "self-test"};

template <typename T>
bool read_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::vector<std::string> write_arguments(const DeviceArguments& arguments) {
  const DeviceSpec& spec = arguments.spec;
  return {kDeviceWorkerArgument,
          std::string(kPurposes[static_cast<std::size_t>(arguments.purpose)]),
          spec.engine,
          spec.address,
          spec.name,
          spec.path,
          std::to_string(spec.sessions),
          std::to_string(spec.memory_bytes)};
}

std::optional<DeviceArguments> read_arguments(std::span<char* const> arguments) {
  if (arguments.size() != 8 || std::string_view(arguments[0]) != kDeviceWorkerArgument) return std::nullopt;
  DeviceArguments read;
  std::size_t purpose = 0;
  while (purpose < std::size(kPurposes) && kPurposes[purpose] != arguments[1]) ++purpose;
  if (purpose == std::size(kPurposes)) return std::nullopt;
  read.purpose = static_cast<DevicePurpose>(purpose);
  read.spec = {.engine = arguments[2], .address = arguments[3], .name = arguments[4], .path = arguments[5]};
  if (!read_number(arguments[6], read.spec.sessions) || !read_number(arguments[7], read.spec.memory_bytes))
    return std::nullopt;
  return read;
}

}  // namespace tintype
