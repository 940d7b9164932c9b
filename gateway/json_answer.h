// JSON answers. Included by .cpp files alone.
#pragma once

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "gateway/http/message.h"

namespace tintype {

// Keys in the order they were put.
using Json = nlohmann::ordered_json;

// Text that is no UTF-8 (a hostile file name, a raw message) is shown with replacement characters.
std::string json_text(const Json& json);
http::Response json_answer(int status, const Json& json);

Json to_json_value(const Error& error);  // {"code","message"}

}  // namespace tintype
