#include "cli/commands/farm_command.h"

#include <cstdio>

#include "cli/exit_codes.h"

namespace tintype {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void print_json(const Json& json) { print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

int report_error(const char* name, const Error& error) {
  std::fprintf(stderr, "tintype %s: %s\n", name, error.message.c_str());
  return exit_code_of(error.code);
}

int with_farm(const char* name, const FarmOptions& options, const std::function<Result<int>(FarmClient&)>& command) {
  const Result<std::string> url = farm_url(options.farm);
  if (!url) return report_error(name, url.error());
  const Result<std::unique_ptr<HttpEngine>> engine = HttpEngine::create(farm_headers());
  if (!engine) return report_error(name, engine.error());
  FarmClient client(**engine, *url);
  const Result<int> status = command(client);
  return status ? *status : report_error(name, status.error());
}

}  // namespace tintype
