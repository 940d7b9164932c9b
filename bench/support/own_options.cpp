#include "bench/support/own_options.h"

#include <algorithm>
#include <cstdlib>

namespace tintype::bench {

OwnOptions::OwnOptions(int& argc, char** argv, std::initializer_list<std::string_view> names) {
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (i + 1 < argc && std::ranges::contains(names, name)) {
      values_[std::string(name)] = argv[++i];
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
}

std::string OwnOptions::text(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(otherwise) : found->second;
}

double OwnOptions::number(std::string_view name, double otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : std::atof(found->second.c_str());
}

}  // namespace tintype::bench
