#include "cli/commands/status_command.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <thread>

#include "cli/exit_codes.h"
#include "cli/stop_signals.h"
#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"
#include "core/base/time_text.h"

namespace tintype {
namespace {

std::string ago(const Json& status, const std::string& when) {
  const auto now = parse_time(text_at(status, "at")), then = parse_time(when);
  if (!now || !then) return "at " + printable(when);
  return human_duration(static_cast<double>(std::max<UnixMs>(0, *now - *then)) / 1000) + " ago";
}

std::string store_line(const Json& store) {
  std::string line = flag_at(store, "ok") ? "ok" : "DOWN";
  if (flag_at(store, "ok") && !flag_at(store, "takes_uploads")) line = "READ ONLY";
  if (store.contains("free_bytes") && store["free_bytes"].is_number())
    line += std::format(", {} free", human_bytes(count_at(store, "free_bytes")));
  const std::string detail = text_at(store, "detail");
  return detail.empty() ? line : line + ": " + printable(detail);
}

std::string queue_text(const Json& queue) {
  std::string text = std::format("Queue  {}", flag_at(queue, "ok") ? "ok" : "DOWN");
  if (const std::string detail = text_at(queue, "detail"); !detail.empty()) text += ": " + printable(detail);
  if (const std::uint64_t dead = count_at(queue, "dead"); dead > 0)
    text += std::format(", {} (tintype jobs dead)", counted(dead, "dead letter", "dead letters"));
  text += '\n';
  Table classes({{"Class"}, {"Waiting", Align::kRight}, {"In flight", Align::kRight}, {"Oldest", Align::kRight}});
  for (const Json& one : array_at(queue, "classes")) {
    const bool is_empty = count_at(one, "waiting") + count_at(one, "in_flight") == 0;
    classes.add_row({text_at(one, "class"), human_count(count_at(one, "waiting")),
                     human_count(count_at(one, "in_flight")),
                     is_empty ? "-" : human_duration(number_at(one, "oldest_seconds"))});
  }
  return classes.empty() ? text : text + classes.to_string(7);
}

std::string nodes_text(const Json& nodes) {
  if (nodes.empty()) return "Nodes  NONE: nothing is compressed until one is there\n";
  std::string text = std::format("Nodes  {}\n", nodes.size());
  Table lanes(
      {{"Node"}, {"Lane"}, {"Slots", Align::kRight}, {"State"}, {"Done", Align::kRight}, {"Failed", Align::kRight}});
  for (const Json& node : nodes) {
    for (const Json& lane : array_at(node, "lanes")) {
      const std::string reason = text_at(lane, "reason");
      lanes.add_row({text_at(node, "node"), text_at(lane, "name"), human_count(count_at(lane, "slots")),
                     text_at(lane, "state") + (reason.empty() ? "" : ": " + reason),
                     human_count(count_at(lane, "tasks_done")), human_count(count_at(lane, "tasks_failed"))});
    }
  }
  return text + lanes.to_string(7);
}

std::string scrub_text(const Json& status) {
  const Json& scrub = object_at(status, "scrub");
  if (scrub.empty()) return "never: `tintype scrub` reads everything back";
  const std::string state = text_at(scrub, "state");
  const std::uint64_t found = count_at(scrub, "found"), left = found - std::min(found, count_at(scrub, "repaired"));
  const std::string result = found == 0  ? "nothing wrong"
                             : left == 0 ? std::format("{} found, all mended", human_count(found))
                                         : std::format("{} found, {} NOT MENDED (tintype scrub --show)",
                                                       human_count(found), human_count(left));
  const std::string read =
      std::format("{} of {} read", human_bytes(count_at(scrub, "bytes")), human_bytes(count_at(scrub, "bytes_to_see")));
  if (state == "running")
    return std::format("under way on {}: {}, {}", printable(text_at(scrub, "runner")), read, result);
  if (state == "done")
    return std::format("done {}: {} read, {}", ago(status, text_at(scrub, "ended_at")),
                       human_bytes(count_at(scrub, "bytes")), result);
  const std::string why = text_at(object_at(scrub, "error"), "message");
  return std::format("{} {}: {}, {}{}", state, ago(status, text_at(scrub, "updated_at")), read, result,
                     why.empty() ? "" : "; " + printable(why));
}

}  // namespace

std::string status_text(const Json& status) {
  return std::format("Store  {}\n{}{}Scrub  {}\n", store_line(object_at(status, "store")),
                     queue_text(object_at(status, "queue")), nodes_text(array_at(status, "nodes")), scrub_text(status));
}

int status_exit_code(const Json& status) {
  const Json& store = object_at(status, "store");
  const Json& nodes = array_at(status, "nodes");
  const Json& scrub = object_at(status, "scrub");
  const bool is_well = flag_at(store, "ok") && flag_at(store, "takes_uploads") &&
                       flag_at(object_at(status, "queue"), "ok") && !nodes.empty() &&
                       count_at(scrub, "found") == count_at(scrub, "repaired") && text_at(scrub, "state") != "failed";
  const bool lanes_work = std::ranges::all_of(nodes, [](const Json& node) {
    return std::ranges::any_of(array_at(node, "lanes"),
                               [](const Json& lane) { return text_at(lane, "state") == "ready"; });
  });
  return is_well && lanes_work ? kExitOk : kExitSomeFailed;
}

int run_status(const FarmOptions& options, int every_s) {
  auto signals = StopSignals::create();
  if (!signals) return report_error("status", signals.error());
  return with_farm("status", options, [&](FarmClient& farm) -> Result<int> {
    while (true) {
      const auto status = farm.get_json("/v1/status");
      if (!status && every_s == 0) return fail(status.error());
      if (every_s > 0 && !options.json) print("\033[H\033[2J");
      if (!status) {
        print(printable(status.error().message) + "\n");
      } else {
        options.json ? print_json(*status) : print(status_text(*status));
      }
      if (every_s == 0) return status_exit_code(*status);
      for (int tenths = 0; tenths < every_s * 10; ++tenths) {
        if (signals->count() > 0) return kExitOk;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  });
}

}  // namespace tintype
