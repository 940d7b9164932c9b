// GET /v1/photos, /v1/timeline/buckets, /v1/timeline/bucket
#include <algorithm>
#include <format>

#include "core/base/signature.h"
#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/parameters.h"
#include "gateway/photos/photo_json.h"
#include "gateway/photos/picture_urls.h"
#include "storage_client/month.h"

namespace tintype {
namespace {

constexpr int kPage = 1000;

Result<ListOrder> order_parameter(const Call& call, std::string_view fallback) {
  const std::string by = text_parameter(call, "by", fallback);
  if (by == "uploaded") return ListOrder::kUploaded;
  if (by == "taken") return ListOrder::kTaken;
  return fail(ErrorCode::kInvalidArgument, std::format("by={} must be 'uploaded' or 'taken'", by));
}

http::Response json_text_answer(std::string text) {
  http::Response response(200, "application/json", std::move(text));
  response.set("Cache-Control", "no-store");
  return response;
}

UnixMs time_of(const LightRow& row, ListOrder order) {
  return order == ListOrder::kTaken ? row.taken_at_ms : row.photo.time_ms();
}

// Calls `see` with every row of the query, newest first, page by page.
template <typename See>
Status for_each_row(const Call& call, ListQuery query, See see) {
  query.limit = kPage;
  do {
    TT_ASSIGN(const ListPage page, call.api.services.index.list(call.owner, query));
    for (const LightRow& row : page.rows) see(row);
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return {};
}

// "2026-11-01".
std::string text_of_month(std::int64_t month) {
  const std::int64_t year = 1970 + (month - (month % 12 + 12) % 12) / 12;
  return std::format("{:04}-{:02}-01", year, (month % 12 + 12) % 12 + 1);
}

// The months of the query's range, newest first. What a month has is known; of those that the range cuts in
// two the rows are looked at.
Result<std::vector<MonthCount>> count_months(const Call& call, const ListQuery& query) {
  TT_ASSIGN(std::vector<MonthCount> months, call.api.services.index.months(call.owner, query.by));
  for (MonthCount& month : months) {
    const UnixMs start = start_of_month(month.month), end = start_of_month(month.month + 1);
    ListQuery part = query;
    part.from_ms = std::max(start, query.from_ms.value_or(start));
    part.to_ms = std::min(end, query.to_ms.value_or(end));
    if (part.from_ms == start && part.to_ms == end) continue;
    month.photos = 0;
    if (*part.from_ms < *part.to_ms) TT_TRY(for_each_row(call, part, [&](const LightRow&) { ++month.photos; }));
  }
  std::erase_if(months, [](const MonthCount& month) { return month.photos == 0; });
  return months;
}

// Columns of values, as Immich's clients read a bucket.
class Columns {
 public:
  explicit Columns(std::string owner) : owner_(std::move(owner)) {}

  void add(const LightRow& row, ListOrder order) {
    const auto text = [](std::string_view value) { return std::format("\"{}\"", value); };
    put(ids_, text(row.photo.to_string()));
    put(dates_, text(to_rfc3339(time_of(row, order))));
    put(ratios_, row.height > 0 ? std::format("{:.4g}", static_cast<double>(row.width) / row.height) : "1");
    put(hashes_, row.thumbhash.empty() ? "null" : text(to_base64(as_bytes(row.thumbhash))));
    put(images_, "true");
    put(no_, "false");
    put(owners_, text(owner_));
    put(nulls_, "null");
  }

  std::string to_json() const {
    return std::format(R"({{"id":[{}],"fileCreatedAt":[{}],"ratio":[{}],"thumbhash":[{}],"isImage":[{}],)"
                       R"("isFavorite":[{}],"isTrashed":[{}],"ownerId":[{}],"duration":[{}],"livePhotoVideoId":[{}]}})",
                       ids_, dates_, ratios_, hashes_, images_, no_, no_, owners_, nulls_, nulls_);
  }

 private:
  static void put(std::string& column, std::string_view value) {
    if (!column.empty()) column += ',';
    column += value;
  }
  std::string owner_, ids_, dates_, ratios_, hashes_, images_, no_, owners_, nulls_;
};

}  // namespace

Result<http::Begun> list_photos(const Call& call) {
  ListQuery query;
  TT_ASSIGN(query.by, order_parameter(call, "uploaded"));
  TT_ASSIGN(query.from_ms, time_parameter(call, "from"));
  TT_ASSIGN(query.to_ms, time_parameter(call, "to"));
  TT_ASSIGN(query.limit, limit_parameter(call));
  query.cursor = text_parameter(call, "cursor");
  TT_ASSIGN(const auto urls, PictureUrls::wanted_by(call));
  TT_ASSIGN(const ListPage page, call.api.services.index.list(call.owner, query));
  std::string text = R"({"photos":[)";
  text.reserve(64 + page.rows.size() * (urls ? 480 : 280));
  for (const LightRow& row : page.rows) {
    if (&row != &page.rows.front()) text += ',';
    append_row(text, row);
    if (urls) std::format_to(std::back_inserter(text), R"(,"url":"{}")", urls->of(row));
    text += '}';
  }
  std::format_to(std::back_inserter(text), R"(],"next":"{}"}})", page.next);
  return json_text_answer(std::move(text));
}

Result<http::Begun> list_timeline_buckets(const Call& call) {
  ListQuery query;
  TT_ASSIGN(query.by, order_parameter(call, "taken"));
  TT_ASSIGN(query.from_ms, time_parameter(call, "from"));
  TT_ASSIGN(query.to_ms, time_parameter(call, "to"));
  TT_ASSIGN(const std::vector<MonthCount> months, count_months(call, query));
  std::string text = "[";
  for (const auto& [month, photos] : months) {
    std::format_to(std::back_inserter(text), R"({}{{"timeBucket":"{}","count":{}}})", text.size() > 1 ? "," : "",
                   text_of_month(month), photos);
  }
  return json_text_answer(text + "]");
}

Result<http::Begun> show_timeline_bucket(const Call& call) {
  ListQuery query;
  TT_ASSIGN(query.by, order_parameter(call, "taken"));
  TT_ASSIGN(const auto from, time_parameter(call, "timeBucket"));
  if (!from || start_of_month(month_of(*from)) != *from) {
    return fail(ErrorCode::kInvalidArgument, "timeBucket must be the first day of a month, such as 2026-11-01");
  }
  query.from_ms = *from;
  query.to_ms = start_of_month(month_of(*from) + 1);
  Columns columns(call.owner);
  TT_TRY(for_each_row(call, query, [&](const LightRow& row) { columns.add(row, query.by); }));
  return json_text_answer(columns.to_json());
}

}  // namespace tintype
