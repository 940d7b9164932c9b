#include "tests/crash/audit.h"

#include <filesystem>
#include <format>
#include <set>

#include "core/queue/memory/memory_queue.h"
#include "scheduler/sweeper.h"
#include "storage_client/month.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::crash {
namespace {

constexpr UnixMs kDayMs = 86'400'000;

class TomorrowsClock final : public Clock {
 public:
  UnixMs now_ms() const override { return now_.now_ms() + kDayMs; }
  double steady_seconds() const override { return now_.steady_seconds(); }

 private:
  SystemClock now_;
};

std::set<std::string> blobs_of(BlobStore& blobs) {
  std::set<std::string> keys;
  std::string after;
  do {
    const BlobListing listing = blobs.list(after, 1000).value();
    for (const auto& [key, info] : listing.blobs) keys.insert(key.to_string());
    after = listing.next;
  } while (!after.empty());
  return keys;
}

std::set<std::string> named_blobs(PhotoIndex& index, const std::vector<std::string>& owners) {
  std::set<std::string> keys;
  for (const std::string& owner : owners) {
    ListQuery query;
    query.limit = 1000;
    do {
      const ListPage page = index.list(owner, query).value();
      for (const LightRow& row : page.rows) {
        const Photo photo = index.get(owner, row.photo).value();
        keys.insert(photo.heavy.original_key);
        for (const Variant& variant : photo.heavy.manifest.variants) keys.insert(variant.blob_key);
      }
      query.cursor = page.next;
    } while (!query.cursor.empty());
  }
  return keys;
}

std::vector<MonthCount> months_of_rows(PhotoIndex& index, const std::string& owner, ListOrder by) {
  std::vector<MonthCount> months;
  ListQuery query;
  query.by = by;
  query.limit = 1000;
  do {
    const ListPage page = index.list(owner, query).value();
    for (const LightRow& row : page.rows) {
      const std::int64_t month = month_of(by == ListOrder::kTaken ? row.taken_at_ms : row.photo.time_ms());
      if (months.empty() || months.back().month != month) months.push_back({month, 0});
      ++months.back().photos;
    }
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return months;
}

}  // namespace

void audit(const std::string& folder, const std::vector<std::string>& owners, Ledger& ledger) {
  const TomorrowsClock clock;
  Logger log(LogLevel::kOff);
  Metrics metrics;
  const auto store = testing::open_store(testing::small_config(folder), clock);
  const auto queue = make_memory_queue({}, clock).value();
  SweeperConfig config;
  config.page = 1000;
  // What is to be done stays as it is: enqueued again now, it would wait for tomorrow.
  config.requeue_idle_after = config.requeue_busy_after = std::chrono::hours(24 * 365 * 100);
  Sweeper sweeper(config, {store->blobs(), store->index(), store->jobs(), *queue, clock, metrics, log,
                           [](JobId) { return false; }});
  const std::size_t passes = 3 + blobs_of(store->blobs()).size() / 1000;
  for (std::size_t i = 0; i < passes; ++i) sweeper.sweep();

  const std::set<std::string> there = blobs_of(store->blobs());
  const std::set<std::string> named = named_blobs(store->index(), owners);
  for (const std::string& key : there) {
    if (!named.contains(key)) ledger.wrong(Wrong::kOrphan, key + " belongs to no photo");
  }
  for (const std::string& key : named) {
    if (!there.contains(key)) ledger.wrong(Wrong::kLost, key + " is named by a photo and is not there");
  }
  for (const std::string& owner : owners) {
    for (const ListOrder by : {ListOrder::kUploaded, ListOrder::kTaken}) {
      if (*store->index().months(owner, by) != months_of_rows(store->index(), owner, by)) {
        ledger.wrong(Wrong::kList, "the months of " + owner + " are not those of its photos");
      }
    }
  }
  if (!store->index().tombstones("", 1)->refs.empty()) ledger.wrong(Wrong::kOrphan, "a tombstone is left");
  if (!std::filesystem::is_empty(folder + "/incoming")) ledger.wrong(Wrong::kOrphan, "a piece of an upload is left");
}

}  // namespace tintype::crash
