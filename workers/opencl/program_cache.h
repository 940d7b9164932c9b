// ProgramCache: built OpenCL programs in a folder, by device, driver, options and source. What is wrong with a file of
// it, or with the folder, costs a build and nothing else.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype {

class ProgramCache {
 public:
  // Made when first kept in; "": keeps nothing.
  explicit ProgramCache(std::string folder) : folder_(std::move(folder)) {}

  bool keeps() const { return !folder_.empty(); }
  std::string key(const OpenClDevice& device, std::string_view options, std::string_view source) const;
  // Empty when it is not there, or not as it was written.
  Bytes find(const std::string& key) const;
  void keep(const std::string& key, ByteView binary) const;

 private:
  std::string folder_;
};

}  // namespace tintype
