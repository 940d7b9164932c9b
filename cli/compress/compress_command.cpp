#include "cli/compress/compress_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <format>
#include <optional>
#include <thread>

#include "cli/compress/folder_walk.h"
#include "cli/compress/out_folder.h"
#include "cli/compress/pipeline.h"
#include "cli/compress/places.h"
#include "cli/compress/recipe_choice.h"
#include "cli/compress/run_plan.h"
#include "cli/compress/run_summary.h"
#include "cli/compress/space_check.h"
#include "cli/devices/device_lanes.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/report/report_page.h"
#include "cli/text/human.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class CompressRun {
 public:
  CompressRun(const CompressOptions& options, HttpEngine& engine, StopSignals& signals, OutFolder& out,
              Journal& journal)
      : options_(options),
        signals_(signals),
        out_(out),
        journal_(journal),
        engine_(engine),
        farm_(options.farm.empty() ? FarmLink::own(engine, own_farm_config(options, out))
                                   : FarmLink::elsewhere(engine, options.farm)),
        view_(STDERR_FILENO, ::isatty(STDERR_FILENO) != 0) {}

  Result<int> run() {
    TT_TRY(plan());
    const auto begin = steady_clock::now();
    const Result<PipelineEnd> end = work();
    facts_.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
    facts_.interrupted = end && *end == PipelineEnd::kInterrupted;
    settle_farm();
    if (!end && progress_.ended_now == 0) return fail(end.error());
    write_page();
    report();
    if (!end) return fail(end.error());
    if (facts_.interrupted) return kExitInterrupted;
    const bool any_failed = std::ranges::contains(items_, PhotoState::kFailed, &PhotoItem::state);
    return any_failed ? kExitSomeFailed : kExitOk;
  }

 private:
  static FarmProcessConfig own_farm_config(const CompressOptions& options, const OutFolder& out) {
    FarmProcessConfig config;
    config.program = options.serve_program;
    config.more_words = options.devices.words();
    config.data_dir = out.farm_dir();
    config.log_file = out.farm_log();
    config.port_file = out.farm_port_file();
    config.pid_file = out.farm_pid_file();
    return config;
  }

  // Everything that is known before the first photo moves.
  Status plan() {
    TT_ASSIGN(WalkResult walked, walk_folders(options_.paths, out_.dir()));
    TT_ASSIGN(const Recipe recipe, choose_recipe());
    recipe_name_ = facts_.recipe = recipe.name;
    note_walk(walked, settle_places(walked.pictures, journal_));
    facts_.out_dir = out_.dir();
    facts_.not_pictures = std::move(walked.not_pictures);
    items_ = plan_run(std::move(walked), journal_, recipe.version(), out_.dir(), options_.retry_failed);

    const int window = options_.jobs_in_flight > 0 ? options_.jobs_in_flight
                                                   : 2 * static_cast<int>(std::thread::hardware_concurrency()) + 2;
    TT_TRY(check_space(space_needed(items_, farm_.is_own(), options_.keep, window), out_.dir(), out_.farm_dir()));
    begin_progress();
    return {};
  }

  Result<Recipe> choose_recipe() {
    if (farm_.is_own()) return choose_own_recipe(options_.recipe, out_.farm_dir() + "/recipes");
    for (;;) {
      TT_ASSIGN(const bool up, farm_.step());
      if (up) break;
      if (signals_.count() > 0) return fail(ErrorCode::kCancelled, "stopped before anything was done");
      engine_.poll(milliseconds(50), std::span<const int>());
    }
    FarmClient client(engine_, farm_.url());
    return choose_farm_recipe(options_.recipe, client);
  }

  void note_walk(const WalkResult& walked, const PlaceNotes& places) {
    if (walked.pictures.empty() && walked.unreadable.empty())
      facts_.notes.push_back("there are no pictures in what was named");
    for (const std::string& dir : walked.result_folders) {
      facts_.notes.push_back(std::format("{} was passed over: it holds results of `tintype compress`", dir));
    }
    if (places.moved > 0) {
      facts_.notes.push_back(std::format("{} of another place had a name that was taken, such as {}, which is in {}",
                                         counted(places.moved, "photo", "photos"), places.example_path,
                                         places.example_place));
    }
  }

  void begin_progress() {
    progress_.photos = items_.size();
    for (const PhotoItem& item : items_) {
      if (item.state == PhotoState::kToDo) progress_.bytes += item.source.bytes;
      progress_.failed += item.state == PhotoState::kFailed;
      if (item.state != PhotoState::kDone) continue;
      ++progress_.done;
      progress_.bytes_in += item.source.bytes;
      progress_.bytes_out += bytes_out(*item.done);
    }
  }

  bool has_work() const {
    if (std::ranges::contains(items_, PhotoState::kToDo, &PhotoItem::state)) return true;
    // What an interrupted run left in a farm of our own goes with its folder.
    return !farm_.is_own() && std::ranges::contains(journal_.in_farm(), false, &JournalEntry::keep);
  }

  Result<PipelineEnd> work() {
    if (!has_work()) return PipelineEnd::kAllEnded;
    out_.clear_parts();
    const std::uint64_t to_do = progress_.photos - progress_.done - progress_.failed;
    view_.say(std::format("{} to do ({}), {} done before; {}", counted(to_do, "photo", "photos"),
                          human_bytes(progress_.bytes), human_count(progress_.done),
                          farm_.is_own() ? "starting a farm for the occasion" : "farm " + farm_.url()));
    PipelineOptions options;
    options.terms = {recipe_name_, options_.job_class, journal_.batch()};
    options.keep = options_.keep;
    options.window = options_.jobs_in_flight;
    if (options.keep && farm_.is_own()) TT_TRY(out_.mark_farm_kept());
    Pipeline pipeline(engine_, farm_, journal_, out_, signals_, view_, options);
    Result<PipelineEnd> end = pipeline.run(items_, progress_);
    view_.finish(progress_);
    facts_.notes.insert(facts_.notes.end(), pipeline.notes().begin(), pipeline.notes().end());
    return end;
  }

  // A farm of our own ends with us; its data is of use only while photos are to do in it, or are to stay.
  void settle_farm() {
    if (!farm_.is_own()) return;
    farm_.stop(signals_.fd());
    if (out_.is_farm_kept()) {
      facts_.notes.push_back(std::format("The photos are kept in a farm: tintype serve --data '{}'", out_.farm_dir()));
      return;
    }
    if (std::ranges::contains(items_, PhotoState::kToDo, &PhotoItem::state)) return;
    if (Status removed = out_.remove_farm_data(); !removed) facts_.notes.push_back(removed.error().message);
  }

  void write_page() {
    const Status written = write_report_page(journal_, items_, facts_.recipe, out_.dir(), out_.page_file());
    if (written) {
      facts_.page = out_.page_file();
    } else {
      facts_.notes.push_back(written.error().message);
    }
  }

  void report() {
    const RunTotals totals = total_up(items_);
    if (totals.not_ended > 0) {
      facts_.notes.push_back("Run the same command again to go on from here; nothing is done twice.");
    }
    const std::string text = options_.json ? summary_json(totals, facts_, items_) : "\n" + summary_text(totals, facts_);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  const CompressOptions& options_;
  StopSignals& signals_;
  OutFolder& out_;
  Journal& journal_;
  HttpEngine& engine_;
  FarmLink farm_;
  ProgressView view_;
  std::string recipe_name_;
  std::vector<PhotoItem> items_;
  Progress progress_;
  RunFacts facts_;
};

