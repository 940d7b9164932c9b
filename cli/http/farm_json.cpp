#include "cli/http/farm_json.h"

#include <format>
#include <utility>

namespace tintype {
namespace {

// What a status says when nothing else does.
ErrorCode code_of_status(int status) {
  switch (status) {
    case 400:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
      return ErrorCode::kDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kImageTooLarge;
    case 429:
      return ErrorCode::kQueueFull;
    case 502:
    case 503:
    case 504:
      return ErrorCode::kUnavailable;
    case 507:
      return ErrorCode::kStorageFull;
    default:
      return ErrorCode::kInternal;
  }
}

const Json* find(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string text_at(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

double number_at(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_number() ? value->get<double>() : 0;
}

std::uint64_t count_at(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

bool flag_at(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

const Json& array_at(const Json& object, std::string_view key) {
  static const Json kNone = Json::array();
  const Json* value = find(object, key);
  return value != nullptr && value->is_array() ? *value : kNone;
}

const Json& object_at(const Json& object, std::string_view key) {
  static const Json kNone = Json::object();
  const Json* value = find(object, key);
  return value != nullptr && value->is_object() ? *value : kNone;
}

Error error_of(const HttpAnswer& answer) {
  const Json problem = Json::parse(answer.body, nullptr, false);
  const std::string code = text_at(problem, "code");
  std::string detail = text_at(problem, "detail");
  if (detail.empty()) detail = text_at(problem, "title");
  if (detail.empty()) detail = std::format("the farm answers {} without saying why", answer.status);
  return {code.empty() ? code_of_status(answer.status) : error_code_from_name(code), std::move(detail)};
}

Result<Json> json_of(const Result<HttpAnswer>& answer) {
  if (!answer) return fail(answer.error());
  if (answer->status >= 300) return fail(error_of(*answer));
  Json body = Json::parse(answer->body, nullptr, false);
  if (!body.is_object()) {
    return fail(ErrorCode::kUnavailable, "what answers is no Tintype farm: its answer is not a JSON object");
  }
  return body;
}

}  // namespace tintype
