// CompressTest: `compress` as a program against fake farms.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/fake_farm.h"
#include "tests/cli/program.h"
#include "tests/cli/temp_folder.h"

namespace tintype::testing {

// For tests of `compress` as a program: photos in Pictures, results in out.
class CompressTest : public ::testing::Test {
 protected:
  void add_photos(int count, const std::string& prefix = "photo") {
    for (int i = 0; i < count; ++i)
      temp_.write(std::format("Pictures/{}{:03}.jpg", prefix, i), jpeg_bytes(std::to_string(i)));
  }
  std::vector<std::string> command(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {TINTYPE_WITH_FAKE_FARM, "compress", temp_.path("Pictures"), "--out",
                                      temp_.path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::vector<std::string> at(const FakeFarm& farm, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--farm", farm.url()});
    return command(std::move(more));
  }
  int results() const {
    int count = 0;
    if (!temp_.has("out/Pictures")) return 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(temp_.path("out/Pictures"))) {
      count += entry.is_regular_file();
    }
    return count;
  }
  static bool wait_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  // The farm that a compress of ours has started.
  std::optional<pid_t> farm_pid() const {
    const std::string text = temp_.read("out/.tintype/farm.pid");
    return text.empty() ? std::nullopt : std::optional<pid_t>(std::atoi(text.c_str()));
  }
  nlohmann::json journal(const std::string& event) const {
    nlohmann::json lines = nlohmann::json::array();
    std::ifstream in(temp_.path("out/.tintype/journal.jsonl"));
    for (std::string line; std::getline(in, line);) {
      const nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
      if (parsed.is_object() && parsed["event"] == event) lines.push_back(parsed);
    }
    return lines;
  }

  TempFolder temp_;
};

}  // namespace tintype::testing
