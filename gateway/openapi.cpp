// GET /openapi.json
#include "gateway/openapi.h"

#include "gateway/api.h"

namespace tintype {

Result<http::Begun> show_openapi(const Call&) { return http::Response(200, "application/json", std::string(kOpenApi)); }

}  // namespace tintype
