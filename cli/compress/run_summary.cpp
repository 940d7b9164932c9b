#include "cli/compress/run_summary.h"

#include <format>
#include <nlohmann/json.hpp>
#include <ranges>
#include <string_view>

#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"
#include "core/base/digest.h"

namespace tintype {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kCausesShown = 10;

std::string saved_bytes(std::uint64_t in, std::uint64_t out) {
  return out > in ? "-" + human_bytes(out - in) : human_bytes(in - out);
}

std::string saved_percent(std::uint64_t in, std::uint64_t out) {
  return human_percent(static_cast<double>(in) - static_cast<double>(out), static_cast<double>(in));
}

std::string formats_table(const RunTotals& totals) {
  Table table({{"Format"},
               {"Files", Align::kRight},
               {"In", Align::kRight},
               {"Out", Align::kRight},
               {"Saved", Align::kRight},
               {"", Align::kRight},
               {"Median", Align::kRight}});
  std::uint64_t files = 0;
  for (const FormatTotals& f : totals.formats) {
    files += f.files;
    table.add_row({f.format, human_count(f.files), human_bytes(f.bytes_in), human_bytes(f.bytes_out),
                   saved_bytes(f.bytes_in, f.bytes_out), saved_percent(f.bytes_in, f.bytes_out),
                   std::format("{:.0f} ms", f.median_ms)});
  }
  if (totals.formats.size() > 1) {
    table.add_rule();
    table.add_row({"all", human_count(files), human_bytes(totals.bytes_in), human_bytes(totals.bytes_out),
                   saved_bytes(totals.bytes_in, totals.bytes_out), saved_percent(totals.bytes_in, totals.bytes_out)});
  }
  return table.to_string();
}

std::string failures_table(const RunTotals& totals) {
  Table table({{"Failed", Align::kRight}, {"Cause"}, {"Which"}});
  std::uint64_t others = 0;
  for (std::size_t i = kCausesShown; i < totals.failures.size(); ++i) others += totals.failures[i].count;
  for (const FailureGroup& group : totals.failures | std::views::take(kCausesShown)) {
    std::string names;
    for (const std::string& name : group.first_names)
      names += (names.empty() ? "" : ", ") + shortened(printable(name), 48);
    if (group.count > group.first_names.size()) names += ", …";
    table.add_row({human_count(group.count), std::string(error_name(group.code)), names});
    table.add_row({"", "", clipped(printable(group.message), 240)});
  }
  if (others > 0) table.add_row({human_count(others), "others", "--json lists them"});
  return table.to_string();
}

std::string scores_line(const ScoreTotals& scores) {
  std::string text = std::format("{} of {} have the score that the recipe asks for", human_count(scores.met),
                                 counted(scores.files, "file", "files"));
  if (scores.met > 0) text += std::format(": {:.1f} on average", scores.mean_score);
  return text + std::format("; {:.1f} encodes a file\n", scores.mean_encodes);
}

std::string headline(const RunTotals& t, const RunFacts& facts) {
  std::string text = std::format("{} done", counted(t.done, "photo", "photos"));
  if (t.done_before > 0) text += std::format(" ({} already done)", human_count(t.done_before));
  if (t.failed > 0) text += std::format(", {} failed", human_count(t.failed));
  if (t.failed_before > 0) text += std::format(" ({} known from before)", human_count(t.failed_before));
  if (t.not_ended > 0) text += std::format(", {} still to do", human_count(t.not_ended));
  text += std::format(", in {}", human_duration(facts.seconds));
  return text;
}

void put_text(Json& object, const std::string& name, const std::string& bytes) {
  object[name] = to_valid_utf8(bytes);
  if (!is_valid_utf8(bytes)) object[name + "_hex"] = to_hex(as_bytes(bytes));
}

std::string_view state_text(const PhotoItem& item) {
  switch (item.state) {
    case PhotoState::kToDo:
      return "to_do";
    case PhotoState::kDone:
      return "done";
    case PhotoState::kFailed:
      return "failed";
  }
  return "";
}

Json photo_json(const PhotoItem& item) {
  Json photo;
  put_text(photo, "path", item.source.path);
  put_text(photo, "place", item.source.place);
  photo["bytes"] = item.source.bytes;
  photo["state"] = state_text(item);
  photo["from_before"] = item.from_before;
  if (item.failure) {
    photo["failure"] = {{"code", error_name(item.failure->code)}, {"message", to_valid_utf8(item.failure->message)}};
  }
  if (!item.done) return photo;
  photo["width"] = item.done->width;
  photo["height"] = item.done->height;
  photo["bytes_out"] = bytes_out(*item.done);
  photo["warnings"] = item.done->warnings;
  photo["variants"] = Json::array();
  for (const VariantFacts& v : item.done->variants) {
    Json& variant = photo["variants"].emplace_back(Json{{"name", v.name},
                                                        {"file", v.file_name()},
                                                        {"format", v.format},
                                                        {"width", v.width},
                                                        {"height", v.height},
                                                        {"bytes", v.bytes},
                                                        {"sha256", v.sha256},
                                                        {"encode_seconds", v.encode_seconds}});
    if (v.score) {
      variant["score"] = v.score->score;
      variant["score_met"] = v.score->met;
      variant["encodes"] = v.score->encodes;
    }
  }
  return photo;
}

}  // namespace

