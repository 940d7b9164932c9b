#include "cli/migrate/migrate_command.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <format>
#include <thread>

#include "cli/commands/farm_command.h"
#include "cli/exit_codes.h"
#include "cli/fleet/fleet_links.h"
#include "cli/migrate/migration_view.h"
#include "cli/migrate/remote_store.h"
#include "cli/stop_signals.h"
#include "storage_client/embedded/embedded_store.h"

namespace tintype {
namespace {

using Clocked = std::chrono::steady_clock;

constexpr const char* kName = "migrate";
// A round of a farm that goes on that took no longer is as near as one gets.
constexpr double kNearSeconds = 10;
constexpr auto kBetweenRounds = std::chrono::seconds(3);
constexpr int kPatience = 20;  // rounds in a row that could not be made

double seconds_since(Clocked::time_point begin) {
  return std::chrono::duration<double>(Clocked::now() - begin).count();
}

// The one that is given, held open.
struct Source {
  std::unique_ptr<EmbeddedStore> embedded;
  std::unique_ptr<RemoteStore> remote;

  StoreSeams seams() const {
    if (remote) return {remote->blobs(), remote->index(), remote->jobs()};
    return {embedded->blobs(), embedded->index(), embedded->jobs()};
  }
};

Result<Source> open_source(const MigrateOptions& options, const Clock& clock, Logger& log) {
  Source source;
  if (options.source.starts_with("http://") || options.source.starts_with("https://")) {
    TT_ASSIGN(const std::string url, farm_url(options.source));
    TT_ASSIGN(source.remote, open_remote_store(url));
    return source;
  }
  EmbeddedStoreConfig config;
  config.dir = options.source + "/store";
  std::error_code ignored;
  if (!std::filesystem::exists(config.dir, ignored)) {
    return fail(ErrorCode::kNotFound,
                std::format("{} is no data folder of a farm: it has no store; give the folder that "
                            "`tintype serve --data` has, or the URL of a farm that serves",
                            options.source));
  }
  auto store = open_embedded_store(config, clock, log);
  if (!store && store.error().code == ErrorCode::kAlreadyExists) {
    return fail(ErrorCode::kConflict,
                store.error().message + "; to migrate while it serves, give its URL instead of its folder");
  }
  if (!store) return fail(store.error());
  source.embedded = *std::move(store);
  return source;
}

// Watches the signals and draws the line, on a thread of its own.
class Watch {
 public:
  Watch(StopSignals& signals, const Migration& migration, bool quiet)
      : signals_(signals),
        migration_(migration),
        quiet_(quiet),
        live_(::isatty(STDERR_FILENO) == 1),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void begin_round(int round) {
    begin_ = Clocked::now().time_since_epoch();
    round_ = round;
  }
  bool is_stopping() const { return stopping_; }

 private:
  void run(const std::stop_token& stop) {
    auto next = Clocked::now() + std::chrono::seconds(1);
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (signals_.count() > 0) stopping_ = true;
      if (quiet_ || Clocked::now() < next) continue;
      next = Clocked::now() + (live_ ? std::chrono::seconds(1) : std::chrono::seconds(10));
      const double seconds = seconds_since(Clocked::time_point(begin_.load()));
      const std::string line = migration_line(migration_.progress(), round_, seconds);
      std::fprintf(stderr, live_ ? "\r\033[K%s" : "%s\n", line.c_str());
    }
    if (live_ && !quiet_) std::fputs("\r\033[K", stderr);
  }

  StopSignals& signals_;
  const Migration& migration_;
  const bool quiet_, live_;
  std::atomic<int> round_ = 0;
  std::atomic<Clocked::duration> begin_{Clocked::now().time_since_epoch()};
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;  // last: it uses the others
};

bool may_pass(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimedOut;
}

// Rounds until both are in step, or no nearer can be had.
Status run_rounds(const MigrateOptions& options, bool is_live, Migration& migration, Watch& watch,
                  MigrationSummary& summary) {
  int unreachable = 0;
  while (!watch.is_stopping()) {
    watch.begin_round(summary.rounds + 1);
    const auto begin = Clocked::now();
    const auto round = migration.round([&] { return watch.is_stopping(); });
    if (!round && (!may_pass(round.error()) || ++unreachable > kPatience)) return fail(round.error());
    if (round) {
      unreachable = 0;
      add_round(summary, *round);
      const MigrationCount& count = round->count;
      const bool moved = count.copied + count.changed + count.deleted > 0;
      const bool is_near = count.failed == 0 && (!moved || (is_live && seconds_since(begin) < kNearSeconds));
      if (round->stopped || options.dry_run) return {};
      if (!options.follow && (is_near || !moved)) return {};
      if (moved && !options.follow) continue;
    }
    for (auto until = Clocked::now() + kBetweenRounds; Clocked::now() < until && !watch.is_stopping();)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  summary.was_stopped = true;
  return {};
}

std::string what_next(const MigrateOptions& options, bool is_live, const MigrationSummary& summary) {
  if (summary.is_dry_run) return "";
  if (summary.was_stopped) return "Run the same command again to go on.\n";
  if (summary.last.failed > 0) return "Not all could be copied; the farm must not be given up yet.\n";
  if (!is_live)
    return std::format("The fleet has every photo now: start its gateways and nodes with {}.\n", options.config_file);
  return "The fleet has what the farm had a moment ago. Now stop the farm, run `tintype migrate` on its data folder "
         "for the\n"
         "last seconds' changes, and start the fleet's gateways and nodes.\n";
}

Result<int> migrate(const MigrateOptions& options) {
  TT_ASSIGN(StopSignals signals, StopSignals::create());  // before any thread
  TT_ASSIGN(const FleetConfig config, read_fleet_config(options.config_file));
  const SystemClock clock;
  Logger log(LogLevel::kWarning);
  TT_ASSIGN(const Source source, open_source(options, clock, log));
  TT_ASSIGN(const auto target, open_fleet_store(config, clock, log));

  MigrationConfig setting;
  setting.photos_at_once = options.photos_at_once;
  setting.dry_run = options.dry_run;
  TT_TRY(setting.validate());
  Migration migration(setting, source.seams(), {target->blobs(), target->index(), target->jobs()});
  MigrationSummary summary;
  summary.is_dry_run = options.dry_run;
  const bool is_live = source.remote != nullptr;
  const auto begin = Clocked::now();
  Status ended;
  {
    Watch watch(signals, migration, options.json);
    ended = run_rounds(options, is_live, migration, watch, summary);
  }
  summary.seconds = seconds_since(begin);
  if (options.json) {
    print_json(migration_json(summary));
  } else {
    print(migration_table(summary) + what_next(options, is_live, summary));
  }
  TT_TRY(ended);
  if (summary.was_stopped && !options.follow) return kExitInterrupted;
  return summary.last.failed > 0 ? kExitSomeFailed : kExitOk;
}

}  // namespace

int run_migrate(const MigrateOptions& options) {
  const Result<int> status = migrate(options);
  return status ? *status : report_error(kName, status.error());
}

}  // namespace tintype
