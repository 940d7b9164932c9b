#include "tests/kernels/vp8/recording.h"

#include <gtest/gtest.h>

#include <cstring>
#include <format>

#include "kernels/reference/vp8_macroblock.h"
#include "kernels/vp8/segments.h"

namespace tintype::test {
namespace {

constexpr int kAdvance = 4;  // of vp8::ModeBudget

thread_local Recording* recording = nullptr;

void code_and_record(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out) {
  reference::code_vp8_macroblock(in, tables, out);
  if (recording->macroblocks.empty()) {
    recording->tables = tables;
    recording->credit_share = in.mode_budget / (kAdvance + 1);
    recording->credit = kAdvance * recording->credit_share;
  }
  recording->macroblocks.push_back(out);
  recording->segments.push_back(static_cast<std::uint8_t>(in.segment));
}

}  // namespace

Recording record(const Planes420& planes, const vp8::Settings& settings) {
  Recording made;
  recording = &made;
  const auto frame =
      vp8::encode_frame(planes.picture(), settings, {code_and_record, vp8::activity_of, vp8::put_tokens}, nullptr);
  recording = nullptr;
  EXPECT_TRUE(frame);
  return made;
}

std::string difference(const Vp8DeviceMacroblock& made, const vp8::Macroblock& expected) {
  if (made.luma != expected.modes.luma) return "luma mode";
  if (made.chroma != expected.modes.chroma) return "chroma mode";
  if (std::memcmp(made.sub_modes, expected.modes.sub, sizeof made.sub_modes) != 0) return "sub-block modes";
  if (made.mode_cost != expected.mode_cost) return "mode cost";
  if (made.is_empty != expected.modes.is_empty) return "emptiness";
  for (int block = 0; block < kVp8Blocks; ++block) {
    if (std::memcmp(made.levels[block], expected.levels[block], sizeof made.levels[block]) != 0)
      return "levels of block " + std::to_string(block);
  }
  if (made.below_coded != expected.below_coded || made.right_coded != expected.right_coded) {
    return std::format("coded bits {:x} {:x}, expected {:x} {:x}", made.below_coded, made.right_coded,
                       expected.below_coded, expected.right_coded);
  }
  return "";
}

}  // namespace tintype::test
