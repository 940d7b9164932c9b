#include "tests/crash/doomed_farm.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>

#include "core/queue/memory/memory_queue.h"
#include "gateway/gateway.h"
#include "scheduler/scheduler.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "tests/crash/sync_layer.h"
#include "tests/storage_client/store_fixtures.h"
#include "workers/simulated/simulated_lane.h"

extern char** environ;

namespace tintype::crash {
namespace {

constexpr unsigned kLongestSyncUs = 3000;
constexpr std::size_t kCacheBytes = 1 << 20;  // smaller than what is read: entries come and go

template <typename T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "the farm to be killed: %s\n", result.error().to_string().c_str());
  ::_exit(2);
}

SchedulerConfig quick_scheduler() {
  SchedulerConfig config;
  config.fetch_wait = std::chrono::milliseconds(20);
  config.sweeper.period = std::chrono::milliseconds(20);
  config.sweeper.requeue_idle_after = std::chrono::milliseconds(50);
  config.sweeper.delete_soon_after = std::chrono::milliseconds(20);
  return config;
}

}  // namespace

std::string store_folder(const std::string& folder) { return folder + "/store"; }

void be_the_farm(const std::string& folder, const std::string& journal, Bug bug) {
  watch(folder, journal, kLongestSyncUs);
  const SystemClock clock;
  Logger log(LogLevel::kOff);
  Metrics metrics;
  auto store = must(open_embedded_store(testing::small_config(store_folder(folder)), clock, log));
  const auto blobs = make_cached(store->blobs(), {.max_bytes = kCacheBytes}, metrics);
  const auto cached = make_cached(store->index(), {.pages_bytes = kCacheBytes, .photos_bytes = kCacheBytes}, metrics);
  const auto index = with_bug(bug, *cached, store->index());
  const auto queue = must(make_memory_queue({}, clock));
  const auto events = make_memory_event_log();
  SimulatedLaneConfig lane_config;
  lane_config.slots = 2;
  lane_config.service_seconds = [](const Task&) { return 0.002; };
  const auto lane = must(make_simulated_lane(lane_config));
  Scheduler scheduler(quick_scheduler(), {*blobs, *index, store->jobs(), *queue, *events, clock, metrics, log},
                      {lane.get()});
  if (!scheduler.start()) ::_exit(2);
  GatewayConfig config;
  config.staging_folder = folder + "/uploads";
  const auto gateway =
      must(start_gateway(config, {*blobs, *index, store->jobs(), *queue, *events, clock, metrics, log,
                                  [] { return std::string("{}"); }, &blobs->at_hand(), &cached->at_hand()}));
  const std::string line = gateway->url().substr(gateway->url().rfind(':') + 1) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(2);
  for (;;) ::pause();
}

DoomedFarm::DoomedFarm(const std::string& folder, const std::string& journal, Bug bug) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  said_.reset(ends[0]);
  const UniqueFd write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  std::string words[] = {std::filesystem::read_symlink("/proc/self/exe").string(), "--farm", folder, journal,
                         std::string(name_of(bug))};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), words[4].data(), nullptr};
  if (::posix_spawn(&pid_, argv[0], &actions, nullptr, argv, environ) != 0) std::abort();
  posix_spawn_file_actions_destroy(&actions);
}

std::uint16_t DoomedFarm::port() {
  std::string line;
  char c = 0;
  while (::read(said_.get(), &c, 1) == 1 && c != '\n') line += c;
  return static_cast<std::uint16_t>(std::atoi(line.c_str()));
}

bool DoomedFarm::kill() {
  if (pid_ < 0) return true;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace tintype::crash
