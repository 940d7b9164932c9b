// Whether an owner's two orders and counts of months say the same.
#include <algorithm>
#include <format>
#include <map>

#include "storage_client/month.h"
#include "storage_client/scrub/scrub.h"

namespace tintype {
namespace {

// A farm that is used changes between one list and the next: only what is wrong each time is wrong.
constexpr int kLooks = 3;

using Rows = std::vector<std::pair<PhotoId, UnixMs>>;

Result<Rows> rows_of(PhotoIndex& index, const std::string& owner, ListOrder by) {
  Rows found;
  OwnerRows rows(index, owner, by);
  while (true) {
    TT_ASSIGN(const LightRow* row, rows.peek());
    if (!row) break;
    found.emplace_back(row->photo, row->taken_at_ms);
    rows.next();
  }
  std::ranges::sort(found);
  return found;
}

std::vector<MonthCount> counted(const Rows& rows, ListOrder by) {
  std::map<std::int64_t, std::uint64_t, std::greater<>> counts;
  for (const auto& [photo, taken_at_ms] : rows)
    ++counts[month_of(by == ListOrder::kTaken ? taken_at_ms : photo.time_ms())];
  std::vector<MonthCount> months;
  for (const auto& [month, photos] : counts) months.push_back({month, photos});
  return months;
}

// Empty: nothing is wrong. kCorruptData counts as an answer: it is what a rebuild mends.
Result<std::string> wrong_in(PhotoIndex& index, const std::string& owner) {
  const auto uploaded = rows_of(index, owner, ListOrder::kUploaded);
  const auto taken = rows_of(index, owner, ListOrder::kTaken);
  for (const auto* rows : {&uploaded, &taken}) {
    if (*rows) continue;
    if (rows->error().code == ErrorCode::kCorruptData) return rows->error().message;
    return fail(rows->error());
  }
  if (*uploaded != *taken) {
    return std::format("{} photos by upload and {} by time taken, not the same ones", uploaded->size(), taken->size());
  }
  for (const ListOrder by : {ListOrder::kUploaded, ListOrder::kTaken}) {
    const auto months = index.months(owner, by);
    if (!months && months.error().code == ErrorCode::kCorruptData) return months.error().message;
    if (!months) return fail(months.error());
    if (*months != counted(*uploaded, by)) return std::string("the counts of months are not those of the photos");
  }
  return std::string();
}

}  // namespace

Status Scrub::check_lists(const std::string& owner) {
  std::string wrong;
  for (int look = 0; look < kLooks; ++look) {
    TT_ASSIGN(wrong, wrong_in(services_.index, owner));
    if (wrong.empty()) return {};
    TT_TRY(spend(0));
  }
  if (state_->repair) TT_TRY(services_.index.rebuild_lists(owner));
  found(ScrubKind::kWrongLists, owner, "", "", wrong, state_->repair);
  return {};
}

}  // namespace tintype
