#include "tests/core/queue/nats/nats_cluster.h"

#include <fcntl.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <format>
#include <fstream>

#include "core/queue/nats/handles.h"
#include "core/queue/nats/nats_server_files.h"

namespace tintype {
namespace {

template <typename T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
  std::abort();
}

}  // namespace

NatsCluster::NatsCluster(Logger& log) {
  std::array<std::uint16_t, 3> route_ports{};
  std::string routes;
  for (int i = 0; i < 3; ++i) {
    ports_[i] = must(find_free_port());
    route_ports[i] = must(find_free_port());
    routes += std::format("{}nats-route://127.0.0.1:{}", i == 0 ? "" : ", ", route_ports[i]);
  }
  const std::string program = must(find_program("nats-server"));
  output_.reset(::open((folder_.path() + "/output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  for (int i = 0; i < 3; ++i) {
    const std::string conf = std::format("{}/{}.conf", folder_.path(), i);
    std::ofstream(conf) << std::format(
        "server_name: n{0}\nlisten: 127.0.0.1:{1}\n"
        "accounts {{ FARM {{ jetstream: enabled, users: [ {{ user: farm, password: secret }} ] }} }}\n"
        "jetstream {{ store_dir: \"{2}/{0}\", max_file_store: 1GB }}\n"
        "cluster {{ name: test, listen: 127.0.0.1:{3}, routes: [ {4} ] }}\n",
        i, ports_[i], folder_.path(), route_ports[i], routes);
    servers_[i] = std::make_unique<ServerProcess>(ServerCommand{.program = program,
                                                                .arguments = {"--config", conf},
                                                                .environment = "TINTYPE=1",
                                                                .output_fd = output_.get()},
                                                  log);
  }
}

std::string NatsCluster::urls() const {
  std::string urls;
  for (const std::uint16_t port : ports_) urls += std::format("{}nats://127.0.0.1:{}", urls.empty() ? "" : ",", port);
  return urls;
}

void NatsCluster::signal(int server, int signal_number) const {
  if (const pid_t pid = servers_[server]->pid(); pid > 0) ::kill(pid, signal_number);
}

Result<int> NatsCluster::leader_of(const std::string& stream) const {
  const auto unknown = [&](const char* what, natsStatus status) {
    return fail(ErrorCode::kUnavailable, std::format("{}: {}: {}", stream, what, natsStatus_GetText(status)));
  };
  natsOptions* raw_options = nullptr;
  natsOptions_Create(&raw_options);
  const OptionsHandle options(raw_options);
  natsOptions_SetUserInfo(raw_options, "farm", "secret");
  std::array<std::string, 3> urls;
  std::array<const char*, 3> pointers{};
  for (int i = 0; i < 3; ++i) pointers[i] = (urls[i] = std::format("nats://127.0.0.1:{}", ports_[i])).c_str();
  natsOptions_SetServers(raw_options, pointers.data(), 3);
  natsConnection* raw_connection = nullptr;
  if (const natsStatus status = natsConnection_Connect(&raw_connection, raw_options); status != NATS_OK) {
    return unknown("no connection", status);
  }
  const ConnectionHandle connection(raw_connection);
  jsCtx* raw_jetstream = nullptr;
  if (const natsStatus status = natsConnection_JetStream(&raw_jetstream, raw_connection, nullptr); status != NATS_OK) {
    return unknown("no JetStream", status);
  }
  const JetStreamHandle jetstream(raw_jetstream);
  jsStreamInfo* raw_info = nullptr;
  if (const natsStatus status = js_GetStreamInfo(&raw_info, raw_jetstream, stream.c_str(), nullptr, nullptr);
      status != NATS_OK) {
    return unknown("no information", status);
  }
  const StreamInfoHandle info(raw_info);
  if (!info->Cluster || !info->Cluster->Leader || info->Cluster->Leader[0] != 'n') {
    return unknown("no leader", NATS_NOT_FOUND);
  }
  return info->Cluster->Leader[1] - '0';
}

std::string NatsCluster::last_output() const {
  std::ifstream file(folder_.path() + "/output");
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line); lines.push_back(std::move(line))) {
    if (lines.size() == 200) lines.pop_front();
  }
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace tintype
