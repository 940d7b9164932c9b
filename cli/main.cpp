#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "cli/command_line.h"
#include "cli/engines.h"
#include "cli/exit_codes.h"
#include "cli/serve.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/device/device_process.h"
#include "workers/sandbox/zygote.h"

namespace {

// A fleet's configuration file is named, or one of its processes: then this needs Ceph's client library, which only
// tintype-fleet is linked with, so that no other process, and no sandboxed child, has to load it.
bool needs_fleet(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--help" || word == "-h") return false;
    if (i == 1 && (word == "gateway" || word == "node" || word == "migrate")) return true;
    if (word == "--config" || word.starts_with("--config=")) return true;
  }
  return false;
}

int become_fleet(char** argv) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "tintype-fleet";
  ::execv(program.c_str(), argv);
  std::fprintf(stderr, "tintype: %s cannot be started (%s): install it beside tintype\n", program.c_str(),
               std::strerror(errno));
  return tintype::kExitFarm;
}

}  // namespace

int main(int argc, char** argv) {
  tintype::run_zygote_if_asked(argc, argv, tintype::cpu_child_main);
  tintype::run_device_worker_if_asked(argc, argv, tintype::kEngines);
  if (needs_fleet(argc, argv)) return become_fleet(argv);
  return tintype::run_command_line(argc, argv, {.serve = tintype::run_serve});
}
