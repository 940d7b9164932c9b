// Reading JSON that nobody vouches for: size and depth are bounded before the parser runs, every field's type
// and range is checked, and the first deviation is kept as one Error that names the field
// ("job.recipe.rungs[2].effort"). Private to .cpp files: nlohmann's header goes no further.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <format>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace tintype {

using Json = nlohmann::json;

inline constexpr int kMaxJsonDepth = 16;
inline constexpr std::int64_t kMaxJsonTimeMs = 253'402'300'799'999;  // the end of the year 9999

// The text as a JSON object, or `code` with what is wrong. `what` names it in messages ("job").
Result<Json> parse_json_object(std::string_view text, std::string_view what, std::size_t max_bytes, ErrorCode code);

// One line, ASCII controls escaped; bytes that are no UTF-8 become U+FFFD.
std::string dump_json(const Json& json);

// kUnsupported if the object's "schema" is newer than `known`, `code` if it has none that makes sense.
Status check_schema(const Json& object, std::string_view what, int known, ErrorCode code);

// {"code": "...", "message": "..."}
Json error_to_json(const Error& error);

// Takes an object's fields out one by one. After the first deviation the rest are left as they are; ask
// status() before using any of them. Fields that are not asked for are ignored.
class FieldReader {
 public:
  // `json` must outlive it. `path` leads to it ("job.recipe"); a deviation becomes `code`.
  FieldReader(const Json& json, std::string path, ErrorCode code);

  const Status& status() const { return status_; }
  ErrorCode code() const { return code_; }
  std::string path_to(std::string_view key) const { return std::format("{}.{}", path_, key); }

  // True if the field is there and not null.
  bool has(std::string_view key) const;
  // True if it is a text.
  bool holds_text(std::string_view key) const;

  void read(std::string_view key, bool& out);
  void read(std::string_view key, double& out);  // finite
  void read(std::string_view key, std::string& out);
  void read(std::string_view key, SortableId& out);
  void read(std::string_view key, Error& out);
  // null where dump_json met an infinity.
  void read_seconds(std::string_view key, double& out);
  void read_time(std::string_view key, UnixMs& out);

  template <std::integral T>
  void read(std::string_view key, T& out) {
    read(key, out, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  }
  template <std::integral T>
  void read(std::string_view key, T& out, std::type_identity_t<T> low, std::type_identity_t<T> high) {
    const Json* field = need(key);
    if (!field) return;
    if (!field->is_number_integer() || !holds<T>(*field, low, high)) {
      refuse(key, std::format("must be a whole number from {} to {}", low, high));
      return;
    }
    out = field->get<T>();
  }

  // A word that `parse` turns into a T.
  template <typename T>
  void read_word(std::string_view key, Result<T> (*parse)(std::string_view), T& out) {
    std::string name;
    read(key, name);
    if (!status_) return;
    if (auto value = parse(name)) {
      out = *value;
    } else {
      refuse(key, value.error().message);
    }
  }

  // An object that `parse(FieldReader&) -> T` reads.
  template <typename T, typename Parse>
  void read_object(std::string_view key, T& out, Parse parse) {
    if (const Json* field = need(key)) read_part(*field, path_to(key), out, parse);
  }

  // An array of at most `max_items` such objects.
  template <typename T, typename Parse>
  void read_objects(std::string_view key, std::vector<T>& out, std::size_t max_items, Parse parse) {
    const Json* field = need_array(key, max_items);
    if (!field) return;
    out.clear();
    for (std::size_t i = 0; i < field->size() && status_; ++i) {
      read_part((*field)[i], std::format("{}[{}]", path_to(key), i), out.emplace_back(), parse);
    }
  }
  void read(std::string_view key, std::vector<std::string>& out, std::size_t max_items);

  // Keeps the first deviation: "<path>.<key> <message>".
  void refuse(std::string_view key, std::string_view message);

 private:
  // The field, or null after a refusal.
  const Json* need(std::string_view key);
  const Json* need_array(std::string_view key, std::size_t max_items);

  template <typename T, typename Parse>
  void read_part(const Json& json, std::string path, T& out, Parse parse) {
    FieldReader part(json, std::move(path), code_);
    if (part.status_) out = parse(part);
    if (status_ && !part.status_) status_ = part.status_;
  }

  template <typename T>
  static bool holds(const Json& number, T low, T high) {
    if (number.is_number_unsigned()) {
      const auto value = number.get<std::uint64_t>();
      return std::cmp_greater_equal(value, low) && std::cmp_less_equal(value, high);
    }
    const auto value = number.get<std::int64_t>();
    return std::cmp_greater_equal(value, low) && std::cmp_less_equal(value, high);
  }

  const Json& json_;
  std::string path_;
  ErrorCode code_;
  Status status_;
};

}  // namespace tintype
