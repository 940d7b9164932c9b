#include "tests/core/queue/queue_under_test.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <format>

#include "core/queue/memory/memory_queue.h"
#include "core/queue/nats/nats_queue.h"
#include "core/queue/nats/nats_server.h"
#include "tests/core/queue/temporary_folder.h"

namespace tintype {
namespace {

const SystemClock kClock;

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
    std::abort();
  }
  return std::move(*result);
}

// One server for the program, ended before its folder is removed.
class ServerEnvironment : public testing::Environment {
 public:
  void TearDown() override {
    server_.reset();
    folder_.reset();
  }
  NatsServer& server() {
    if (!server_) {
      folder_ = std::make_unique<TemporaryFolder>();
      server_ = must(start_nats_server({.data_dir = folder_->path(), .max_store_bytes = 1ll << 40}, log_));
    }
    return *server_;
  }
  Logger& log() { return log_; }

 private:
  Logger log_{LogLevel::kWarning};
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<NatsServer> server_;
};

ServerEnvironment* const kServer =
    static_cast<ServerEnvironment*>(testing::AddGlobalTestEnvironment(new ServerEnvironment));

QueueUnderTest make_nats(const QueueSettings& settings) {
  static int count = 0;
  NatsQueueConfig config;
  config.url = kServer->server().url();
  config.name_prefix = std::format("t{}-", ++count);
  config.ack_wait = settings.ack_wait;
  config.max_waiting_jobs = settings.max_waiting_jobs;
  NatsQueue queue = must(connect_nats_queue(config, kClock, kServer->log()));
  return {std::move(queue.jobs), std::move(queue.events)};
}

}  // namespace

QueueUnderTest make_queue_under_test(QueueKind kind, const QueueSettings& settings) {
  if (kind == QueueKind::kNats) return make_nats(settings);
  MemoryQueueConfig config;
  config.ack_wait = settings.ack_wait;
  config.max_waiting_jobs = settings.max_waiting_jobs;
  return {must(make_memory_queue(config, kClock)), make_memory_event_log()};
}

std::string queue_kind_name(QueueKind kind) { return kind == QueueKind::kMemory ? "Memory" : "Nats"; }

}  // namespace tintype