// A mistyped path must not leave a folder of results behind.
Status check_paths(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (::access(path.c_str(), F_OK) != 0)
      return fail(ErrorCode::kNotFound, std::format("there is no {}", printable(path)));
  }
  return {};
}

Result<int> compress(CompressOptions options) {
  TT_TRY(check_paths(options.paths));
  TT_TRY(check_device_options(options.devices));
  if (!options.farm.empty()) {
    TT_ASSIGN(options.farm, farm_url(options.farm));
  }
  TT_ASSIGN(StopSignals signals, StopSignals::create());
  // A farm of our own knows no tokens, and nobody else's is to see this one's.
  const bool others_farm = !options.farm.empty();
  TT_ASSIGN(const std::unique_ptr<HttpEngine> engine,
            HttpEngine::create(others_farm ? farm_headers() : std::vector<std::string>()));
  TT_ASSIGN(OutFolder out, OutFolder::open(options.out_dir));
  TT_ASSIGN(Journal journal, Journal::open(out.journal_file()));
  CompressRun run(options, *engine, signals, out, journal);
  return run.run();
}

}  // namespace

int run_compress(const CompressOptions& options) {
  const Result<int> status = compress(options);
  if (status) return *status;
  std::fprintf(stderr, "tintype compress: %s\n", status.error().message.c_str());
  return exit_code_of(status.error().code);
}

}  // namespace tintype
