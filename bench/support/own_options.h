// A bench's own options, such as "--seconds 10", beside those that every bench has (bench_report.h).
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace tintype::bench {

class OwnOptions {
 public:
  // Takes those of `names` that have a value out of the arguments; what is left is for parse_bench_options().
  OwnOptions(int& argc, char** argv, std::initializer_list<std::string_view> names);

  std::string text(std::string_view name, std::string_view otherwise = "") const;
  // 0 for what is no number.
  double number(std::string_view name, double otherwise) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace tintype::bench
