// `tintype serve` on a folder, as a bench starts it: the program beside this one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tintype::bench {

class ServedFarm {
 public:
  // Ends the program if the farm does not come up. The log is DATA.log.
  explicit ServedFarm(const std::string& data_dir, std::vector<std::string> options = {});
  ~ServedFarm();  // asks it to end, and waits
  ServedFarm(const ServedFarm&) = delete;
  ServedFarm& operator=(const ServedFarm&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace tintype::bench
