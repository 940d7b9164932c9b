// Settings of a TOML file, described once: what reads the file, checks it, takes single settings from a command line
// and writes an example of it all goes by the same list.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace tintype {

struct FileSetting {
  std::string_view table;  // "" for the file's top
  std::string_view key;
  // Where it goes; what is there before is the default.
  std::variant<std::string*, std::vector<std::string>*, bool*, int*> out;
  std::string_view help;                                // for the example
  int low = 0, high = std::numeric_limits<int>::max();  // of a number
  std::string_view words = {};                          // what a text may be, separated by blanks; empty: anything
  std::string_view sample = {};                         // in the example, as TOML; empty: the default

  std::string name() const;  // "table.key"
};

// kInvalidArgument names line, table and key: unknown ones, wrong kinds, numbers out of range.
Status read_settings(std::string_view toml, std::span<const FileSetting> settings);

// "table.key=value"; items of a list are separated by commas.
Status set_one(std::string_view assignment, std::span<const FileSetting> settings);

// A file with every setting: its default, or its sample, behind '#', and what it means.
std::string example_of(std::span<const FileSetting> settings);

}  // namespace tintype
