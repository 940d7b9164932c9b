// toml++ is set up as in core/job/recipe_toml.cpp, which says why: one program must not hold two of it.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.hpp>

#include <algorithm>
#include <charconv>
#include <format>

#include "cli/fleet/settings_file.h"

namespace tintype {
namespace {

std::unexpected<Error> wrong(std::string_view what) { return fail(ErrorCode::kInvalidArgument, std::string(what)); }

bool is_one_of(std::string_view words, std::string_view value) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == value) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

// The rules that hold wherever a value comes from. A Status says what the value must be.
Status put_text(const FileSetting& setting, std::string value) {
  if (!setting.words.empty() && !is_one_of(setting.words, value))
    return wrong(std::format("must be one of: {}", setting.words));
  *std::get<std::string*>(setting.out) = std::move(value);
  return {};
}

Status put_number(const FileSetting& setting, std::int64_t value) {
  if (value < setting.low || value > setting.high)
    return wrong(std::format("must be from {} to {}", setting.low, setting.high));
  *std::get<int*>(setting.out) = static_cast<int>(value);
  return {};
}

Status put_node(const FileSetting& setting, const toml::node& node) {
  if (std::holds_alternative<std::string*>(setting.out)) {
    const auto value = node.value_exact<std::string>();
    return value ? put_text(setting, *value) : wrong("must be a text in quotes");
  }
  if (bool* const* out = std::get_if<bool*>(&setting.out)) {
    const auto value = node.value_exact<bool>();
    if (!value) return wrong("must be true or false");
    **out = *value;
    return {};
  }
  if (std::holds_alternative<int*>(setting.out)) {
    const auto value = node.value_exact<std::int64_t>();
    return value ? put_number(setting, *value) : wrong("must be a whole number");
  }
  const toml::array* array = node.as_array();
  if (!array) return wrong("must be a list of texts: [\"...\"]");
  std::vector<std::string> texts;
  for (const toml::node& item : *array) {
    const auto value = item.value_exact<std::string>();
    if (!value) return wrong("must hold texts in quotes");
    texts.push_back(*value);
  }
  *std::get<std::vector<std::string>*>(setting.out) = std::move(texts);
  return {};
}

Status put_words(const FileSetting& setting, std::string_view value) {
  if (std::holds_alternative<std::string*>(setting.out)) return put_text(setting, std::string(value));
  if (bool* const* out = std::get_if<bool*>(&setting.out)) {
    if (value != "true" && value != "false") return wrong("must be true or false");
    **out = value == "true";
    return {};
  }
  if (std::holds_alternative<int*>(setting.out)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return wrong("must be a whole number");
    return put_number(setting, number);
  }
  std::vector<std::string> texts;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    texts.emplace_back(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  *std::get<std::vector<std::string>*>(setting.out) = std::move(texts);
  return {};
}

std::string known_keys(std::string_view table, std::span<const FileSetting> settings) {
  std::string keys;
  for (const FileSetting& setting : settings) {
    if (setting.table == table) keys += std::format("{}{}", keys.empty() ? "" : ", ", setting.key);
  }
  return keys;
}

Status read_table(const toml::table& table, std::string_view name, std::span<const FileSetting> settings) {
  for (const auto& [key, node] : table) {
    if (name.empty() && node.is_table()) continue;
    const auto found = std::ranges::find_if(
        settings, [&](const FileSetting& setting) { return setting.table == name && setting.key == key.str(); });
    const std::string where =
        std::format("line {}: {}{}{}", key.source().begin.line, name, name.empty() ? "" : ".", key.str());
    if (found == settings.end())
      return wrong(std::format("{} is unknown; there are {}", where, known_keys(name, settings)));
    if (const Status put = put_node(*found, node); !put) return wrong(std::format("{} {}", where, put.error().message));
  }
  return {};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string as_toml(const FileSetting& setting) {
  if (!setting.sample.empty()) return std::string(setting.sample);
  if (std::string* const* text = std::get_if<std::string*>(&setting.out)) return quoted(**text);
  if (bool* const* yes = std::get_if<bool*>(&setting.out)) return **yes ? "true" : "false";
  if (int* const* number = std::get_if<int*>(&setting.out)) return std::to_string(**number);
  std::string out = "[";
  for (const std::string& text : *std::get<std::vector<std::string>*>(setting.out)) {
    out += (out.size() > 1 ? ", " : "") + quoted(text);
  }
  return out + "]";
}

}  // namespace

std::string FileSetting::name() const { return table.empty() ? std::string(key) : std::format("{}.{}", table, key); }

Status read_settings(std::string_view toml, std::span<const FileSetting> settings) {
  const toml::parse_result parsed = toml::parse(toml);
  if (!parsed)
    return wrong(std::format("line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
  TT_TRY(read_table(parsed.table(), "", settings));
  for (const auto& [key, node] : parsed.table()) {
    const toml::table* table = node.as_table();
    if (!table) continue;
    if (known_keys(key.str(), settings).empty())
      return wrong(std::format("line {}: there is no table [{}]", key.source().begin.line, key.str()));
    TT_TRY(read_table(*table, key.str(), settings));
  }
  return {};
}

Status set_one(std::string_view assignment, std::span<const FileSetting> settings) {
  const std::size_t equals = assignment.find('=');
  if (equals == assignment.npos)
    return wrong(std::format("{}: write TABLE.KEY=VALUE, such as node.workers=4", assignment));
  const std::string_view name = assignment.substr(0, equals);
  const auto found = std::ranges::find_if(settings, [&](const FileSetting& setting) { return setting.name() == name; });
  if (found == settings.end()) return wrong(std::format("{}: there is no setting of this name", name));
  if (const Status put = put_words(*found, assignment.substr(equals + 1)); !put)
    return wrong(std::format("{} {}", name, put.error().message));
  return {};
}

std::string example_of(std::span<const FileSetting> settings) {
  std::string out;
  std::string_view table;
  for (const FileSetting& setting : settings) {
    if (setting.table != table) {
      table = setting.table;
      out += std::format("\n[{}]\n", table);
    }
    const std::string line = std::format("# {} = {}", setting.key, as_toml(setting));
    out += std::format("{:<60} # {}\n", line, setting.help);
  }
  return out;
}

}  // namespace tintype
