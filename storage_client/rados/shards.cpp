#include "storage_client/rados/shards.h"

#include <algorithm>
#include <format>
#include <thread>

#include "storage_client/page_cursor.h"

namespace tintype::rados {
namespace {

constexpr auto kPauseForOthers = std::chrono::milliseconds(50);

std::unexpected<Error> unreadable(const std::string& object) {
  return fail(ErrorCode::kCorruptData, std::format("index of {}: a row cannot be read, run a scrub", object));
}

std::unexpected<Error> too_late(const std::string& owner) {
  return fail(ErrorCode::kTimedOut, std::format("index of {}: it kept changing until the deadline, try again", owner));
}

Read read_of(PhotoId photo) {
  Read read;
  read.keys = {kMapKey, kStateKey, uploaded_key(photo), heavy_key(photo), manifest_key(photo), tombstone_key(photo)};
  return read;
}

}  // namespace

Result<PhotoRows> Shards::rows_of(const std::string& owner, PhotoId photo, RowsFor purpose, Deadline deadline) {
  for (bool waited = false; !deadline.passed();) {
    TT_ASSIGN(ReadAnswer answer, owners_.read(owner, read_of(photo), deadline));
    const auto map = decode_map(answer.row(kMapKey), owner);
    if (!map) return unreadable(owner);
    const Shard& shard = shard_of(*map, photo);
    if (shard.object != owner) {
      TT_ASSIGN(answer, owners_.read(shard.object, read_of(photo), deadline));
    }
    PhotoRows rows{shard.object,
                   answer.row(kStateKey),
                   answer.row(uploaded_key(photo)),
                   answer.row(heavy_key(photo)),
                   answer.row(manifest_key(photo)),
                   answer.row(tombstone_key(photo)),
                   !answer.exists};
    const auto state = decode_state(rows.state);
    if (!state) return unreadable(shard.object);
    if (state->epoch > shard.epoch) continue;
    const bool takes_writes = !state->frozen && (state->counted || rows.fresh);
    if (purpose == RowsFor::kReading || takes_writes) return rows;
    // Somebody is at it, most likely; if not, it is ours to end.
    if (!std::exchange(waited, true)) {
      std::this_thread::sleep_for(kPauseForOthers);
      continue;
    }
    if (state->frozen) {
      TT_TRY(end_split(owner, rows.object, rows.state, deadline));
    } else {
      TT_TRY(make_lists(rows.object, rows.state, deadline));
    }
  }
  return too_late(owner);
}

Result<ShardMap> Shards::map_of(const std::string& owner, Deadline deadline) {
  Read read;
  read.keys = {kMapKey};
  TT_ASSIGN(const ReadAnswer answer, owners_.read(owner, std::move(read), deadline));
  auto map = decode_map(answer.row(kMapKey), owner);
  if (!map) return unreadable(owner);
  return *std::move(map);
}

Result<std::optional<Rows>> Shards::listed(const std::string& owner, const Shard& shard, const ReadAnswer& answer,
                                           Deadline deadline) {
  const auto state = decode_state(answer.row(kStateKey));
  if (!state) return unreadable(shard.object);
  if (state->epoch > shard.epoch) return std::nullopt;
  // Mapped and not trimmed: its page is full of rows that are another object's now.
  if (state->frozen && state->epoch < shard.epoch) {
    TT_TRY(end_split(owner, shard.object, answer.row(kStateKey), deadline));
    return std::nullopt;
  }
  return answer.pages[0].rows;
}

Result<ListPage> Shards::list(const std::string& owner, const ListQuery& query, Deadline deadline) {
  TT_ASSIGN(const auto range, list_range(query));
  if (!range) return ListPage{};
  const auto limit = static_cast<std::size_t>(query.limit);
  const auto read_range = [&] {
    Read read;
    read.keys = {kMapKey, kStateKey};
    read.ranges.push_back({range->after, range->prefix, limit + 1});
    return read;
  };
  const bool by_taken = query.by == ListOrder::kTaken;
  // In the order by upload, ids from here on are not asked for.
  const auto end_id = by_taken ? std::nullopt : listed_photo(range->after);

  while (!deadline.passed()) {
    TT_ASSIGN(const ReadAnswer head, owners_.read(owner, read_range(), deadline));
    const auto map = decode_map(head.row(kMapKey), owner);
    if (!map) return unreadable(owner);
    std::vector<const Shard*> asked;  // newest ids first
    for (auto shard = map->rbegin(); shard != map->rend(); ++shard) {
      if (!end_id || shard->low < *end_id) asked.push_back(&*shard);
    }
    // By time taken every object may have the newest row; by upload the first one mostly has the whole page.
    std::vector<std::unique_ptr<PendingRead>> pending(asked.size());
    const auto ask = [&](std::size_t i) {
      if (asked[i]->object != owner) pending[i] = owners_.start(asked[i]->object, read_range(), deadline);
    };
    if (by_taken) {
      for (std::size_t i = 0; i < asked.size(); ++i) ask(i);
    }
    Rows rows;
    bool map_changed = false;
    for (std::size_t i = 0; i < asked.size() && (by_taken || rows.size() <= limit); ++i) {
      if (!by_taken) ask(i);
      ReadAnswer other;
      if (pending[i]) {
        TT_ASSIGN(other, pending[i]->wait());
      }
      TT_ASSIGN(auto part, listed(owner, *asked[i], pending[i] ? other : head, deadline));
      map_changed = !part;
      if (map_changed) break;
      std::ranges::move(*part, std::back_inserter(rows));
    }
    if (map_changed) continue;

    if (!range->end.empty()) std::erase_if(rows, [&](const auto& row) { return row.first >= range->end; });
    std::ranges::sort(rows);
    ListPage page;
    for (const auto& [key, value] : rows) {
      if (page.rows.size() == limit) {
        page.next = list_cursor(query.by, page.rows.back());
        break;
      }
      const auto photo = listed_photo(key);
      auto light = photo ? decode_light(*photo, value) : std::nullopt;
      if (!light) return unreadable(owner);
      page.rows.push_back(std::move(light->record.row));
    }
    return page;
  }
  return too_late(owner);
}

}  // namespace tintype::rados
