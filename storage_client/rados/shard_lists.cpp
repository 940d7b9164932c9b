// What an object's lists are made into from its photos: the order by time taken, and the counts of months.
#include <format>
#include <map>

#include "storage_client/rados/month_tally.h"
#include "storage_client/rados/shards.h"

namespace tintype::rados {
namespace {

std::unexpected<Error> unreadable(const std::string& object) {
  return fail(ErrorCode::kCorruptData, std::format("index of {}: a row cannot be read, run a scrub", object));
}

Result<std::map<PhotoId, std::string>> values_of(Space& space, const std::string& object, const char* kind,
                                                 Deadline deadline) {
  std::map<PhotoId, std::string> values;
  Scan scan(space, object, {"", kind, ""}, 1000, deadline);
  while (true) {
    TT_ASSIGN(const auto* row, scan.peek());
    if (!row) return values;
    if (const auto photo = listed_photo(row->first)) values.insert_or_assign(*photo, row->second);
    scan.next();
  }
}

}  // namespace

Result<bool> Shards::has_photo(const std::string& object, PhotoId photo, Deadline deadline) {
  Read read;
  read.keys = {heavy_key(photo)};
  TT_ASSIGN(const ReadAnswer answer, owners_.read(object, std::move(read), deadline));
  return !answer.row(heavy_key(photo)).empty();
}

Status Shards::make_lists(const std::string& object, const std::string& state_row, Deadline deadline) {
  const auto state = decode_state(state_row);
  if (!state) return unreadable(object);
  const std::string counting =
      encode(ShardState{.epoch = state->epoch, .counting = true, .split_at = {}, .new_object = {}});
  if (!state->counting) {
    Write begin;
    begin.expect = {{kStateKey, state_row}};
    begin.set = {{kStateKey, counting}};
    TT_ASSIGN(const WriteAnswer answer, owners_.write(object, std::move(begin), deadline));
    if (!answer.applied) return {};  // somebody changes it otherwise: the caller reads again
  }
  TT_TRY(reached(SplitStep::kCounting));
  TT_ASSIGN(auto values, values_of(owners_, object, "u", deadline));
  TT_ASSIGN(const auto by_taken, values_of(owners_, object, "t", deadline));
  for (const auto& [photo, value] : by_taken) {
    if (values.contains(photo)) continue;
    TT_ASSIGN(const bool exists, has_photo(object, photo, deadline));
    if (exists) values.emplace(photo, value);
  }
  Write write;
  MonthTally tally;
  for (const auto& [photo, value] : values) {
    const auto light = decode_light(photo, value);
    if (!light) return unreadable(object);
    tally.add(light->record.row);
    write.set.emplace_back(uploaded_key(photo), value);
    write.set.emplace_back(taken_key(light->record.row.taken_at_ms, photo), value);
  }
  write.expect = {{kStateKey, counting}};
  write.erase_ranges = {{"t", "u"}, all_months()};
  std::ranges::move(tally.rows(), std::back_inserter(write.set));
  write.set.emplace_back(kStateKey,
                         encode(ShardState{.epoch = state->epoch, .counted = true, .split_at = {}, .new_object = {}}));
  // Refused: done by somebody else.
  TT_TRY(owners_.write(object, std::move(write), deadline));
  return {};
}

Status Shards::rebuild_lists(const std::string& owner, Deadline deadline) {
  TT_ASSIGN(const ShardMap map, map_of(owner, deadline));
  for (const Shard& shard : map) {
    while (true) {
      Read read;
      read.keys = {kStateKey};
      TT_ASSIGN(const ReadAnswer answer, owners_.read(shard.object, std::move(read), deadline));
      if (!answer.exists) break;
      const std::string row = answer.row(kStateKey);
      const auto state = decode_state(row);
      if (!state) return unreadable(shard.object);
      if (state->frozen) {
        TT_TRY(end_split(owner, shard.object, row, deadline));
        continue;
      }
      TT_TRY(make_lists(shard.object, row, deadline));
      break;
    }
  }
  return {};
}

Result<std::vector<MonthCount>> Shards::months(const std::string& owner, ListOrder by, Deadline deadline) {
  const auto read_after = [&](std::string after) {
    Read read;
    read.keys = {kMapKey, kStateKey};
    read.ranges.push_back({std::move(after), month_prefix(by), 1000});
    return read;
  };
  while (!deadline.passed()) {
    TT_ASSIGN(const ReadAnswer head, owners_.read(owner, read_after(""), deadline));
    const auto map = decode_map(head.row(kMapKey), owner);
    if (!map) return unreadable(owner);
    std::vector<std::unique_ptr<PendingRead>> pending(map->size());
    for (std::size_t i = 0; i < map->size(); ++i) {
      if ((*map)[i].object != owner) pending[i] = owners_.start((*map)[i].object, read_after(""), deadline);
    }
    std::map<std::int64_t, std::uint64_t, std::greater<>> counts;
    bool goes_on = true;
    for (std::size_t i = 0; i < map->size() && goes_on; ++i) {
      const Shard& shard = (*map)[i];
      ReadAnswer answer = head;
      if (pending[i]) {
        TT_ASSIGN(answer, pending[i]->wait());
      }
      while (answer.exists) {
        TT_ASSIGN(const auto rows, listed(owner, shard, answer, deadline));
        if (rows) {
          TT_ASSIGN(goes_on, is_counted(owner, shard, answer, deadline));
        }
        goes_on = goes_on && rows;
        if (!goes_on) break;
        for (const auto& [key, value] : *rows) {
          const auto month = decode_month(key, value);
          if (!month) return unreadable(shard.object);
          counts[month->month] += month->photos;
        }
        if (!answer.pages[0].more || rows->empty()) break;
        TT_ASSIGN(answer, owners_.read(shard.object, read_after(rows->back().first), deadline));
      }
    }
    if (!goes_on) continue;
    std::vector<MonthCount> months;
    for (const auto& [month, photos] : counts) {
      if (photos > 0) months.push_back({month, photos});
    }
    return months;
  }
  return fail(ErrorCode::kTimedOut, std::format("index of {}: it kept changing until the deadline, try again", owner));
}

Result<bool> Shards::is_counted(const std::string& owner, const Shard& shard, const ReadAnswer& answer,
                                Deadline deadline) {
  const std::string row = answer.row(kStateKey);
  const auto state = decode_state(row);
  if (!state) return unreadable(shard.object);
  if (state->counted) return true;
  if (state->frozen) {
    TT_TRY(end_split(owner, shard.object, row, deadline));
  } else {
    TT_TRY(make_lists(shard.object, row, deadline));
  }
  return false;
}

}  // namespace tintype::rados
