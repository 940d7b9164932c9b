// Which devices a farm computes with, beside the CPU, and how work is shared with them. As the command line says it.
#pragma once

#include <string>
#include <vector>

namespace tintype {

struct DeviceOptions {
  // "auto": GPUs; "none"; "all"; or places in the list of `tintype devices`: "0,2".
  std::string opencl = "auto";
  std::string fpga = "auto";          // the same of cards; "auto": not emulated ones
  std::string fpga_xclbin;            // what cards are loaded with; empty: no card is used
  int check_one_in = 200;             // of a device's results, compared with the CPU's; 0: none
  std::string placement = "fastest";  // scheduler/placement.h

  // As words of a command line: for a farm that is started with the same.
  std::vector<std::string> words() const;
};

}  // namespace tintype
