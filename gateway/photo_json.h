// Photos as JSON (docs/api.md). Included by .cpp files alone.
#pragma once

#include "gateway/json_answer.h"
#include "storage_client/photo_index.h"

namespace tintype {

Json to_json_value(const LightRow& row);
Json to_json_value(const Photo& photo);
Json to_json_value(const Manifest& manifest);

}  // namespace tintype
