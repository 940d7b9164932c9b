// What a nats-server of ours keeps under its data folder, readable by its owner alone:
//
//   nats-server.lock  held by the farm and by its server, so that two never share the folder
//   nats-server.token the password of the URL, made once
//   nats-server.conf  written at each start
//   nats-server.log   what it says
//   jetstream/        the streams
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

// The path of `program`: looked up in PATH if it has no '/'.
Result<std::string> find_program(const std::string& program);

Status make_data_folder(const std::string& folder);

// Held as long as the descriptor, and copies of it in children, are open. Waits a moment for a server that is
// ending; then kAlreadyExists.
Result<UniqueFd> lock_data_folder(const std::string& folder);

// The folder's token, made at the first call.
Result<std::string> data_folder_token(const std::string& folder);

Result<UniqueFd> open_server_log(const std::string& folder);

// A port of 127.0.0.1 that is free now; where possible none of those that the kernel gives to outgoing connections, one
// of which could have it while the server is down for a moment.
Result<std::uint16_t> find_free_port();
bool is_port_free(std::uint16_t port);

struct ServerSettings {
  std::uint16_t port = 0;
  std::string token;
  std::string folder;
  std::int64_t max_store_bytes = 0;
  std::chrono::milliseconds sync_interval{};  // 0: always
};

// Writes nats-server.conf and returns its path.
Result<std::string> write_server_config(const ServerSettings& settings);

}  // namespace tintype
