// VP8 modes and levels as an OpenCL device decides them, against the reference's: equal for every macroblock, on every
// device that this machine has.
#include "workers/opencl/cl_vp8.h"

#include <gtest/gtest.h>

#include <cstring>
#include <format>
#include <optional>

#include "kernels/reference/vp8_macroblock.h"
#include "kernels/vp8/device_tables.h"
#include "kernels/vp8/frame.h"
#include "kernels/vp8/segments.h"
#include "tests/codec/support/environment.h"
#include "tests/kernels/vp8/planes.h"
#include "workers/opencl/opencl_devices.h"

namespace tintype {
namespace {

using namespace tintype::testing;
using test::Planes420;
using test::Scene;

// What the reference was given and what it decided, macroblock by macroblock.
struct Recording {
  std::vector<vp8::Macroblock> macroblocks;
  std::vector<std::uint8_t> segments;
  int first_budget = 0;
  std::optional<vp8::FrameTables> tables;
};
Recording* recording = nullptr;

void code_and_record(const vp8::MacroblockInput& in, const vp8::FrameTables& tables, vp8::Macroblock& out) {
  reference::code_vp8_macroblock(in, tables, out);
  if (recording->macroblocks.empty()) recording->first_budget = in.mode_budget;
  recording->macroblocks.push_back(out);
  recording->segments.push_back(static_cast<std::uint8_t>(in.segment));
  recording->tables = tables;
}

Recording record(const Planes420& planes, const vp8::Settings& settings) {
  Recording made;
  recording = &made;
  const auto frame =
      vp8::encode_frame(planes.picture(), settings, {code_and_record, vp8::activity_of, vp8::put_tokens}, nullptr);
  EXPECT_TRUE(frame);
  return made;
}

// A frame's memory, as the device sees it.
class Layout {
 public:
  std::uint64_t add(const void* bytes, std::size_t size) {
    const std::uint64_t at = reserve(size);
    if (size > 0) std::memcpy(memory_.data() + at, bytes, size);
    return at;
  }
  std::uint64_t reserve(std::size_t size) {
    const std::uint64_t at = (memory_.size() + 255) / 256 * 256;
    memory_.resize(at + size);
    return at;
  }
  std::vector<std::uint8_t>& memory() { return memory_; }

 private:
  std::vector<std::uint8_t> memory_;
};

constexpr int kAdvance = 4;  // of vp8::ModeBudget

Vp8DeviceFrame lay_out(const Planes420& planes, const Recording& expected, Layout& layout) {
  Vp8DeviceFrame frame{};
  frame.width = planes.width;
  frame.height = planes.height;
  frame.columns = planes.picture().macroblock_columns();
  frame.rows = planes.picture().macroblock_rows();
  frame.depth = expected.tables->depth.levels;
  frame.patience = expected.tables->depth.patience;
  frame.credit_share = expected.first_budget / (kAdvance + 1);
  const std::size_t macroblocks = std::size_t{frame.columns} * frame.rows;
  frame.y_at = layout.add(planes.y.data(), planes.y.size());
  frame.u_at = layout.add(planes.u.data(), planes.u.size());
  frame.v_at = layout.add(planes.v.data(), planes.v.size());
  frame.rebuilt_y_at = layout.reserve(macroblocks * 256);
  frame.rebuilt_u_at = layout.reserve(macroblocks * 64);
  frame.rebuilt_v_at = layout.reserve(macroblocks * 64);
  const Vp8DeviceTables tables = device_tables(*expected.tables);
  frame.tables_at = layout.add(&tables, sizeof tables);
  frame.segments_at = layout.add(expected.segments.data(), expected.segments.size());
  const std::vector<std::int32_t> credit(frame.rows, kAdvance * frame.credit_share);
  frame.credit_at = layout.add(credit.data(), credit.size() * sizeof credit[0]);
  frame.macroblocks_at = layout.reserve(macroblocks * sizeof(Vp8DeviceMacroblock));
  return frame;
}

std::string difference(const Vp8DeviceMacroblock& made, const vp8::Macroblock& expected) {
  if (made.luma != expected.modes.luma) return "luma mode";
  if (made.chroma != expected.modes.chroma) return "chroma mode";
  if (std::memcmp(made.sub_modes, expected.modes.sub, 16) != 0) return "sub-block modes";
  if (made.mode_cost != expected.mode_cost) return "mode cost";
  if (made.is_empty != expected.modes.is_empty) return "emptiness";
  for (int block = 0; block < kVp8Blocks; ++block)
    if (std::memcmp(made.levels[block], expected.levels[block], 32) != 0)
      return "levels of block " + std::to_string(block);
  if (made.below_coded != expected.below_coded || made.right_coded != expected.right_coded)
    return std::format("coded bits {:x} {:x}, expected {:x} {:x}", made.below_coded, made.right_coded,
                       expected.below_coded, expected.right_coded);
  return "";
}

std::vector<OpenClDevice> devices() {
  auto found = list_opencl_devices();
  return found ? *std::move(found) : std::vector<OpenClDevice>{};
}

class Vp8OnADevice : public ::testing::TestWithParam<OpenClDevice> {
 protected:
  void SetUp() override {
    auto opened = ClDevice::open({GetParam(), ""});
    ASSERT_TRUE(opened) << opened.error().to_string();
    device_.emplace(*std::move(opened));
    auto vp8 = ClVp8::create(*device_);
    ASSERT_TRUE(vp8) << vp8.error().to_string();
    vp8_.emplace(*std::move(vp8));
  }

