// toml++ is set up as in core/job/recipe_toml.cpp, which says why: one program must not hold two of it.

#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0

#include "bench/support/bench_report.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>
#include <sstream>
#include <string_view>

#include <nlohmann/json.hpp>
#include <toml++/toml.hpp>

namespace tintype::bench {

BenchOptions parse_bench_options(int argc, char** argv, const std::string& usage,
                                 const std::vector<std::string>& parts) {
  BenchOptions options;
  const auto refuse = [&](const std::string& why) {
    std::fprintf(stderr, "%s\n%s\n", why.c_str(), usage.c_str());
    std::exit(2);
  };
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--check") {
      options.check = true;
    } else if (argument == "--json") {
      if (++i == argc) refuse("--json needs a file");
      options.json_file = argv[i];
    } else if (argument == "--parts" && !parts.empty()) {
      if (++i == argc) refuse("--parts needs names, separated by commas");
      std::istringstream names(argv[i]);
      for (std::string name; std::getline(names, name, ',');) {
        if (!std::ranges::contains(parts, name)) refuse(std::format("there is no part {}", name));
        options.parts.push_back(name);
      }
    } else if (argument == "--help" || argument == "-h") {
      std::printf("%s\n", usage.c_str());
      std::exit(0);
    } else if (argument.starts_with('-')) {
      refuse(std::format("unknown option {}", argument));
    } else if (options.dir.empty()) {
      options.dir = argument;
    } else {
      refuse(std::format("one folder, not two: {}", argument));
    }
  }
  return options;
}

BenchReport::BenchReport(std::string name, BenchOptions options)
    : name_(std::move(name)), options_(std::move(options)) {}

void BenchReport::table(const std::string& title, const Table& table) {
  std::printf("\n%s\n%s", title.c_str(), table.to_string(2).c_str());
  std::fflush(stdout);
}

void BenchReport::figure(const std::string& key, double value, const std::string& unit, const std::string& meaning) {
  figures_.push_back({key, value, unit, meaning});
}

void BenchReport::note(const std::string& text) { notes_.push_back(text); }

bool BenchReport::Goal::met_by(double value) const {
  return (!at_most || value <= *at_most) && (!at_least || value >= *at_least);
}

std::string BenchReport::Goal::to_string() const {
  std::string text;
  if (at_least) text += std::format("at least {:g}", *at_least);
  if (at_most) text += std::format("{}at most {:g}", text.empty() ? "" : ", ", *at_most);
  return text;
}

std::map<std::string, BenchReport::Goal> BenchReport::read_goals(const std::string& bench) {
  const std::string path = std::string(TINTYPE_SOURCE_DIR) + "/bench/goals.toml";
  std::map<std::string, Goal> goals;
  const toml::parse_result file = toml::parse_file(path);
  if (!file) {
    std::fprintf(stderr, "%s cannot be read: %s\n", path.c_str(), std::string(file.error().description()).c_str());
    std::exit(1);
  }
  const toml::table* section = file.table()[bench].as_table();
  if (section == nullptr) return goals;
  for (const auto& [key, value] : *section) {
    const toml::table* goal = value.as_table();
    if (goal == nullptr) continue;
    goals[std::string(key.str())] = {(*goal)["at_most"].value<double>(), (*goal)["at_least"].value<double>()};
  }
  return goals;
}

int BenchReport::finish() {
  std::map<std::string, Goal> goals = read_goals(name_);
  Table table({{"figure"}, {"value", Align::kRight}, {"unit"}, {"goal"}, {"met"}, {"what it is"}});
  std::vector<std::string> shortfalls;
  nlohmann::ordered_json json = {{"bench", name_}, {"figures", nlohmann::ordered_json::array()}, {"notes", notes_}};
  for (const Figure& figure : figures_) {
    const auto goal = goals.find(figure.key);
    std::string wanted, met;
    if (goal != goals.end()) {
      wanted = goal->second.to_string();
      met = goal->second.met_by(figure.value) ? "yes" : "NO";
      if (met == "NO") {
        shortfalls.push_back(
            std::format("{} is {:.4g} {}, the goal is {}", figure.key, figure.value, figure.unit, wanted));
      }
    }
    table.add_row({figure.key, std::format("{:.4g}", figure.value), figure.unit, wanted, met, figure.meaning});
    json["figures"].push_back({{"key", figure.key},
                               {"value", figure.value},
                               {"unit", figure.unit},
                               {"meaning", figure.meaning},
                               {"goal", wanted},
                               {"met", met.empty() ? "" : met}});
    if (goal != goals.end()) goals.erase(goal);
  }
  if (options_.parts.empty()) {
    for (const auto& [key, goal] : goals) shortfalls.push_back(key + " was not measured in this run");
  }

  this->table("figures", table);
  for (const std::string& note : notes_) std::printf("note: %s\n", note.c_str());
  if (!options_.json_file.empty()) {
    std::ofstream out(options_.json_file);
    out << json.dump(2) << "\n";
    if (!out.flush()) {
      std::fprintf(stderr, "%s cannot be written\n", options_.json_file.c_str());
      return 1;
    }
  }
  if (!options_.check) return 0;
  for (const std::string& shortfall : shortfalls) std::printf("SHORT: %s\n", shortfall.c_str());
  if (shortfalls.empty()) std::printf("all goals of %s are met\n", name_.c_str());
  return shortfalls.empty() ? 0 : 1;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace tintype::bench
