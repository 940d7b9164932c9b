// A farm to be killed: gateway, staging folder, scheduler, sweeper and caches as they are, on the embedded store over
// the sync layer, with the queue in memory and a simulated lane.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/base/unique_fd.h"
#include "tests/crash/seeded_bugs.h"

namespace tintype::crash {

// The store's, in a farm's.
std::string store_folder(const std::string& folder);

// What this program does when it is started again as the farm: serves until it is killed. Says its port on standard
// output, one line.
[[noreturn]] void be_the_farm(const std::string& folder, const std::string& journal, Bug bug);

// The farm as a child process.
class DoomedFarm {
 public:
  DoomedFarm(const std::string& folder, const std::string& journal, Bug bug);
  ~DoomedFarm() { kill(); }
  DoomedFarm(const DoomedFarm&) = delete;
  DoomedFarm& operator=(const DoomedFarm&) = delete;

  // Waits until it serves. 0 if it ended first.
  std::uint16_t port();
  // At once, by SIGKILL. False if it had ended by itself.
  bool kill();

 private:
  pid_t pid_ = -1;
  UniqueFd said_;
};

}  // namespace tintype::crash
