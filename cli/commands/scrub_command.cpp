#include "cli/commands/scrub_command.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <format>
#include <thread>

#include "cli/exit_codes.h"
#include "cli/stop_signals.h"
#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

constexpr auto kPoll = std::chrono::seconds(1);

Result<Json> begin(FarmClient& farm, const ScrubOptions& options) {
  auto begun = farm.post_json(
      std::format("/v1/scrub?rate_mb={}&repair={}&afresh={}", options.rate_mb, options.repair, options.afresh));
  // One is under way: this is its view, then.
  if (!begun && begun.error().code == ErrorCode::kConflict) return farm.get_json("/v1/scrub");
  return begun;
}

// Until it ends; a Ctrl-C ends the waiting, not the scrub.
Result<Json> wait_for_end(FarmClient& farm, StopSignals& signals, bool draws) {
  const bool live = ::isatty(STDERR_FILENO) == 1;
  const auto began = std::chrono::steady_clock::now();
  for (int polls = 0;; ++polls) {
    TT_ASSIGN(Json scrub, farm.get_json("/v1/scrub"));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const bool is_over = text_at(scrub, "state") != "running";
    if (draws && live) std::fprintf(stderr, "\r\033[K%s", is_over ? "" : scrub_line(scrub, seconds).c_str());
    if (draws && !live && !is_over && polls % 10 == 0) std::fprintf(stderr, "%s\n", scrub_line(scrub, seconds).c_str());
    if (is_over) return scrub;
    if (signals.count() > 0) {
      if (draws && live) std::fputs("\r\033[K", stderr);
      return fail(ErrorCode::kCancelled,
                  "the scrub goes on in the farm: `tintype scrub --show` tells how far it is, "
                  "`tintype scrub --stop` ends it");
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

std::string scrub_line(const Json& scrub, double seconds) {
  if (text_at(scrub, "checking") != "blobs") {
    return std::format("comparing lists: {} and {}, {} found", counted(count_at(scrub, "owners"), "owner", "owners"),
                       counted(count_at(scrub, "photos"), "photo", "photos"), human_count(count_at(scrub, "found")));
  }
  const std::uint64_t bytes = count_at(scrub, "bytes"), all = count_at(scrub, "bytes_to_see");
  std::string line = std::format("reading back: {} of {} blobs, {} of {}, {} found",
                                 human_count(count_at(scrub, "blobs")), human_count(count_at(scrub, "blobs_to_see")),
                                 human_bytes(bytes), human_bytes(all), human_count(count_at(scrub, "found")));
  if (bytes > 0 && bytes < all && seconds > 2)
    line += std::format(", {} left",
                        human_duration(seconds * static_cast<double>(all - bytes) / static_cast<double>(bytes)));
  return line;
}

std::string scrub_table(const Json& scrub) {
  Table table({{"Scrub"}, {"", Align::kRight}, {""}});
  const auto add = [&](const char* name, const char* key, std::string what = "") {
    table.add_row({name, human_count(count_at(scrub, key)), std::move(what)});
  };
  const bool repairs = flag_at(scrub, "repair");
  add("Blobs read back", "blobs", human_bytes(count_at(scrub, "bytes")));
  add("Photos", "photos", counted(count_at(scrub, "owners"), "owner", "owners"));
  add("Wrong originals", "wrong_originals", "left as they are");
  add("Missing originals", "missing_originals");
  add("Wrong variants", "wrong_variants", repairs ? "made again" : "");
  add("Missing variants", "missing_variants", repairs ? "made again" : "");
  add("Wrong lists", "wrong_lists", repairs ? "made again" : "");
  add("Orphans", "orphans", human_bytes(count_at(scrub, "orphan_bytes")) + (repairs ? ", removed" : ""));
  add("Jobs for variants", "jobs");
  std::string text = table.to_string();
  const Json& findings = array_at(scrub, "findings");
  if (!findings.empty()) {
    Table found({{"Found"}, {"Owner"}, {"Photo"}, {"Mended"}, {"What"}});
    for (const Json& one : findings) {
      found.add_row({text_at(one, "kind"), text_at(one, "owner"), text_at(one, "photo_id"),
                     flag_at(one, "repaired") ? "yes" : "no", text_at(one, "detail")});
    }
    text += "\n" + found.to_string();
    if (count_at(scrub, "found") > findings.size()) text += "and more, which are only counted\n";
  }
  const std::string state = text_at(scrub, "state");
  if (state == "failed") {
    text += std::format("It failed: {}. Run it again to go on.\n",
                        printable(text_at(object_at(scrub, "error"), "message")));
  } else if (state == "stopped") {
    text += "It was stopped. Run it again to go on.\n";
  }
  return text;
}

int scrub_exit_code(const Json& scrub) {
  const std::string state = text_at(scrub, "state");
  if (state == "failed") return kExitFarm;
  if (count_at(scrub, "found") > count_at(scrub, "repaired")) return kExitSomeFailed;
  return state == "stopped" ? kExitInterrupted : kExitOk;
}

int run_scrub(const FarmOptions& options, const ScrubOptions& scrub) {
  auto signals = StopSignals::create();
  if (!signals) return report_error("scrub", signals.error());
  return with_farm("scrub", options, [&](FarmClient& farm) -> Result<int> {
    if (scrub.stop) {
      TT_TRY(farm.call("DELETE", "/v1/scrub"));
      if (!options.json) print("no scrub is under way\n");
      return kExitOk;
    }
    Json state;
    if (scrub.show) {
      TT_ASSIGN(state, farm.get_json("/v1/scrub"));
    } else {
      TT_ASSIGN(state, begin(farm, scrub));
    }
    if (!scrub.show && scrub.detach) {
      if (options.json)
        print_json(state);
      else
        print("the scrub is under way; `tintype scrub --show` tells how far it is\n");
      return kExitOk;
    }
    if (!scrub.show) {
      TT_ASSIGN(state, wait_for_end(farm, *signals, !options.json));
    }
    if (options.json) {
      print_json(state);
    } else {
      print(text_at(state, "state") == "running" ? scrub_line(state, 0) + "\n" + scrub_table(state)
                                                 : scrub_table(state));
    }
    return text_at(state, "state") == "running" ? kExitOk : scrub_exit_code(state);
  });
}

}  // namespace tintype
