#include "gateway/parameters.h"

#include <charconv>
#include <format>
#include <limits>

#include "core/base/time_text.h"

namespace tintype {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

Result<SortableId> id_argument(const Call& call, std::size_t index) {
  auto id = SortableId::parse(call.arguments[index]);
  // An id that cannot be is an id that is not there.
  if (!id) return fail(ErrorCode::kNotFound, std::format("there is nothing with the id '{}'", call.arguments[index]));
  return *id;
}

Result<std::uint64_t> number_argument(const Call& call, std::size_t index) {
  const auto number = parse_number(call.arguments[index]);
  if (!number)
    return fail(ErrorCode::kNotFound, std::format("there is nothing with the number '{}'", call.arguments[index]));
  return *number;
}

std::string text_parameter(const Call& call, std::string_view name, std::string_view fallback) {
  const std::string* text = call.target.find(name);
  return text ? *text : std::string(fallback);
}

Result<std::uint64_t> number_parameter(const Call& call, std::string_view name, std::uint64_t low, std::uint64_t high,
                                       std::uint64_t fallback) {
  const std::string* text = call.target.find(name);
  if (!text) return fallback;
  const auto number = parse_number(*text);
  if (!number || *number < low || *number > high) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("{}={} must be a whole number from {} to {}", name, *text, low, high));
  }
  return *number;
}

Result<std::optional<UnixMs>> time_parameter(const Call& call, std::string_view name) {
  const std::string* text = call.target.find(name);
  if (!text) return std::optional<UnixMs>();
  const auto time = parse_time(*text);
  if (!time) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("{}={} must be a time: 2026-11-22T08:09:21Z, 2026-11-22, or milliseconds since 1970 (write "
                            "'+' as %2B)",
                            name, *text));
  }
  return std::optional(*time);
}

Result<int> limit_parameter(const Call& call) {
  TT_ASSIGN(const std::uint64_t limit, number_parameter(call, "limit", 1, 1000, 100));
  return static_cast<int>(limit);
}

Result<std::string> batch_parameter(const Call& call) {
  std::string batch = text_parameter(call, "batch");
  if (!batch.empty() && !is_valid_owner(batch)) {
    return fail(ErrorCode::kInvalidArgument, "batch must be up to 64 letters, digits, '-' and '_'");
  }
  return batch;
}

}  // namespace tintype
