// What a call's path and query say, checked. Errors name the parameter and what it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "gateway/api.h"

namespace tintype {

// The `index`th argument of the path.
Result<SortableId> id_argument(const Call& call, std::size_t index = 0);
Result<std::uint64_t> number_argument(const Call& call, std::size_t index = 0);

// Of the query; the default when it is not given.
std::string text_parameter(const Call& call, std::string_view name, std::string_view fallback = "");
Result<std::uint64_t> number_parameter(const Call& call, std::string_view name, std::uint64_t low, std::uint64_t high,
                                       std::uint64_t fallback);
Result<std::optional<UnixMs>> time_parameter(const Call& call, std::string_view name);
Result<int> limit_parameter(const Call& call);          // 1..1000, 100
Result<std::string> batch_parameter(const Call& call);  // [A-Za-z0-9_-], up to 64; ""

// One word of a few, as `parse` reads it.
template <typename Word>
Result<Word> word_named(std::string_view name, std::string_view text, Result<Word> (*parse)(std::string_view)) {
  Result<Word> word = parse(text);
  if (!word) word.error().message = std::string(name) + "=" + std::string(text) + " " + word.error().message;
  return word;
}

}  // namespace tintype
