// `tintype compare`: how alike two pictures look.
#pragma once

#include <string>

namespace tintype {

struct CompareOptions {
  std::string original;  // files
  std::string candidate;
  bool json = false;
};

// Decodes both in sandboxed children and prints the SSIMULACRA2 score; returns the exit status.
int run_compare(const CompareOptions& options);

}  // namespace tintype