  struct Case {
    Planes420 planes;
    vp8::Settings settings;
    std::string what;
  };

  // All frames in one go, as a batch, spread over so many arenas.
  void expect_equal(const std::vector<Case>& cases, std::size_t arena_count) {
    std::vector<Layout> layouts(arena_count);
    std::vector<Recording> expected;
    std::vector<Vp8DeviceFrame> frames;
    for (const Case& one : cases) {
      const auto arena = static_cast<std::uint32_t>(frames.size() % arena_count);
      expected.push_back(record(one.planes, one.settings));
      frames.push_back(lay_out(one.planes, expected.back(), layouts[arena]));
      frames.back().arena = arena;
    }
    const auto made_queue = device_->make_queue();
    ASSERT_TRUE(made_queue);
    cl_command_queue queue = made_queue->get();
    const auto send = [&](const void* bytes, std::size_t size) {
      ClMemory memory = *device_->allocate(size);
      EXPECT_EQ(clEnqueueWriteBuffer(queue, memory.get(), CL_TRUE, 0, size, bytes, 0, nullptr, nullptr), CL_SUCCESS);
      return memory;
    };
    const ClMemory device_frames = send(frames.data(), frames.size() * sizeof frames[0]);
    std::vector<ClMemory> memories;
    std::vector<cl_mem> arenas;
    for (Layout& layout : layouts) {
      memories.push_back(send(layout.memory().data(), layout.memory().size()));
      arenas.push_back(memories.back().get());
    }
    const Status enqueued = vp8_->enqueue(queue, arenas, device_frames.get(), frames);
    ASSERT_TRUE(enqueued) << enqueued.error().to_string();
    for (std::size_t i = 0; i < arena_count; ++i) {
      std::vector<std::uint8_t>& memory = layouts[i].memory();
      ASSERT_EQ(clEnqueueReadBuffer(queue, arenas[i], CL_TRUE, 0, memory.size(), memory.data(), 0, nullptr, nullptr),
                CL_SUCCESS);
    }
    for (std::size_t f = 0; f < frames.size(); ++f) {
      const std::uint8_t* answers = layouts[frames[f].arena].memory().data() + frames[f].macroblocks_at;
      for (std::size_t i = 0; i < expected[f].macroblocks.size(); ++i) {
        Vp8DeviceMacroblock made;
        std::memcpy(&made, answers + i * sizeof made, sizeof made);
        ASSERT_EQ(difference(made, expected[f].macroblocks[i]), "")
            << cases[f].what << ", macroblock " << i % frames[f].columns << ", " << i / frames[f].columns;
      }
    }
  }

  std::optional<ClDevice> device_;
  std::optional<ClVp8> vp8_;
};

TEST_P(Vp8OnADevice, EveryMacroblockEqualsTheReference) {
  std::vector<Case> cases;
  std::uint32_t seed = 1;
  for (const Scene scene : test::kScenes) {
    for (const int quality : {0, 20, 60, 75, 95, 100}) {
      for (const vp8::Effort effort : {vp8::Effort::kFastest, vp8::Effort::kFast, vp8::Effort::kDefault}) {
        vp8::Settings settings;
        settings.quality = quality;
        settings.effort = effort;
        cases.push_back({test::make_planes(scene, 83, 61, seed++), settings,
                         "scene " + std::to_string(static_cast<int>(scene)) + ", quality " + std::to_string(quality)});
      }
    }
  }
  expect_equal(cases, 1);
}

TEST_P(Vp8OnADevice, FramesOfAllShapesAndArenasShareABatch) {
  std::vector<Case> cases;
  for (const auto& [width, height] :
       {std::pair{1u, 1u}, {16u, 16u}, {17u, 1u}, {1u, 40u}, {200u, 33u}, {33u, 200u}, {64u, 64u}, {90u, 31u}})
    cases.push_back({test::make_planes(Scene::kShapes, width, height, width + height),
                     {},
                     std::to_string(width) + " x " + std::to_string(height)});
  for (const std::size_t arenas : {std::size_t{2}, std::size_t{kVp8Arenas}}) expect_equal(cases, arenas);
}

INSTANTIATE_TEST_SUITE_P(OpenCl, Vp8OnADevice, ::testing::ValuesIn(devices()), [](const auto& device) {
  return "platform_" + std::to_string(device.param.platform) + "_device_" + std::to_string(device.param.device);
});

}  // namespace
}  // namespace tintype
