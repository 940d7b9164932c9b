// `tintype token`: access tokens of a farm on this machine, and the keys that sign them. Works on the farm's data
// folder, whether it serves or not; a farm that serves sees every change at its next request.
#pragma once

#include <cstdint>
#include <string>

namespace tintype {

struct TokenOptions {
  std::string data_dir = "./tintype-data";
  bool json = false;
};

// What the command line says, not yet validated.
struct TokenCreateOptions {
  std::string owner;
  std::string scopes = "read,write";
  std::string expires = "30d";
  std::string note;
  double requests_a_second = 0;  // 0 of these: no limit
  std::uint64_t mb_a_day = 0;
  int jobs_in_flight = 0;
};

// Each returns the exit status.
int run_token_create(const TokenOptions& options, const TokenCreateOptions& create);
int run_token_list(const TokenOptions& options);
int run_token_revoke(const TokenOptions& options, const std::string& id);
int run_token_rotate_keys(const TokenOptions& options);
int run_token_drop_key(const TokenOptions& options, const std::string& id);

}  // namespace tintype
