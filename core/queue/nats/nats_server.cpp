#include "core/queue/nats/nats_server.h"

#include <filesystem>
#include <format>
#include <optional>
#include <thread>

#include "core/queue/nats/handles.h"
#include "core/queue/nats/nats_error.h"
#include "core/queue/nats/nats_server_files.h"
#include "core/queue/nats/server_process.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;

constexpr int kPortTries = 5;

// Ok when JetStream answers at `url`.
Status probe(const std::string& url) {
  natsOptions* raw_options = nullptr;
  natsStatus status = natsOptions_Create(&raw_options);
  const OptionsHandle options(raw_options);
  if (status == NATS_OK) status = natsOptions_SetURL(raw_options, url.c_str());
  if (status == NATS_OK) status = natsOptions_SetAllowReconnect(raw_options, false);
  natsConnection* raw_connection = nullptr;
  if (status == NATS_OK) status = natsConnection_Connect(&raw_connection, raw_options);
  const ConnectionHandle connection(raw_connection);
  jsCtx* raw_jetstream = nullptr;
  if (status == NATS_OK) status = natsConnection_JetStream(&raw_jetstream, raw_connection, nullptr);
  const JetStreamHandle jetstream(raw_jetstream);
  jsAccountInfo* raw_account = nullptr;
  jsErrCode code{};
  if (status == NATS_OK) status = js_GetAccountInfo(&raw_account, raw_jetstream, nullptr, &code);
  const AccountInfoHandle account(raw_account);
  if (status != NATS_OK) return fail(nats_error(status, code, "asking JetStream"));
  return {};
}

class ChildServer final : public NatsServer {
 public:
  ChildServer(UniqueFd lock, UniqueFd output, std::string url, const std::string& program,
              const std::string& config_path, Logger& log)
      : lock_(std::move(lock)),
        output_(std::move(output)),
        url_(std::move(url)),
        process_({.program = program,
                  .arguments = {"-c", config_path},
                  // It stands beside lanes that want every core, and one serves thousands of jobs a second.
                  .environment = "GOMAXPROCS=1",
                  .output_fd = output_.get(),
                  .kept_fd = lock_.get()},
                 log) {}

  std::string url() const override { return url_; }
  int pid() const override { return process_.pid(); }

  // Ok when it is ready; kUnavailable when it ended or `timeout` passed.
  Status wait_until_ready(milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
      Status status = probe(url_);
      // What answers must be our child, not a stranger at its port.
      if (process_.ends() > 0) return fail(ErrorCode::kUnavailable, "it ended at once");
      if (status || std::chrono::steady_clock::now() >= deadline) return status;
      std::this_thread::sleep_for(milliseconds(10));
    }
  }

  // For another try; the server has ended.
  UniqueFd release_lock() { return std::move(lock_); }
  bool ended() const { return process_.ends() > 0; }

 private:
  UniqueFd lock_;
  UniqueFd output_;
  std::string url_;
  ServerProcess process_;
};

}  // namespace

Status NatsServerConfig::validate() const {
  const auto bad = [](std::string_view what) {
    return fail(ErrorCode::kInvalidArgument, std::format("the settings of nats-server are wrong: {}", what));
  };
  if (program.empty()) return bad("the program's name is empty");
  if (data_dir.empty()) return bad("data_dir is empty");
  if (max_store_bytes < (1 << 20)) return bad("max_store_bytes must be at least 1 MiB");
  if (sync_interval < milliseconds(0)) return bad("sync_interval must not be negative");
  if (start_timeout <= milliseconds(0)) return bad("start_timeout must be more than 0");
  return {};
}

Result<std::unique_ptr<NatsServer>> start_nats_server(const NatsServerConfig& config, Logger& log) {
  TT_TRY(config.validate());
  TT_ASSIGN(const std::string program, find_program(config.program));
  TT_TRY(make_data_folder(config.data_dir));
  const std::string folder = std::filesystem::absolute(config.data_dir).lexically_normal().string();
  TT_ASSIGN(UniqueFd lock, lock_data_folder(folder));
  TT_ASSIGN(const std::string token, data_folder_token(folder));
  Error cause;
  for (int attempt = 0; attempt < kPortTries; ++attempt) {
    TT_ASSIGN(const std::uint16_t port, find_free_port());
    TT_ASSIGN(const std::string config_path, write_server_config({.port = port,
                                                                  .token = token,
                                                                  .folder = folder,
                                                                  .max_store_bytes = config.max_store_bytes,
                                                                  .sync_interval = config.sync_interval}));
    TT_ASSIGN(UniqueFd output, open_server_log(folder));
    auto server =
        std::make_unique<ChildServer>(std::move(lock), std::move(output),
                                      std::format("nats://{}@127.0.0.1:{}", token, port), program, config_path, log);
    const Status ready = server->wait_until_ready(config.start_timeout);
    if (ready) {
      log.info("nats_server_started", {{"pid", server->pid()}, {"port", port}, {"data", folder}});
      return server;
    }
    cause = ready.error();
    const bool port_was_taken = server->ended() && !is_port_free(port);
    lock = server->release_lock();
    server.reset();
    if (!port_was_taken) break;
  }
  return fail(ErrorCode::kUnavailable, std::format("nats-server did not start within {} ms: {}; see {}/nats-server.log",
                                                   config.start_timeout.count(), cause.message, folder));
}

}  // namespace tintype
