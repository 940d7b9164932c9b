#include "storage_client/rados/index_rows.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "storage_client/embedded/byte_order.h"
#include "storage_client/page_cursor.h"

namespace tintype::rados {
namespace {

using embedded::append;
using embedded::append_text;
using embedded::ByteReader;

constexpr std::uint8_t kVersion = 1;
// A state of version 1 is one without counts.
constexpr std::uint8_t kCountedVersion = 2;
enum Kind : std::uint8_t { kOpen, kFrozen, kFilling, kCounting };
constexpr std::size_t kIdText = 13;
constexpr std::size_t kMonthText = 16;
constexpr UnixMs kEndOfIdTime = UnixMs{1} << (64 - kIdRandomBits);

std::string newest_first(PhotoId photo) { return PhotoId{~photo.value}.to_string(); }
std::string taken_prefix(UnixMs taken_at_ms) { return "t" + hex(~sortable_ms(taken_at_ms)); }

std::optional<ScanRange> uploaded_range(const ListQuery& query) {
  ScanRange range{"", "u", ""};
  if (query.to_ms && *query.to_ms <= 0) return std::nullopt;
  if (query.from_ms && *query.from_ms >= kEndOfIdTime) return std::nullopt;
  if (query.from_ms && query.to_ms && *query.from_ms >= *query.to_ms) return std::nullopt;
  if (query.to_ms && *query.to_ms < kEndOfIdTime) range.after = uploaded_key(PhotoId::first_at(*query.to_ms));
  if (query.from_ms && *query.from_ms > 0) range.end = uploaded_key(PhotoId::first_at(*query.from_ms)) + "~";
  return range;
}

std::optional<ScanRange> taken_range(const ListQuery& query) {
  constexpr UnixMs kFirst = std::numeric_limits<UnixMs>::min();
  ScanRange range{"", "t", ""};
  if (query.to_ms && *query.to_ms == kFirst) return std::nullopt;
  if (query.from_ms && query.to_ms && *query.from_ms >= *query.to_ms) return std::nullopt;
  if (query.to_ms) range.after = taken_prefix(*query.to_ms - 1);
  if (query.from_ms && *query.from_ms != kFirst) range.end = taken_prefix(*query.from_ms - 1);
  return range;
}

}  // namespace

std::string uploaded_key(PhotoId photo) { return "u" + newest_first(photo); }
std::string taken_key(UnixMs taken_at_ms, PhotoId photo) { return taken_prefix(taken_at_ms) + newest_first(photo); }
std::string heavy_key(PhotoId photo) { return "h" + photo.to_string(); }
std::string manifest_key(PhotoId photo) { return "m" + photo.to_string(); }
std::string tombstone_key(PhotoId photo) { return "d" + photo.to_string(); }

std::optional<PhotoId> listed_photo(std::string_view key) {
  const auto photo = keyed_photo(key);
  if (!photo) return std::nullopt;
  return PhotoId{~photo->value};
}

std::optional<PhotoId> keyed_photo(std::string_view key) {
  if (key.size() <= kIdText) return std::nullopt;
  const auto photo = PhotoId::parse(key.substr(key.size() - kIdText));
  if (!photo) return std::nullopt;
  return *photo;
}

Result<std::optional<ScanRange>> list_range(const ListQuery& query) {
  const bool by_taken = query.by == ListOrder::kTaken;
  auto range = by_taken ? taken_range(query) : uploaded_range(query);
  if (query.cursor.empty()) return range;
  TT_ASSIGN(const ListPosition last, parse_list_cursor(query.by, query.cursor));
  if (range) {
    range->after =
        std::max(range->after, by_taken ? taken_key(last.taken_at_ms, last.photo) : uploaded_key(last.photo));
  }
  return range;
}

std::string with_token(std::uint64_t token, std::string_view value) {
  std::string out;
  out.reserve(sizeof(token) + value.size());
  append(out, token);
  out += value;
  return out;
}

std::optional<Tokened> split_token(std::string_view value) {
  ByteReader in(value);
  const auto token = in.number<std::uint64_t>();
  if (!in.ok()) return std::nullopt;
  return Tokened{token, std::string(in.rest())};
}

std::optional<LightValue> decode_light(PhotoId photo, std::string_view value) {
  const auto parts = split_token(value);
  if (!parts) return std::nullopt;
  auto record = embedded::decode_light(photo, parts->value);
  if (!record) return std::nullopt;
  return LightValue{parts->token, *std::move(record)};
}

std::string encode(const Tombstone& tombstone) {
  std::string out;
  append(out, kVersion);
  append(out, tombstone.token);
  append(out, tombstone.creation);
  append(out, sortable_ms(tombstone.since_ms));
  append(out, tombstone.job.value);
  return out;
}

std::optional<Tombstone> decode_tombstone(std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  Tombstone tombstone;
  tombstone.token = in.number<std::uint64_t>();
  tombstone.creation = in.number<std::uint64_t>();
  tombstone.since_ms = ms_from_sortable(in.number<std::uint64_t>());
  tombstone.job.value = in.number<std::uint64_t>();
  if (!in.ok_and_done() || version != kVersion) return std::nullopt;
  return tombstone;
}

std::string month_prefix(ListOrder by) { return by == ListOrder::kTaken ? "ct" : "cu"; }
std::string month_key(ListOrder by, std::int64_t month) { return month_prefix(by) + hex(~sortable_ms(month)); }
std::pair<std::string, std::string> all_months() { return {"c", "d"}; }

std::optional<MonthCount> decode_month(std::string_view key, std::string_view value) {
  constexpr std::size_t kPrefix = 2;
  if (key.size() != kPrefix + kMonthText) return std::nullopt;
  const auto number = [](std::string_view text, auto& out, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc() && end == text.data() + text.size();
  };
  std::uint64_t month = 0;
  MonthCount count;
  if (!number(key.substr(kPrefix), month, 16) || !number(value, count.photos, 10)) return std::nullopt;
  count.month = ms_from_sortable(~month);
  return count;
}

std::string encode(const ShardState& state) {
  std::string out;
  append(out, state.counted || state.counting ? kCountedVersion : kVersion);
  append(out, static_cast<std::uint8_t>(state.counting  ? kCounting
                                        : state.filling ? kFilling
                                        : state.frozen  ? kFrozen
                                                        : kOpen));
  append(out, state.epoch);
  append(out, state.split_at.value);
  append_text(out, state.new_object);
  return out;
}

std::optional<ShardState> decode_state(std::string_view value) {
  if (value.empty()) return ShardState{};
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  const auto kind = in.number<std::uint8_t>();
  ShardState state;
  state.frozen = kind == kFrozen;
  state.filling = kind == kFilling;
  state.counting = kind == kCounting;
  state.counted = version == kCountedVersion && !state.counting;
  state.epoch = in.number<std::uint64_t>();
  state.split_at.value = in.number<std::uint64_t>();
  state.new_object = in.text();
  if (!in.ok_and_done() || kind > kCounting) return std::nullopt;
  if (version != kVersion && version != kCountedVersion) return std::nullopt;
  return state;
}

std::string encode(const ShardMap& map) {
  std::string out;
  append(out, kVersion);
  append(out, static_cast<std::uint32_t>(map.size()));
  for (const Shard& shard : map) {
    append(out, shard.low.value);
    append(out, shard.epoch);
    append_text(out, shard.object);
  }
  return out;
}

std::optional<ShardMap> decode_map(std::string_view value, const std::string& head) {
  if (value.empty()) return ShardMap{{PhotoId{0}, 0, head}};
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  const auto count = in.number<std::uint32_t>();
  ShardMap map;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    Shard shard;
    shard.low.value = in.number<std::uint64_t>();
    shard.epoch = in.number<std::uint64_t>();
    shard.object = in.text();
    map.push_back(std::move(shard));
  }
  if (!in.ok_and_done() || version != kVersion || map.empty() || map.front().low.value != 0) return std::nullopt;
  return map;
}

const Shard& shard_of(const ShardMap& map, PhotoId photo) {
  const auto above = std::ranges::upper_bound(map, photo, {}, &Shard::low);
  return *std::prev(above);
}

}  // namespace tintype::rados
