// What commands that ask a farm have in common.
#pragma once

#include <functional>
#include <string>

#include "cli/http/farm_client.h"
#include "core/base/result.h"

namespace tintype {

struct FarmOptions {
  std::string farm = "http://127.0.0.1:8420";  // URL
  bool json = false;                           // the farm's own JSON instead of text
};

// Runs `command` with a client of the farm; prints an error as "tintype NAME: ..." and returns its exit
// status.
int with_farm(const char* name, const FarmOptions& options, const std::function<Result<int>(FarmClient&)>& command);

void print(const std::string& text);                     // to stdout
void print_json(const Json& json);                       // to stdout, indented
int report_error(const char* name, const Error& error);  // to stderr; returns the exit status

}  // namespace tintype
