#include "cli/compress/run_totals.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace tintype {
namespace {

constexpr std::size_t kNamesShown = 3;

double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

struct FormatSums {
  FormatTotals totals;
  std::vector<double> milliseconds;
};

void add_done(const PhotoItem& item, std::map<std::string, FormatSums>& formats) {
  std::set<std::string> formats_here;
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::uint64_t>> pictures;
  for (const VariantFacts& variant : item.done->variants) {
    FormatSums& sums = formats[variant.format];
    sums.totals.format = variant.format;
    ++sums.totals.files;
    sums.totals.bytes_out += variant.bytes;
    if (formats_here.insert(variant.format).second) sums.totals.bytes_in += item.source.bytes;
    if (pictures.insert({variant.format, variant.width, variant.height, variant.bytes}).second) {
      sums.milliseconds.push_back(variant.encode_seconds * 1000);
    }
  }
}

// Sums, until the means are taken.
void add_scores(const DoneFacts& done, ScoreTotals& scores) {
  for (const VariantFacts& variant : done.variants) {
    if (!variant.score) continue;
    ++scores.files;
    scores.mean_encodes += variant.score->encodes;
    if (!variant.score->met) continue;
    ++scores.met;
    scores.mean_score += variant.score->score;
  }
}

// The message without its details: digits, and what stands in parentheses, such as a library's own words.
std::string cause_of(std::string_view message) {
  std::string cause;
  int depth = 0;
  for (const char c : message) {
    depth += c == '(';
    if (depth == 0 && (c < '0' || c > '9')) cause += c;
    depth -= c == ')' && depth > 0;
  }
  return cause;
}

using FailureGroups = std::map<std::pair<ErrorCode, std::string>, FailureGroup>;

void add_failed(const PhotoItem& item, FailureGroups& failures) {
  FailureGroup& group = failures[{item.failure->code, cause_of(item.failure->message)}];
  group.code = item.failure->code;
  if (group.count++ == 0) group.message = item.failure->message;
  if (group.first_names.size() < kNamesShown) group.first_names.push_back(item.source.place);
}

}  // namespace

RunTotals total_up(const std::vector<PhotoItem>& items) {
  RunTotals totals;
  std::map<std::string, FormatSums> formats;
  FailureGroups failures;
  totals.photos = items.size();
  for (const PhotoItem& item : items) {
    switch (item.state) {
      case PhotoState::kToDo:
        ++totals.not_ended;
        break;
      case PhotoState::kDone:
        ++totals.done;
        totals.done_before += item.from_before;
        totals.bytes_in += item.source.bytes;
        totals.bytes_out += bytes_out(*item.done);
        add_done(item, formats);
        add_scores(*item.done, totals.scores);
        break;
      case PhotoState::kFailed:
        ++totals.failed;
        totals.failed_before += item.from_before;
        add_failed(item, failures);
        break;
    }
  }
  totals.scores.mean_encodes /= static_cast<double>(std::max<std::uint64_t>(1, totals.scores.files));
  totals.scores.mean_score /= static_cast<double>(std::max<std::uint64_t>(1, totals.scores.met));
  for (auto& [name, sums] : formats) {
    sums.totals.median_ms = median(sums.milliseconds);
    totals.formats.push_back(std::move(sums.totals));
  }
  for (auto& [cause, group] : failures) totals.failures.push_back(std::move(group));
  std::ranges::stable_sort(totals.failures, std::greater<>(), &FailureGroup::count);
  return totals;
}

}  // namespace tintype
