// `tintype doctor`: whether this machine, and a farm if one is named, have what they need.
#pragma once

#include <string>

namespace tintype {

struct DoctorOptions {
  std::string farm;                         // URL; empty: no farm is looked at
  std::string data_dir = "./tintype-data";  // whose file system's space counts
  std::string fpga_xclbin;                  // cards are tested with it; empty: cards are only looked for
  bool json = false;
};

// Returns the exit status: kExitSomeFailed if a check failed.
int run_doctor(const DoctorOptions& options);

}  // namespace tintype
