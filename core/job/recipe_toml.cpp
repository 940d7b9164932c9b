// Recipes as TOML. Exceptions are off in toml++, so nothing can come out of it but a parse_result.
//
// toml++ 3.4 asserts that a table header begins with a key's character ("[{a]" does not) just before the line
// that reports it properly. Its assertions are off, so that the typo is an error and no abort; NDEBUG is too,
// because with it they become assumptions.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.hpp>

#include <algorithm>
#include <format>
#include <initializer_list>
#include <string>
#include <utility>

#include "core/job/recipe.h"
#include "core/job/recipe_rules.h"

namespace tintype {
namespace {

// The text as toml++ 3.4 gets it: without a byte order mark, and '?' for each byte that is not ASCII. Nothing
// that a recipe says but its comments can hold one, and toml++'s search for spaces in other scripts runs into
// undefined behaviour (from U+00A1 on, as in `name = ü`).
std::string as_ascii(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string ascii(text);
  std::ranges::replace_if(ascii, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return ascii;
}

Error fault_at(const toml::source_region& where, std::string_view key, std::string_view message) {
  return {ErrorCode::kInvalidArgument, std::format("line {}: {} {}", where.begin.line, key, message)};
}

// Reads the keys of one table, and keeps the first thing wrong with it.
class TableReader {
 public:
  // `name` is said in messages: "rung 2".
  TableReader(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  void allow_only(std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(keys, key.str()) != keys.end()) continue;
      std::string known;
      for (std::string_view k : keys) known += std::format("{}{}", known.empty() ? "" : ", ", k);
      refuse(key.source(), key.str().substr(0, 64), std::format("is unknown; known are {}", known));
    }
  }

  void text(std::string_view key, std::string& out) {
    if (const toml::node* node = need(key)) read_text(*node, key, out);
  }

  // A word that `parse` turns into a T. Absent: `out` stays, unless it is needed.
  template <typename T>
  void word(std::string_view key, Result<T> (*parse)(std::string_view), T& out, bool needed) {
    const toml::node* node = needed ? need(key) : table_.get(key);
    std::string name;
    if (!node || !read_text(*node, key, name)) return;
    if (auto value = parse(name)) {
      out = *value;
    } else {
      refuse(node->source(), key, value.error().message);
    }
  }

  template <typename T>
  void integer(std::string_view key, IntRange range, T& out) {
    const toml::node* node = need(key);
    if (!node) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < range.low || *value > range.high) {
      refuse(node->source(), key, std::format("must be a whole number from {} to {}", range.low, range.high));
      return;
    }
    out = static_cast<T>(*value);
  }

  // 1 and 1.5 alike. Absent: `out` stays.
  void number(std::string_view key, double& out) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (const auto value = node->value<double>(); value && node->is_number()) {
      out = *value;
    } else {
      refuse(node->source(), key, "must be a number");
    }
  }

  bool holds_text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node && node->is_string();
  }

  void boolean(std::string_view key, bool& out) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (const auto value = node->value_exact<bool>()) {
      out = *value;
    } else {
      refuse(node->source(), key, "must be true or false");
    }
  }

  void refuse(const toml::source_region& where, std::string_view key, std::string_view message) {
    if (status_) status_ = fail(fault_at(where, name_.empty() ? key : std::format("{}: {}", name_, key), message));
  }
  const Status& status() const { return status_; }

 private:
  const toml::node* need(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (!node) refuse(table_.source(), key, "is missing");
    return node;
  }

  bool read_text(const toml::node& node, std::string_view key, std::string& out) {
    const auto value = node.value_exact<std::string>();
    if (!value) {
      refuse(node.source(), key, "must be a text in quotes");
      return false;
    }
    out = *value;
    return true;
  }

  const toml::table& table_;
  std::string name_;
  Status status_;
};

Result<MetadataPolicy> read_metadata(const toml::table& table) {
  MetadataPolicy policy;
  TableReader in(table, "metadata");
  in.allow_only({"colour_profile", "date", "gps", "camera"});
  in.boolean("colour_profile", policy.colour_profile);
  in.boolean("date", policy.date);
  in.boolean("gps", policy.gps);
  in.boolean("camera", policy.camera);
  TT_TRY(in.status());
  return policy;
}

// A number, or a score with what else belongs to one.
void read_quality(TableReader& in, const toml::table& table, Rung& rung) {
  if (!in.holds_text("quality")) {
    in.integer("quality", kQualityRange, rung.quality);
    for (const std::string_view key : kTargetKeys) {
      if (const toml::node* node = table.get(key))
        in.refuse(node->source(), key, "needs a score: quality = \"ssimulacra2:70\"");
    }
    return;
  }
  QualityTarget target;
  in.word("quality", parse_quality_target, target, true);
  in.number("score_below", target.below);
  in.number("score_above", target.above);
  if (table.contains("lowest_quality")) in.integer("lowest_quality", kQualityRange, target.lowest_quality);
  if (table.contains("highest_quality")) in.integer("highest_quality", kQualityRange, target.highest_quality);
  if (table.contains("max_encodes")) in.integer("max_encodes", kMaxEncodesRange, target.max_probes);
  rung.target = target;
}

