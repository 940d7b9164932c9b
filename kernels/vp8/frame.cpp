#include "kernels/vp8/frame.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

#include "kernels/vp8/bit_cost.h"
#include "kernels/vp8/expected_tokens.h"
#include "kernels/vp8/filter_frame.h"
#include "kernels/vp8/frame_writer.h"
#include "kernels/vp8/mode_budget.h"
#include "kernels/vp8/quality.h"
#include "kernels/vp8/surroundings.h"

namespace tintype::vp8 {
namespace {

Status check(const Picture& picture, const Settings& settings) {
  if (picture.width < 1 || picture.height < 1 || picture.width > kMostSide || picture.height > kMostSide) {
    return fail(ErrorCode::kInvalidArgument, "a WebP's sides are 1 to 16383 px, not " + std::to_string(picture.width) +
                                                 " x " + std::to_string(picture.height) + "; make the picture smaller");
  }
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  if (!within(settings.quality, 0, 100) || !within(settings.quarters, 0, 3) || !within(settings.segments, 1, 4) ||
      !within(settings.filter_strength, 0, 100) || !within(settings.filter_sharpness, 0, 7) ||
      (settings.partitions != 1 && settings.partitions != 2 && settings.partitions != 4 && settings.partitions != 8)) {
    return fail(ErrorCode::kInvalidArgument,
                "a WebP's quality and filter strength are 0 to 100, quarters of a quality 0 to 3, segments 1 to 4, "
                "sharpness 0 to 7, partitions 1, 2, 4 or 8");
  }
  return {};
}

Segments choose_segments(const Picture& picture, const Settings& settings, std::span<const std::uint8_t> activity) {
  if (settings.segments == 1) return single_segment(picture, settings);
  Segments segments = segments_by_activity(settings, {activity.begin(), activity.end()});
  return ModeBudget::can_afford(picture, segments) ? segments : single_segment(picture, settings);
}

std::vector<std::uint8_t> activities(const Picture& picture, const Settings& settings, const Kernels& kernels) {
  std::vector<std::uint8_t> activity;
  if (settings.segments == 1) return activity;
  activity.reserve(std::size_t{picture.macroblock_columns()} * picture.macroblock_rows());
  MacroblockInput pixels;
  for (std::uint32_t row = 0; row < picture.macroblock_rows(); ++row) {
    for (std::uint32_t column = 0; column < picture.macroblock_columns(); ++column) {
      copy_luma(picture, row, column, pixels);
      activity.push_back(kernels.activity(pixels.y));
    }
  }
  return activity;
}

// In a busy picture most sub-blocks that fall behind at first lose in the end; leaving them costs little and saves the
// most. In a smooth one those that pay late, on slopes and slanted edges, are up to a tenth of the bytes, and there
// patience costs the least time. Between the two it falls evenly.
constexpr int kSmoothPicture = 128, kBusyPicture = 152;  // mean activity
constexpr int kPatient = 16, kImpatient = -4;

int patience_by_activity(std::span<const std::uint8_t> activity) {
  if (activity.empty()) return kImpatient;
  const auto sum = std::accumulate(activity.begin(), activity.end(), std::uint64_t{0});
  const int mean = static_cast<int>(sum / activity.size());
  const int smoothness = std::clamp(kBusyPicture - mean, 0, kBusyPicture - kSmoothPicture);
  return kImpatient + smoothness * (kPatient - kImpatient) / (kBusyPicture - kSmoothPicture);
}

SearchDepth depth_of(Effort effort, std::span<const std::uint8_t> activity) {
  if (effort == Effort::kFastest) return {.levels = 1, .patience = patience_by_activity(activity)};
  if (effort == Effort::kFast) return {.levels = 1, .patience = kPatient};
  return {.levels = 2, .patience = kVp8Endless};
}

FrameTables make_tables(const Segments& segments, const Settings& settings, std::span<const std::uint8_t> activity,
                        const Probabilities& expected) {
  FrameTables tables;
  tables.depth = depth_of(settings.effort, activity);
  for (int k = 0; k < segments.count; ++k) {
    fill_quantisers(segments.quantiser[k], segments.chroma_weight[k], tables.depth.levels, tables.quantisers[k]);
  }
  fill_costs(expected, tables.costs);
  return tables;
}

// Up to here tokens are kept: 4 MP. Modes of so few always leave room to mark those without coefficients.
constexpr std::size_t kMostWithTokensKept = 16384;
constexpr int kMostQualityWithTokensKept = 95;

std::int64_t skip_cost(const CodedFrame& frame) {
  const auto empty = std::ranges::count_if(frame.modes, [](const MacroblockModes& modes) { return modes.is_empty; });
  const std::int64_t all = static_cast<std::int64_t>(frame.modes.size());
  const int full_prob = static_cast<int>(std::clamp<std::int64_t>(((all - empty) * 256 + all / 2) / all, 1, 255));
  return empty * bit_cost(true, full_prob) + (all - empty) * bit_cost(false, full_prob);
}

void keep(const Macroblock& macroblock, std::uint32_t row, std::uint32_t column, Reconstruction& out) {
  const std::size_t stride = out.luma_stride;
  for (std::size_t y = 0; y < 16; ++y)
    std::memcpy(&out.y[(16 * row + y) * stride + 16 * column], macroblock.y + 16 * y, 16);
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

// All macroblocks once.
void decide_all(const Picture& picture, const FramePlan& plan, const Kernels& kernels, FrameAssembly& assembly,
                Reconstruction* reconstruction) {
  Surroundings surroundings(picture);
  MacroblockInput in;
  Macroblock macroblock;
  const std::uint8_t* segment = plan.segments.of_macroblock.data();
  for (std::uint32_t row = 0; row < picture.macroblock_rows(); ++row) {
    assembly.budget().begin_row();
    for (std::uint32_t column = 0; column < picture.macroblock_columns(); ++column) {
      surroundings.fill(row, column, in);
      in.segment = *segment++;
      in.mode_budget = assembly.budget().for_next();
      in.thrift = assembly.budget().thrift();
      kernels.code_macroblock(in, plan.tables, macroblock);
      assembly.add(macroblock, in.above_coded, in.left_coded);
      surroundings.note(column, macroblock);
      if (reconstruction) keep(macroblock, row, column, *reconstruction);
    }
    surroundings.end_row();
  }
}

}  // namespace

Result<FramePlan> plan_frame(const Picture& picture, const Settings& settings, std::span<const std::uint8_t> activity) {
  TT_TRY(check(picture, settings));
  // Who has it all the same comes to the same plan as who did not ask for it.
  if (settings.segments == 1) activity = {};
  Segments segments = choose_segments(picture, settings, activity);
  const Probabilities expected = expected_probabilities(segments, activity);
  const FrameTables tables = make_tables(segments, settings, activity, expected);
  return FramePlan{std::move(segments), tables, expected, settings.effort == Effort::kBest ? 2 : 1};
}

void refine(FramePlan& plan, const FrameAssembly& pass) {
  // Half-way only: where most blocks are empty, counts make the others so dear that slopes lose what they are made of.
  const Probabilities counted = Probabilities::chosen_for(pass.counts());
  fill_costs(Probabilities::between(plan.expected, counted), plan.tables.costs);
}

FrameAssembly::FrameAssembly(const Picture& picture, const Settings& settings, const Segments& segments)
    : budget_(picture, segments) {
  frame_.columns = picture.macroblock_columns();
  frame_.rows = picture.macroblock_rows();
  const std::size_t macroblocks = std::size_t{frame_.columns} * frame_.rows;
  frame_.modes.reserve(macroblocks);
  const bool keeps_tokens = macroblocks <= kMostWithTokensKept && settings.quality <= kMostQualityWithTokensKept;
  frame_.levels.resize(frame_.rows, LevelRow(keeps_tokens));
}

void FrameAssembly::add(const Macroblock& macroblock, CodedBits above, CodedBits left) {
  LevelRow& row = frame_.levels[frame_.modes.size() / frame_.columns];
  budget_.spend(macroblock.mode_cost);
  row.add(macroblock, above, left, scratch_, counts_);
  frame_.modes.push_back(macroblock.modes);
  if (frame_.modes.size() % frame_.columns == 0) row.finish();
}

Result<Bytes> FrameAssembly::write(const Picture& picture, const Settings& settings, const FramePlan& plan,
                                   PutTokens put_tokens) {
  frame_.with_skips = budget_.leaves_room_for(skip_cost(frame_));
  return write_frame(picture, settings, plan.segments, Probabilities::chosen_for(counts_), frame_, put_tokens);
}

Result<Bytes> encode_frame(const Picture& picture, const Settings& settings, const Kernels& kernels,
                           Reconstruction* reconstruction) {
  TT_TRY(check(picture, settings));
  TT_ASSIGN(FramePlan plan, plan_frame(picture, settings, activities(picture, settings, kernels)));
  for (int pass = 1; pass < plan.passes; ++pass) {
    FrameAssembly draft(picture, settings, plan.segments);
    decide_all(picture, plan, kernels, draft, nullptr);
    refine(plan, draft);
  }
  if (reconstruction) *reconstruction = blank(picture);
  FrameAssembly assembly(picture, settings, plan.segments);
  decide_all(picture, plan, kernels, assembly, reconstruction);
  TT_ASSIGN(Bytes frame, assembly.write(picture, settings, plan, kernels.put_tokens));
  if (reconstruction) filter_frame(assembly.frame(), plan.segments, settings, *reconstruction);
  return frame;
}

}  // namespace tintype::vp8