std::string summary_text(const RunTotals& totals, const RunFacts& facts) {
  std::string text = headline(totals, facts) + "\n";
  if (!totals.formats.empty()) {
    text += '\n' + formats_table(totals);
    text += "In: the photos. Out: all sizes of a format together. Median: to encode one file.\n";
  }
  if (totals.scores.files > 0) text += scores_line(totals.scores);
  if (!totals.failures.empty()) text += '\n' + failures_table(totals);
  text += '\n';
  if (!facts.not_pictures.empty()) {
    text += std::format("{} passed over: not pictures (--json lists them)\n",
                        counted(facts.not_pictures.size(), "file", "files"));
  }
  for (const std::string& note : facts.notes) text += printable(note) + '\n';
  text += std::format("Results  {}\n", printable(facts.out_dir));
  if (!facts.page.empty()) text += std::format("Page     {}\n", printable(facts.page));
  return text;
}

std::string summary_json(const RunTotals& totals, const RunFacts& facts, const std::vector<PhotoItem>& items) {
  Json all;
  Json& summary = all["summary"];
  summary = {{"photos", totals.photos},
             {"done", totals.done},
             {"done_before", totals.done_before},
             {"failed", totals.failed},
             {"failed_before", totals.failed_before},
             {"not_ended", totals.not_ended},
             {"bytes_in", totals.bytes_in},
             {"bytes_out", totals.bytes_out},
             {"seconds", facts.seconds},
             {"interrupted", facts.interrupted},
             {"recipe", facts.recipe}};
  put_text(summary, "out_dir", facts.out_dir);
  put_text(summary, "page", facts.page);
  all["formats"] = Json::array();
  for (const FormatTotals& f : totals.formats) {
    all["formats"].push_back({{"format", f.format},
                              {"files", f.files},
                              {"bytes_in", f.bytes_in},
                              {"bytes_out", f.bytes_out},
                              {"median_ms", f.median_ms}});
  }
  all["failures"] = Json::array();
  for (const FailureGroup& group : totals.failures) {
    all["failures"].push_back(
        {{"code", error_name(group.code)}, {"count", group.count}, {"message", to_valid_utf8(group.message)}});
  }
  all["photos"] = Json::array();
  for (const PhotoItem& item : items) all["photos"].push_back(photo_json(item));
  all["not_pictures"] = Json::array();
  for (const std::string& path : facts.not_pictures) all["not_pictures"].push_back(to_valid_utf8(path));
  all["notes"] = facts.notes;
  return all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tintype
