#include "storage_client/embedded/month_counts.h"

#include <format>
#include <map>

#include "storage_client/embedded/adding_numbers.h"
#include "storage_client/embedded/rows.h"
#include "storage_client/month.h"

namespace tintype::embedded {
namespace {

constexpr Family kIndex = Family::kIndex;
constexpr std::string_view kCounted = "counted";

// Counts the photos of one list as its rows pass, newest first, and writes each month down when it is over.
class Recount {
 public:
  Recount(Database& database, ListOrder by) : database_(database), by_(by) {}

  Status see(std::string_view owner, const LightRow& row) {
    const std::int64_t month = month_of(by_ == ListOrder::kTaken ? row.taken_at_ms : row.photo.time_ms());
    if (photos_ > 0 && (owner != owner_ || month != month_)) TT_TRY(write_down());
    owner_ = owner;
    month_ = month;
    ++photos_;
    return {};
  }
  Status write_down() {
    if (photos_ == 0) return {};
    rocksdb::WriteBatch batch;
    batch.Put(database_.family(kIndex), month_key(owner_, by_, month_), encode_number(photos_));
    photos_ = 0;
    return database_.write(batch, Durability::kBuffered);
  }

 private:
  Database& database_;
  const ListOrder by_;
  std::string owner_;
  std::int64_t month_ = 0;
  std::int64_t photos_ = 0;
};

Status recount(Database& database, ListOrder by) {
  Recount counts(database, by);
  RangeScan scan(database, kIndex, all_listed(by));
  for (; scan.valid(); scan.next()) {
    const auto record = decode_light(listed_photo(scan.key()), scan.value());
    if (!record) return database.corrupt("a row of a list");
    TT_TRY(counts.see(listed_owner(scan.key()), record->row));
  }
  TT_TRY(scan.status());
  return counts.write_down();
}

}  // namespace

void count_photo(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, const std::string& owner,
                 const LightRow& row, std::int64_t change) {
  const std::string value = encode_number(change);
  batch.Merge(family, month_key(owner, ListOrder::kUploaded, month_of(row.photo.time_ms())), value);
  batch.Merge(family, month_key(owner, ListOrder::kTaken, month_of(row.taken_at_ms)), value);
}

Status replace_month_counts(Database& database, rocksdb::WriteBatch& batch, const std::string& owner,
                            const std::vector<LightRow>& photos) {
  auto* family = database.family(kIndex);
  std::map<std::string, std::int64_t> counts;
  for (const LightRow& row : photos) {
    ++counts[month_key(owner, ListOrder::kUploaded, month_of(row.photo.time_ms()))];
    ++counts[month_key(owner, ListOrder::kTaken, month_of(row.taken_at_ms))];
  }
  for (const ListOrder by : {ListOrder::kUploaded, ListOrder::kTaken}) {
    RangeScan scan(database, kIndex, months_of(owner, by));
    for (; scan.valid(); scan.next()) {
      if (!counts.contains(std::string(scan.key()))) batch.Delete(family, rocksdb::Slice(scan.key()));
    }
    TT_TRY(scan.status());
  }
  for (const auto& [key, photos_of_it] : counts) batch.Put(family, key, encode_number(photos_of_it));
  return {};
}

Result<std::vector<MonthCount>> read_month_counts(Database& database, const std::string& owner, ListOrder by) {
  std::vector<MonthCount> months;
  RangeScan scan(database, kIndex, months_of(owner, by));
  for (; scan.valid(); scan.next()) {
    const auto count = decode_number(scan.value());
    if (!count || *count < 0) return database.corrupt("a month's count of " + owner);
    if (*count > 0) months.push_back({counted_month(scan.key()), static_cast<std::uint64_t>(*count)});
  }
  TT_TRY(scan.status());
  return months;
}

Status ensure_counted(Database& database, Logger& log) {
  TT_ASSIGN(const bool counted, database.contains(kIndex, note_key(kCounted)));
  if (counted) return {};
  TT_TRY(database.remove_all(kIndex, all_months()));
  TT_TRY(recount(database, ListOrder::kUploaded));
  TT_TRY(recount(database, ListOrder::kTaken));
  rocksdb::WriteBatch batch;
  batch.Put(database.family(kIndex), note_key(kCounted), {});
  TT_TRY(database.write(batch, Durability::kSynced));
  log.debug("store_counted");
  return {};
}

}  // namespace tintype::embedded
