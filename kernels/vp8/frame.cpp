#include "kernels/vp8/frame.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "kernels/vp8/bit_cost.h"
#include "kernels/vp8/filter_frame.h"
#include "kernels/vp8/frame_writer.h"
#include "kernels/vp8/mode_budget.h"
#include "kernels/vp8/quality.h"
#include "kernels/vp8/surroundings.h"

namespace tintype::vp8 {
namespace {

Status check(const Picture& picture, const Settings& settings) {
  if (picture.width < 1 || picture.height < 1 || picture.width > kMostSide || picture.height > kMostSide) {
    return fail(ErrorCode::kInvalidArgument, "a WebP's sides are 1 to 16383 px, not " + std::to_string(picture.width) + " x " +
                                                 std::to_string(picture.height) + "; make the picture smaller");
  }
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  if (!within(settings.quality, 0, 100) || !within(settings.segments, 1, 4) || !within(settings.filter_strength, 0, 100) ||
      !within(settings.filter_sharpness, 0, 7) ||
      (settings.partitions != 1 && settings.partitions != 2 && settings.partitions != 4 && settings.partitions != 8)) {
    return fail(ErrorCode::kInvalidArgument,
                "a WebP's quality and filter strength are 0 to 100, segments 1 to 4, sharpness 0 to 7, partitions 1, 2, 4 or 8");
  }
  return {};
}

Segments choose_segments(const Picture& picture, const Settings& settings, const Kernels& kernels) {
  if (settings.segments == 1) return single_segment(picture, settings);
  std::vector<std::uint8_t> activity;
  activity.reserve(std::size_t{picture.macroblock_columns()} * picture.macroblock_rows());
  MacroblockInput pixels;
  for (std::uint32_t row = 0; row < picture.macroblock_rows(); ++row) {
    for (std::uint32_t column = 0; column < picture.macroblock_columns(); ++column) {
      copy_pixels(picture, row, column, pixels);
      activity.push_back(kernels.activity(pixels.y));
    }
  }
  Segments segments = segments_by_activity(settings, activity);
  return ModeBudget::can_afford(picture, segments) ? segments : single_segment(picture, settings);
}

SearchDepth depth_of(Effort effort) {
  if (effort == Effort::kFast) return {.levels = 1, .patience = 2};
  return {.levels = 2, .patience = SearchDepth::kEndless};
}

FrameTables make_tables(const Segments& segments, const Settings& settings) {
  FrameTables tables;
  tables.depth = depth_of(settings.effort);
  for (int k = 0; k < segments.count; ++k) fill_quantisers(segments.quantiser[k], tables.depth.levels, tables.quantisers[k]);
  fill_costs(Probabilities::of_format(), tables.costs);
  return tables;
}

std::int64_t skip_cost(const CodedFrame& frame) {
  const auto empty = std::ranges::count_if(frame.modes, [](const MacroblockModes& modes) { return modes.is_empty; });
  const std::int64_t all = static_cast<std::int64_t>(frame.modes.size());
  const int full_prob = static_cast<int>(std::clamp<std::int64_t>(((all - empty) * 256 + all / 2) / all, 1, 255));
  return empty * bit_cost(true, full_prob) + (all - empty) * bit_cost(false, full_prob);
}

void keep(const Macroblock& macroblock, std::uint32_t row, std::uint32_t column, Reconstruction& out) {
  const std::size_t stride = out.luma_stride;
  for (std::size_t y = 0; y < 16; ++y) std::memcpy(&out.y[(16 * row + y) * stride + 16 * column], macroblock.y + 16 * y, 16);
  for (std::size_t y = 0; y < 8; ++y) {
    std::memcpy(&out.u[(8 * row + y) * stride / 2 + 8 * column], macroblock.u + 8 * y, 8);
    std::memcpy(&out.v[(8 * row + y) * stride / 2 + 8 * column], macroblock.v + 8 * y, 8);
  }
}

Reconstruction blank(const Picture& picture) {
  Reconstruction out;
  out.luma_stride = 16 * picture.macroblock_columns();
  const std::size_t luma = std::size_t{out.luma_stride} * 16 * picture.macroblock_rows();
  out.y.resize(luma);
  out.u.resize(luma / 4);
  out.v.resize(luma / 4);
  return out;
}

}  // namespace

Result<Bytes> encode_frame(const Picture& picture, const Settings& settings, const Kernels& kernels,
                           Reconstruction* reconstruction) {
  TT_TRY(check(picture, settings));
  const Segments segments = choose_segments(picture, settings, kernels);
  const FrameTables tables = make_tables(segments, settings);
  ModeBudget budget(picture, segments);
  if (reconstruction) *reconstruction = blank(picture);

  CodedFrame frame;
  frame.columns = picture.macroblock_columns();
  frame.rows = picture.macroblock_rows();
  frame.modes.resize(std::size_t{frame.columns} * frame.rows);
  frame.levels.resize(frame.rows);
  TokenCounts counts;
  TokenList scratch;
  Surroundings surroundings(picture);
  MacroblockInput in;
  Macroblock macroblock;
  for (std::uint32_t row = 0; row < frame.rows; ++row) {
    budget.begin_row();
    for (std::uint32_t column = 0; column < frame.columns; ++column) {
      const std::size_t at = std::size_t{row} * frame.columns + column;
      surroundings.fill(row, column, in);
      in.segment = segments.of_macroblock[at];
      in.mode_budget = budget.for_next();
      in.thrift = budget.thrift();
      kernels.code_macroblock(in, tables, macroblock);
      budget.spend(macroblock.mode_cost);
      frame.modes[at] = macroblock.modes;
      frame.levels[row].add(macroblock, in.above_coded, in.left_coded, scratch, counts);
      surroundings.note(column, macroblock);
      if (reconstruction) keep(macroblock, row, column, *reconstruction);
    }
    frame.levels[row].finish();
    surroundings.end_row();
  }
  frame.with_skips = budget.leaves_room_for(skip_cost(frame));
  if (reconstruction) filter_frame(frame, segments, settings, *reconstruction);
  return write_frame(picture, settings, segments, Probabilities::chosen_for(counts), frame, kernels.put_tokens);
}

}  // namespace tintype::vp8
