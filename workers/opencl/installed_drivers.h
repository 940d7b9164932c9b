// Which OpenCL drivers this machine has registered, by the loader's own folder of names: nothing is loaded. To ask the
// drivers themselves costs a process, and PoCL, which Debian's loader brings along, a compiler.
#pragma once

#include <filesystem>

namespace tintype {

struct DriverPlaces {
  std::filesystem::path registrations;  // a file *.icd for each driver, with the name of its library
  std::filesystem::path device_nodes;
  bool are_elsewhere = false;  // the environment sends the loader to other places
};

DriverPlaces driver_places_of_this_machine();

// False only where asking the drivers could not find a GPU: none is registered, or PoCL alone is and there is no node
// of a GPU that it could drive. Where that cannot be told: true.
bool may_have_opencl_gpu(const DriverPlaces& places);

}  // namespace tintype
