// JSON of a farm's answers, read without trust: a farm may be of another version.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/http/http_engine.h"
#include "core/base/result.h"

namespace tintype {

using Json = nlohmann::json;

// The Error that an answer of status 300 and above stands for: its problem document's code and detail, or
// what the status says.
Error error_of(const HttpAnswer& answer);

// The body as a JSON object; an answer of status 300 and above becomes its Error.
Result<Json> json_of(const Result<HttpAnswer>& answer);

// Fields of an object: absent or of another type reads as the default.
std::string text_at(const Json& object, std::string_view key);
double number_at(const Json& object, std::string_view key);
std::uint64_t count_at(const Json& object, std::string_view key);
bool flag_at(const Json& object, std::string_view key);
const Json& array_at(const Json& object, std::string_view key);   // empty if there is none
const Json& object_at(const Json& object, std::string_view key);  // empty if there is none

}  // namespace tintype
