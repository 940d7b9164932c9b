#include <algorithm>
#include <format>

#include "storage_client/rados/month_tally.h"
#include "storage_client/rados/shards.h"

namespace tintype::rados {
namespace {

constexpr std::size_t kRowsOfOneCopy = 500;
constexpr std::size_t kBytesOfOneCopy = 1 << 20;
constexpr std::uint64_t kRowsAPhoto = 4;  // both orderings, heavy row, manifest

// Kinds of which the photos from `split_at` on move, with the ranges that hold exactly those.
std::vector<ScanRange> moved_ranges(PhotoId split_at) {
  const PhotoId before{split_at.value - 1};
  return {{"", "u", uploaded_key(before)},
          {heavy_key(before), "h", ""},
          {manifest_key(before), "m", ""},
          {tombstone_key(before), "d", ""}};
}

Result<std::vector<PhotoId>> photos_of(Space& space, const std::string& object, Deadline deadline) {
  std::vector<PhotoId> photos;
  Scan scan(space, object, {"", "u", ""}, 1000, deadline);
  while (true) {
    TT_ASSIGN(const auto* row, scan.peek());
    if (!row) return photos;
    if (const auto photo = listed_photo(row->first)) photos.push_back(*photo);
    scan.next();
  }
}

Status count(const std::string& object, const std::pair<std::string, std::string>& row, MonthTally& tally) {
  const auto photo = listed_photo(row.first);
  const auto light = photo ? decode_light(*photo, row.second) : std::nullopt;
  if (!light) {
    return fail(ErrorCode::kCorruptData, std::format("index of {}: a row cannot be read, run a scrub", object));
  }
  tally.add(light->record.row);
  return {};
}

std::string opened(std::uint64_t epoch) {
  return encode(ShardState{.epoch = epoch, .counted = true, .split_at = {}, .new_object = {}});
}

}  // namespace

Status Shards::reached(SplitStep step) const {
  if (!config_.split_goes_on || config_.split_goes_on(step)) return {};
  return fail(ErrorCode::kUnavailable, "index: the split was ended here, as a test asked");
}

Status Shards::split_if_large(const std::string& owner, PhotoId photo, Deadline deadline) {
  TT_ASSIGN(const PhotoRows at, rows_of(owner, photo, RowsFor::kWriting, deadline));
  TT_ASSIGN(const std::vector<PhotoId> photos, photos_of(owners_, at.object, deadline));
  if (photos.size() < 2 || photos.size() * kRowsAPhoto <= config_.split_above_keys) return {};
  const auto state = decode_state(at.state);
  ShardState frozen{.epoch = state->epoch,
                    .counted = true,
                    .frozen = true,
                    .split_at = photos[(photos.size() - 1) / 2],  // newest first
                    .new_object = std::format("{}.{}", owner, hex(new_token()))};
  Write freeze;
  freeze.expect = {{kStateKey, at.state}};
  freeze.set = {{kStateKey, encode(frozen)}};
  TT_ASSIGN(const WriteAnswer answer, owners_.write(at.object, std::move(freeze), deadline));
  // Refused: another one has begun, or this one has, and the next writer to come ends it.
  if (!answer.applied) return {};
  log_.info("index_split",
            {{"owner", owner}, {"object", at.object}, {"photos", photos.size()}, {"new_object", frozen.new_object}});
  return end_split(owner, at.object, encode(frozen), deadline);
}

Status Shards::end_split(const std::string& owner, const std::string& object, const std::string& frozen,
                         Deadline deadline) {
  const auto state = decode_state(frozen);
  TT_TRY(reached(SplitStep::kFrozen));
  TT_TRY(fill(object, *state, deadline));
  TT_TRY(reached(SplitStep::kOpened));
  TT_TRY(add_to_map(owner, object, *state, deadline));
  TT_TRY(reached(SplitStep::kMapped));
  TT_TRY(trim(object, frozen, *state, deadline));
  return reached(SplitStep::kTrimmed);
}

// Steps 2 and 3.
Status Shards::fill(const std::string& object, const ShardState& state, Deadline deadline) {
  const std::string filling = encode(ShardState{.filling = true, .split_at = {}, .new_object = {}});
  Write begin;
  begin.create = true;
  begin.expect = {{kStateKey, ""}};
  begin.set = {{kStateKey, filling}};
  TT_TRY(owners_.write(state.new_object, std::move(begin), deadline));

  Write batch;
  std::size_t bytes = 0;
  bool is_ours = true;  // until somebody else has opened it
  const auto send = [&]() -> Status {
    batch.expect = {{kStateKey, filling}};
    TT_ASSIGN(const WriteAnswer answer, owners_.write(state.new_object, std::exchange(batch, {}), deadline));
    is_ours = answer.applied;
    bytes = 0;
    return {};
  };
  MonthTally tally;
  auto ranges = moved_ranges(state.split_at);
  ranges.push_back({"", "t", ""});
  for (const ScanRange& range : ranges) {
    Scan scan(owners_, object, range, 500, deadline);
    while (is_ours) {
      TT_ASSIGN(const auto* row, scan.peek());
      if (!row) break;
      const auto photo = range.prefix == "t" ? listed_photo(row->first) : std::nullopt;
      if (!photo || *photo >= state.split_at) {
        batch.set.push_back(*row);
        bytes += row->first.size() + row->second.size();
        if (range.prefix == "u") TT_TRY(count(object, *row, tally));
      }
      scan.next();
      if (batch.set.size() < kRowsOfOneCopy && bytes < kBytesOfOneCopy) continue;
      TT_TRY(send());
      TT_TRY(reached(SplitStep::kHalfCopied));
    }
  }
  std::ranges::move(tally.rows(), std::back_inserter(batch.set));
  if (is_ours && !batch.set.empty()) TT_TRY(send());
  TT_TRY(reached(SplitStep::kCopied));
  if (!is_ours) return {};
  Write open;
  open.expect = {{kStateKey, filling}};
  open.set = {{kStateKey, opened(1)}};
  TT_TRY(owners_.write(state.new_object, std::move(open), deadline));
  return {};
}

Status Shards::add_to_map(const std::string& owner, const std::string& object, const ShardState& state,
                          Deadline deadline) {
  while (true) {
    Read read;
    read.keys = {kMapKey};
    TT_ASSIGN(const ReadAnswer head, owners_.read(owner, std::move(read), deadline));
    auto map = decode_map(head.row(kMapKey), owner);
    if (!map)
      return fail(ErrorCode::kCorruptData, std::format("index of {}: its map cannot be read, run a scrub", owner));
    if (std::ranges::contains(*map, state.new_object, &Shard::object)) return {};
    const auto split = std::ranges::find(*map, object, &Shard::object);
    if (split == map->end()) {
      return fail(ErrorCode::kCorruptData, std::format("index of {}: {} is in no map, run a scrub", owner, object));
    }
    split->epoch = state.epoch + 1;
    map->insert(std::next(split), Shard{state.split_at, 1, state.new_object});
    Write write;
    write.create = true;
    write.expect = {{kMapKey, head.row(kMapKey)}};
    write.set = {{kMapKey, encode(*map)}};
    TT_ASSIGN(const WriteAnswer answer, owners_.write(owner, std::move(write), deadline));
    if (answer.applied) return {};
  }
}

Status Shards::trim(const std::string& object, const std::string& frozen, const ShardState& state, Deadline deadline) {
  Write write;
  MonthTally tally;
  Scan scan(owners_, object, {"", "t", ""}, 1000, deadline);
  while (true) {
    TT_ASSIGN(const auto* row, scan.peek());
    if (!row) break;
    const auto photo = listed_photo(row->first);
    if (photo && *photo >= state.split_at) {
      write.erase.push_back(row->first);
    } else {
      TT_TRY(count(object, *row, tally));
    }
    scan.next();
  }
  for (const ScanRange& range : moved_ranges(state.split_at)) {
    // The keys of a prefix end where those of the next letter begin; `after` itself stays.
    const std::string from = range.after.empty() ? range.prefix : range.after + "~";
    const std::string end = range.end.empty() ? std::string(1, static_cast<char>(range.prefix[0] + 1)) : range.end;
    write.erase_ranges.emplace_back(from, end);
  }
  write.erase_ranges.push_back(all_months());
  write.expect = {{kStateKey, frozen}};
  write.set = tally.rows();
  write.set.emplace_back(kStateKey, opened(state.epoch + 1));
  // Refused: done by somebody else.
  TT_TRY(owners_.write(object, std::move(write), deadline));
  return {};
}

}  // namespace tintype::rados