Result<Rung> read_rung(const toml::table& table, std::size_t number) {
  Rung rung;
  TableReader in(table, std::format("rung {}", number));
  in.allow_only({"long_side", "format", "quality", "effort", "encoder", "score_below", "score_above", "lowest_quality",
                 "highest_quality", "max_encodes"});
  in.integer("long_side", kLongSideRange, rung.long_side_px);
  RungFormat format;
  in.word("format", parse_rung_format, format, true);
  rung.format = format.format;
  rung.is_best = format.is_best;
  read_quality(in, table, rung);
  rung.effort = kEffortByClass;
  if (table.contains("effort")) in.integer("effort", effort_range(rung.format), rung.effort);
  rung.encoder = default_encoder(rung.format);
  in.word("encoder", parse_encoder, rung.encoder, false);
  if (const toml::node* node = rung.is_best ? table.get("encoder") : nullptr) {
    in.refuse(node->source(), "encoder", "is each format's own: leave it out with format \"best\"");
  }
  TT_TRY(in.status());
  return rung;
}

// Rules that no one key can be judged by, put at the line they are about.
Status check_rules(const Recipe& recipe, const toml::table& root, const toml::array& rungs) {
  const auto fault = find_fault(recipe);
  if (!fault) return {};
  if (fault->rung) {
    const toml::table& table = *rungs.get_as<toml::table>(*fault->rung);
    const toml::node* node = table.get(fault->key);
    const std::string key = std::format("rung {}: {}", *fault->rung + 1, fault->key);
    return fail(fault_at(node ? node->source() : table.source(), key, fault->message));
  }
  const toml::node* node = root.get(fault->key);
  return fail(fault_at(node ? node->source() : root.source(), fault->key, fault->message));
}

}  // namespace

Result<Recipe> parse_recipe_toml(std::string_view text) {
  const toml::parse_result parsed = toml::parse(as_ascii(text));
  if (!parsed) {
    return fail(fault_at(parsed.error().source(), "TOML cannot be read:", parsed.error().description()));
  }
  const toml::table& root = parsed.table();
  const toml::array no_rungs;
  const toml::array* rungs = &no_rungs;

  Recipe recipe;
  TableReader in(root, "");
  in.allow_only({"name", "damaged", "metadata", "rung"});
  in.text("name", recipe.name);
  in.word("damaged", parse_damaged_policy, recipe.damaged, false);
  if (const toml::node* node = root.get("metadata")) {
    if (!node->is_table()) {
      in.refuse(node->source(), "metadata", "must be a table: [metadata]");
    } else {
      TT_TRY(in.status());
      TT_ASSIGN(recipe.metadata, read_metadata(*node->as_table()));
    }
  }
  if (const toml::node* node = root.get("rung")) {
    if (!node->is_array_of_tables()) {
      in.refuse(node->source(), "rung", "must be tables: [[rung]]");
    } else {
      rungs = node->as_array();
    }
  }
  TT_TRY(in.status());
  for (std::size_t i = 0; i < rungs->size(); ++i) {
    TT_ASSIGN(Rung rung, read_rung(*rungs->get_as<toml::table>(i), i + 1));
    recipe.rungs.push_back(rung);
  }
  TT_TRY(check_rules(recipe, root, *rungs));
  return recipe;
}

std::string to_toml(const Recipe& recipe) {
  std::string text = std::format("name = \"{}\"\ndamaged = \"{}\"\n", recipe.name, damaged_policy_name(recipe.damaged));
  text +=
      std::format("\n[metadata]\ncolour_profile = {}\ndate = {}\ngps = {}\ncamera = {}\n",
                  recipe.metadata.colour_profile, recipe.metadata.date, recipe.metadata.gps, recipe.metadata.camera);
  for (const Rung& rung : recipe.rungs) {
    text += std::format("\n[[rung]]\nlong_side = {}\nformat = \"{}\"\n", rung.long_side_px, rung.format_text());
    if (const auto& target = rung.target) {
      text += std::format(
          "quality = \"{}\"\nscore_below = {}\nscore_above = {}\nlowest_quality = {}\nhighest_quality = {}\n"
          "max_encodes = {}\n",
          target->to_string(), target->below, target->above, target->lowest_quality, target->highest_quality,
          target->max_probes);
    } else {
      text += std::format("quality = {}\n", rung.quality);
    }
    if (rung.effort != kEffortByClass) text += std::format("effort = {}\n", rung.effort);
    if (!rung.is_best) text += std::format("encoder = \"{}\"\n", encoder_name(rung.encoder));
  }
  return text;
}

}  // namespace tintype
