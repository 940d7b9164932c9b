// Files and folders of a test.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace tintype::testing {

// Made on construction, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Both abort the test program on failure: nothing sensible follows.
Bytes read_file(const std::string& path);
void write_file(const std::string& path, ByteView bytes);

// The regular files in the folder that an environment variable names, sorted, without MANIFEST.tsv; empty
// when it is not set.
std::vector<std::string> files_of(const char* variable);

}  // namespace tintype::testing
