#include "gateway/json_answer.h"

namespace tintype {

std::string json_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

http::Response json_answer(int status, const Json& json) {
  http::Response response(status, "application/json", json_text(json));
  response.set("Cache-Control", "no-store");
  return response;
}

Json to_json_value(const Error& error) { return {{"code", error_name(error.code)}, {"message", error.message}}; }

}  // namespace tintype
