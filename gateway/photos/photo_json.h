// Photos as JSON (docs/api.md). Included by .cpp files alone.
#pragma once

#include "gateway/json_answer.h"
#include "storage_client/photo_index.h"

namespace tintype {

// One row of a list, at the end of `out`: written by hand, as a list is most of what an app asks for.
void append_row(std::string& out, const LightRow& row);
Json to_json_value(const Photo& photo);
Json to_json_value(const Manifest& manifest);

}  // namespace tintype
