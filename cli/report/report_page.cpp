#include "cli/report/report_page.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "cli/compress/run_plan.h"
#include "cli/compress/run_totals.h"
#include "cli/files.h"
#include "cli/http/http_engine.h"
#include "cli/report/page_parts.h"
#include "cli/text/utf8.h"
#include "core/base/clock.h"
#include "core/base/time_text.h"

namespace tintype {
namespace {

using Json = nlohmann::json;

// A path as a URL's path: what is between slashes is encoded, byte for byte.
std::string path_as_url(std::string_view path) {
  std::string url;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    url += url_encoded(path.substr(begin, end - begin));
    if (end < path.size()) url += '/';
    begin = end + 1;
  }
  return url;
}

// Variants repeat the same few names: each is told once.
class NameList {
 public:
  int index_of(const std::string& name) {
    const auto [found, fresh] = indices_.emplace(name, static_cast<int>(indices_.size()));
    if (fresh) names_.push_back(name);
    return found->second;
  }
  const Json& names() const { return names_; }

 private:
  std::map<std::string, int> indices_;
  Json names_ = Json::array();
};

Json totals_json(const Report& report) {
  std::vector<PhotoItem> items;
  for (const ReportPhoto& photo : report.photos) {
    PhotoItem& item = items.emplace_back();
    item.source.bytes = photo.bytes;
    item.state = PhotoState::kDone;
    item.done = photo.facts;
  }
  const RunTotals totals = total_up(items);
  Json formats = Json::array();
  for (const FormatTotals& f : totals.formats) {
    formats.push_back({{"format", f.format},
                       {"files", f.files},
                       {"in", f.bytes_in},
                       {"out", f.bytes_out},
                       {"median_ms", f.median_ms}});
  }
  return {{"in", totals.bytes_in}, {"out", totals.bytes_out}, {"formats", formats}};
}

// [place, its URL, the source's URL, bytes, width, height, [[name, width, height, bytes, its score if it has one],
// ...], warnings]
Json photo_json(const ReportPhoto& photo, const std::filesystem::path& out_dir, NameList& names) {
  Json variants = Json::array();
  for (const VariantFacts& v : photo.facts.variants) {
    Json& variant = variants.emplace_back(Json{names.index_of(v.file_name()), v.width, v.height, v.bytes});
    if (v.score) variant.push_back(v.score->score);
  }
  const std::string source = std::filesystem::path(photo.source).lexically_relative(out_dir);
  return Json::array({to_valid_utf8(photo.place), path_as_url(photo.place), path_as_url(source), photo.bytes,
                      photo.facts.width, photo.facts.height, variants, photo.facts.warnings});
}

Json data_json(const Report& report) {
  NameList names;
  Json photos = Json::array();
  for (const ReportPhoto& photo : report.photos) photos.push_back(photo_json(photo, report.out_dir, names));
  Json failures = Json::array();
  for (const ReportFailure& failure : report.failures) {
    failures.push_back({to_valid_utf8(failure.place), error_name(failure.error.code), failure.error.message});
  }
  return {{"recipe", report.recipe},       {"made_at", report.made_at},
          {"to_do", report.to_do},         {"folder", path_as_url(report.out_dir)},
          {"totals", totals_json(report)}, {"names", names.names()},
          {"photos", std::move(photos)},   {"failures", std::move(failures)}};
}

// JSON that cannot end the script element it stands in, nor open a comment there.
std::string script_safe(const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      static constexpr std::string_view kHex = "0123456789abcdef";
      safe += "\\u00";
      safe += kHex[static_cast<unsigned char>(c) >> 4];
      safe += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      safe += c;
    }
  }
  return safe;
}

void put_in(std::string& page, std::string_view mark, std::string_view text) {
  if (const std::size_t at = page.find(mark); at != std::string::npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string report_html(const Report& report) {
  std::string page(kPageHtml);
  put_in(page, "/*css*/", kPageCss);
  put_in(page, "/*js*/", kPageJs);
  // Last, so that nothing in the data is taken for a mark.
  put_in(page, "{\"data\":null}", script_safe(data_json(report).dump(-1, ' ', false, Json::error_handler_t::replace)));
  return page;
}

Status write_report_page(const Journal& journal, const std::vector<PhotoItem>& items, const std::string& recipe,
                         const std::string& out_dir, const std::string& page_file) {
  Report report;
  report.recipe = recipe;
  report.out_dir = out_dir;
  report.made_at = to_rfc3339(SystemClock().now_ms());
  std::set<std::string_view> here;
  for (const PhotoItem& item : items) {
    here.insert(item.source.path);
    if (item.done) report.photos.push_back({item.source.place, item.source.path, item.source.bytes, *item.done});
    if (item.failure) report.failures.push_back({item.source.place, *item.failure});
    report.to_do += item.state == PhotoState::kToDo;
  }
  for (const JournalEntry* entry : journal.latest()) {
    if (here.contains(entry->path)) continue;
    if (outputs_are_whole(*entry, out_dir)) {
      report.photos.push_back({entry->place, entry->path, entry->bytes, *entry->done});
    } else if (entry->failure && ::access(entry->path.c_str(), F_OK) == 0) {
      report.failures.push_back({entry->place, *entry->failure});
    }
  }
  std::ranges::sort(report.photos, {}, &ReportPhoto::place);
  std::ranges::sort(report.failures, {}, &ReportFailure::place);
  return replace_text_file(page_file, report_html(report));
}

}  // namespace tintype
