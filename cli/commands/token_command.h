// `tintype token`: access tokens of a farm, and the keys that sign them. Works on the data folder of a farm on this
// machine, whether it serves or not (one that serves sees every change at its next request), or on the store of a
// fleet, whose gateways see it within two seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/access/access_store.h"

namespace tintype {

// The access book of the fleet that a configuration file describes.
using OpenAccess = std::function<Result<std::unique_ptr<AccessStore>>(const std::string& config_file)>;

struct TokenOptions {
  std::string data_dir = "./tintype-data";
  std::string config_file;  // of a fleet; empty: data_dir counts
  OpenAccess open_access;
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
