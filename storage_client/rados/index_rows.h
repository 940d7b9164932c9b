// Keys and values of an owner's index objects. docs/adr/0010-store-on-rados.md has the table.
//
// Keys are text without zero bytes: a kind (one letter), then fields of fixed width that sort as they should,
// newest first where lists show the newest first. A value that a write may have to find again starts with
// that write's token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage_client/embedded/rows.h"
#include "storage_client/photo_index.h"
#include "storage_client/rados/scan.h"

namespace tintype::rados {

inline constexpr const char* kStateKey = "S";
inline constexpr const char* kMapKey = "M";

std::string uploaded_key(PhotoId photo);
std::string taken_key(UnixMs taken_at_ms, PhotoId photo);
std::string heavy_key(PhotoId photo);
std::string manifest_key(PhotoId photo);
std::string tombstone_key(PhotoId photo);
// Of an uploaded_key or a taken_key; of the three others.
std::optional<PhotoId> listed_photo(std::string_view key);
std::optional<PhotoId> keyed_photo(std::string_view key);
// What `query` asks for, after its cursor; nothing if no row can match. kInvalidArgument for a bad cursor.
Result<std::optional<ScanRange>> list_range(const ListQuery& query);

struct Tokened {
  std::uint64_t token = 0;
  std::string value;
};
std::string with_token(std::uint64_t token, std::string_view value);
std::optional<Tokened> split_token(std::string_view value);

struct LightValue {
  std::uint64_t token = 0;  // of the last write
  embedded::LightRecord record;
};
std::optional<LightValue> decode_light(PhotoId photo, std::string_view value);

struct Tombstone {
  std::uint64_t token = 0;     // of the removal
  std::uint64_t creation = 0;  // token of the photo's creation; 0 where it never was
  UnixMs since_ms = 0;
  JobId job;
};
std::string encode(const Tombstone& tombstone);
std::optional<Tombstone> decode_tombstone(std::string_view value);

// How many photos of an object a month has, by either time: a number as text, which writes add to.
std::string month_key(ListOrder by, std::int64_t month);
std::string month_prefix(ListOrder by);
std::optional<MonthCount> decode_month(std::string_view key, std::string_view value);
// [from, end) of all of them.
std::pair<std::string, std::string> all_months();

// Where an object of the index stands in a split. An absent row is {0, no split, not counted}.
struct ShardState {
  std::uint64_t epoch = 0;  // raised when its rows above a split have gone
  bool counted = false;     // its months' counts are right, and every write keeps them so
  bool counting = false;    // being counted; takes no writes
  bool filling = false;     // being copied to; in no map yet
  bool frozen = false;      // being split: at `split_at`, into `new_object`
  PhotoId split_at;
  std::string new_object;
};
std::string encode(const ShardState& state);
std::optional<ShardState> decode_state(std::string_view value);

// Which object has which photos: those from `low` up to the next one's, exclusive. Without a map: the head
// has all.
struct Shard {
  PhotoId low;
  std::uint64_t epoch = 0;
  std::string object;
};
using ShardMap = std::vector<Shard>;  // ascending, the first from 0
std::string encode(const ShardMap& map);
// `head` is the map of an owner that has none.
std::optional<ShardMap> decode_map(std::string_view value, const std::string& head);
const Shard& shard_of(const ShardMap& map, PhotoId photo);

}  // namespace tintype::rados
