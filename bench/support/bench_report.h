// BenchReport: what every bench prints: a table for people, key figures, JSON for machines, and the check of the
// figures against bench/goals.toml.
//
//   bench_NAME [DIR] [--parts a,b] [--json FILE] [--check]
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/text/table.h"
#include "core/base/result.h"

namespace tintype::bench {

struct BenchOptions {
  std::string dir;  // photos; empty: none given
  std::string json_file;
  bool check = false;
  std::vector<std::string> parts;  // empty: all

  bool wants(const std::string& part) const { return parts.empty() || std::ranges::contains(parts, part); }
};

// Ends the program with a usage line when the arguments make no sense. `parts`: what `--parts a,b` may name; a bench
// without any does not take it.
BenchOptions parse_bench_options(int argc, char** argv, const std::string& usage,
                                 const std::vector<std::string>& parts = {});

class BenchReport {
 public:
  // `name` as in `bench/run NAME`: its section in goals.toml.
  BenchReport(std::string name, BenchOptions options);

  const BenchOptions& options() const { return options_; }

  // A table, printed at once.
  void table(const std::string& title, const Table& table);
  // A figure that may have a goal. `meaning` says what it is and how it was taken.
  void figure(const std::string& key, double value, const std::string& unit, const std::string& meaning);
  void note(const std::string& text);

  // Prints the figures beside their goals, writes the JSON, and answers the exit status: 1 when --check was given
  // and a goal is missed or was not measured.
  int finish();

 private:
  struct Figure {
    std::string key;
    double value = 0;
    std::string unit;
    std::string meaning;
  };
  struct Goal {
    std::optional<double> at_most;
    std::optional<double> at_least;
    bool met_by(double value) const;
    std::string to_string() const;
  };
  static std::map<std::string, Goal> read_goals(const std::string& bench);

  const std::string name_;
  const BenchOptions options_;
  std::vector<Figure> figures_;
  std::vector<std::string> notes_;
};

double median(std::vector<double> values);

}  // namespace tintype::bench
