// docs/openapi.json, embedded by the build.
#pragma once

#include <string_view>

namespace tintype {

extern const std::string_view kOpenApi;

}  // namespace tintype
