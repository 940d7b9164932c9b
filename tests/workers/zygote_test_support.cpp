#include "tests/workers/zygote_test_main.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

namespace tintype::testing {
namespace {

std::unique_ptr<Zygote> started;

}  // namespace

Zygote& zygote() { return *started; }

Logger& quiet_log() {
  static Logger log(LogLevel::kError);
  return log;
}

int parent_of(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:")) return std::stoi(line.substr(5));
  }
  return -1;
}

int run_with_zygote(int argc, char** argv) {
  run_zygote_if_asked(argc, argv, kChildMain);
  ::testing::InitGoogleTest(&argc, argv);
  auto zygote = start_zygote({}, quiet_log());
  if (!zygote) {
    std::fprintf(stderr, "%s\n", zygote.error().to_string().c_str());
    return 1;
  }
  started = *std::move(zygote);
  const int failed = RUN_ALL_TESTS();
  started.reset();
  return failed;
}

}  // namespace tintype::testing
