#include "workers/opencl/installed_drivers.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

namespace tintype {
namespace {

namespace fs = std::filesystem;

// Built for it, PoCL drives NVIDIA's GPUs through CUDA and Intel's through Level Zero.
bool has_gpu_nodes(const fs::path& nodes) {
  std::error_code error;
  return fs::exists(nodes / "nvidiactl", error) || fs::exists(nodes / "dri", error) || fs::exists(nodes / "dxg", error);
}

bool is_pocl(const fs::path& registration) {
  std::string library;
  std::ifstream in(registration);
  return std::getline(in, library) && fs::path(library).filename().string().starts_with("libpocl");
}

}  // namespace

DriverPlaces driver_places_of_this_machine() {
  // Of Khronos' loader and of Debian's usual one, ocl-icd.
  constexpr const char* kRedirections[] = {"OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH",
                                           "OPENCL_LAYERS", "POCL_DEVICES"};
  return {"/etc/OpenCL/vendors", "/dev",
          std::ranges::any_of(kRedirections, [](const char* name) { return std::getenv(name) != nullptr; })};
}

bool may_have_opencl_gpu(const DriverPlaces& places) {
  if (places.are_elsewhere) return true;
  std::error_code error;
  if (!fs::exists(places.registrations, error)) return static_cast<bool>(error);
  fs::directory_iterator registrations(places.registrations, error);
  if (error) return true;
  bool has_pocl = false;
  for (const auto& entry : registrations) {
    if (entry.path().extension() != ".icd") continue;
    if (!is_pocl(entry.path())) return true;
    has_pocl = true;
  }
  return has_pocl && has_gpu_nodes(places.device_nodes);
}

}  // namespace tintype
