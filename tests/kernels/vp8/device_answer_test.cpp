// What a device answers of a frame: the frame that the reference makes, if it is right; refused, if it cannot be.
#include "kernels/vp8/device_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "kernels/reference/vp8_encoder.h"
#include "kernels/vp8/surroundings.h"
#include "tests/kernels/vp8/recording.h"

namespace tintype {
namespace {

Vp8DeviceMacroblock as_answer(const vp8::Macroblock& of) {
  Vp8DeviceMacroblock answer{};
  std::memcpy(answer.levels, of.levels, sizeof answer.levels);
  std::memcpy(answer.sub_modes, of.modes.sub, sizeof answer.sub_modes);
  answer.luma = of.modes.luma;
  answer.chroma = of.modes.chroma;
  answer.is_empty = of.modes.is_empty;
  answer.mode_cost = of.mode_cost;
  answer.below_coded = of.below_coded;
  answer.right_coded = of.right_coded;
  return answer;
}

class DeviceAnswer : public ::testing::Test {
 protected:
  DeviceAnswer() : planes_(test::make_planes(test::Scene::kShapes, 120, 75, 3)) {
    std::vector<std::uint8_t> activity;
    vp8::MacroblockInput pixels;
    for (std::uint32_t row = 0; row < picture().macroblock_rows(); ++row) {
      for (std::uint32_t column = 0; column < picture().macroblock_columns(); ++column) {
        vp8::copy_pixels(picture(), row, column, pixels);
        activity.push_back(vp8::activity_of(pixels.y));
      }
    }
    plan_ = *vp8::plan_frame(picture(), settings_, activity);
    for (const vp8::Macroblock& one : test::record(planes_, settings_).macroblocks) answer_.push_back(as_answer(one));
  }

  vp8::Picture picture() const { return planes_.picture(); }
  ErrorCode refusal(const std::function<void(std::vector<Vp8DeviceMacroblock>&)>& lie) const {
    std::vector<Vp8DeviceMacroblock> lies = answer_;
    lie(lies);
    const auto assembly = vp8::assemble_answer(picture(), settings_, *plan_, lies);
    return assembly ? ErrorCode::kInternal : assembly.error().code;
  }
  // The first macroblock of that kind.
  static Vp8DeviceMacroblock& first(std::vector<Vp8DeviceMacroblock>& of, bool has_sub_blocks) {
    const auto found =
        std::ranges::find_if(of, [&](const auto& one) { return (one.luma == kVp8SubBlocks) == has_sub_blocks; });
    EXPECT_NE(found, of.end());
    return *found;
  }

  const vp8::Settings settings_;
  const test::Planes420 planes_;
  std::optional<vp8::FramePlan> plan_;
  std::vector<Vp8DeviceMacroblock> answer_;
};

TEST_F(DeviceAnswer, ARightOneIsTheReferencesFrame) {
  auto assembly = vp8::assemble_answer(picture(), settings_, *plan_, answer_);
  ASSERT_TRUE(assembly) << assembly.error().to_string();
  const auto frame = assembly->write(picture(), settings_, *plan_, vp8::put_tokens);
  const auto expected = reference::encode_vp8(picture(), settings_);
  ASSERT_TRUE(frame && expected);
  EXPECT_TRUE(std::ranges::equal(frame->view(), expected->view()));
}

TEST_F(DeviceAnswer, WhatCannotBeIsRefused) {
  const struct {
    const char* what;
    std::function<void(std::vector<Vp8DeviceMacroblock>&)> lie;
  } lies[] = {
      {"a luma mode", [](auto& of) { of[5].luma = 5; }},
      {"a chroma mode", [](auto& of) { of[5].chroma = 4; }},
      {"a sub-block mode", [](auto& of) { first(of, true).sub_modes[3] = kVp8SubModes; }},
      {"sub-block modes beside a whole mode", [](auto& of) { first(of, false).sub_modes[0] ^= 1; }},
      {"a level that cannot be written", [](auto& of) { first(of, true).levels[0][0] = 2115; }},
      {"the least number there is", [](auto& of) { first(of, true).levels[0][0] = -32768; }},
      {"a first level beside a second-order block", [](auto& of) { first(of, false).levels[2][0] = 1; }},
      {"a second-order block beside sub-blocks", [](auto& of) { first(of, true).levels[kVp8SecondOrderBlock][1] = 1; }},
      {"emptiness", [](auto& of) { of[7].is_empty ^= 1; }},
      {"emptiness that is no yes or no", [](auto& of) { of[7].is_empty = 2; }},
      {"a cost", [](auto& of) { of[9].mode_cost += 1; }},
      {"bits below", [](auto& of) { of[2].below_coded ^= 4; }},
      {"bits on the right", [](auto& of) { of[2].right_coded ^= 1; }},
  };
  for (const auto& lie : lies) EXPECT_EQ(refusal(lie.lie), ErrorCode::kWorkerLied) << lie.what;
}

}  // namespace
}  // namespace tintype
