#include "workers/fpga/fpga_frame.h"

#include <span>
#include <utility>

#include "codec/webp/video_planes.h"
#include "kernels/hls/kernels.h"
#include "kernels/simd/vp8_macroblock.h"
#include "kernels/vp8/device_answer.h"
#include "kernels/vp8/device_tables.h"
#include "kernels/vp8/mode_budget.h"
#include "kernels/vp8/surroundings.h"

namespace tintype {
namespace {

static_assert(sizeof(Vp8DeviceMacroblock) == kVp8MacroblockWords * sizeof(tt_u32));
static_assert(sizeof(Vp8DeviceTables) == kVp8TableWords * sizeof(tt_u32));

std::vector<std::uint8_t> activities(const vp8::Picture& picture) {
  std::vector<std::uint8_t> activity;
  vp8::MacroblockInput pixels;
  for (std::uint32_t row = 0; row < picture.macroblock_rows(); ++row) {
    for (std::uint32_t column = 0; column < picture.macroblock_columns(); ++column) {
      vp8::copy_luma(picture, row, column, pixels);
      activity.push_back(simd::vp8_activity(pixels.y));
    }
  }
  return activity;
}

}  // namespace

FpgaFrame::FpgaFrame(const Planes& planes, const vp8::Settings& settings)
    : settings_(settings),
      luma_(video_samples(planes, 0)),
      cb_(video_samples(planes, 1)),
      cr_(video_samples(planes, 2)),
      picture_{planes.width(), planes.height(), luma_.data(),         cb_.data(),
               cr_.data(),     planes.width(),  planes.chroma_width()} {}

Result<std::unique_ptr<FpgaFrame>> FpgaFrame::start(const Planes& planes, const vp8::Settings& settings,
                                                    CardCalls& calls) {
  std::unique_ptr<FpgaFrame> frame(new FpgaFrame(planes, settings));
  TT_ASSIGN(frame->plan_, vp8::plan_frame(frame->picture_, settings, activities(frame->picture_)));
  frame->answered_.resize(std::size_t{frame->picture_.macroblock_columns()} * frame->picture_.macroblock_rows());
  frame->submit_pass(calls);
  return frame;
}

void FpgaFrame::submit_pass(CardCalls& calls) {
  tables_ = device_tables(plan_.tables);
  const vp8::ModeBudget budget(picture_, plan_.segments);
  const std::span<Vp8DeviceMacroblock> answered(answered_);
  call_ = calls.submit(
      {"vp8_macroblocks",
       {luma_.view(), cb_.view(), cr_.view(), ToKernel(reinterpret_cast<const std::uint8_t*>(&tables_), sizeof tables_),
        ToKernel(plan_.segments.of_macroblock),
        FromKernel(reinterpret_cast<std::uint8_t*>(answered.data()), answered.size_bytes()), picture_.width,
        picture_.height, static_cast<std::uint32_t>(budget.row_credit()), static_cast<std::uint32_t>(budget.share()),
        static_cast<std::uint32_t>(plan_.tables.depth.levels),
        static_cast<std::uint32_t>(plan_.tables.depth.patience)}});
}

Result<Bytes> FpgaFrame::finish(CardCalls& calls) {
  for (int pass = 1;; ++pass) {
    TT_TRY(calls.wait(call_));
    TT_ASSIGN(vp8::FrameAssembly assembly, vp8::assemble_answer(picture_, settings_, plan_, answered_));
    if (pass == plan_.passes) return assembly.write(picture_, settings_, plan_, simd::put_vp8_tokens);
    vp8::refine(plan_, assembly);
    submit_pass(calls);
  }
}

}  // namespace tintype
