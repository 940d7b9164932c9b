#include "cli/devices/device_choice.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <ranges>

#include "cli/devices/device_options.h"

namespace tintype {

std::vector<std::string> DeviceOptions::words() const {
  std::vector<std::string> words = {
      "--opencl", opencl, "--fpga", fpga, "--check-devices", std::to_string(check_one_in), "--placement", placement};
  if (!fpga_xclbin.empty()) words.insert(words.end(), {"--fpga-xclbin", fpga_xclbin});
  return words;
}

Result<DeviceChoice> choose_devices(std::string_view option, std::string_view words,
                                    const std::vector<DeviceInfo>& found) {
  DeviceChoice choice;
  if (words == "none") return choice;
  if (words == "auto" || words == "all") {
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (words == "all" || found[i].is_used_by_default) choice.places.push_back(i);
    }
    return choice;
  }
  const auto nonsense = [&] {
    return fail(ErrorCode::kInvalidArgument,
                std::format("{} {}: write auto, none, all, or places in the list of `tintype devices`, such as 0,2",
                            option, words));
  };
  if (words.empty()) return nonsense();
  for (const auto part : std::views::split(words, ',')) {
    const std::string_view word(part.begin(), part.end());
    std::size_t place = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), place);
    if (word.empty() || error != std::errc() || end != word.data() + word.size()) return nonsense();
    if (place >= found.size()) {
      choice.missing.emplace_back(word);
    } else if (!std::ranges::contains(choice.places, place)) {
      choice.places.push_back(place);
    }
  }
  std::ranges::sort(choice.places);
  return choice;
}

}  // namespace tintype
