#include "workers/opencl/cl_picture_maker.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "kernels/reference/resize_rows.h"
#include "kernels/simd/vp8_macroblock.h"
#include "kernels/vp8/device_tables.h"
#include "kernels/vp8/frame.h"
#include "workers/opencl/arena_places.h"
#include "workers/opencl/cl_queue.h"

namespace tintype {
namespace {

template <typename T>
ByteView bytes_of_all(const std::vector<T>& items) {
  return {reinterpret_cast<const std::uint8_t*>(items.data()), items.size() * sizeof(T)};
}
template <typename Items>
std::span<std::uint8_t> writable_bytes_of_all(Items& items) {
  return {reinterpret_cast<std::uint8_t*>(items.data()), items.size() * sizeof items[0]};
}

vp8::Picture size_only(const PictureSize& size) {
  vp8::Picture picture;
  picture.width = size.width;
  picture.height = size.height;
  return picture;
}

vp8::Macroblock as_macroblock(const Vp8DeviceMacroblock& from, std::uint8_t segment) {
  vp8::Macroblock out;
  out.modes.segment = segment;
  std::memcpy(out.levels, from.levels, sizeof from.levels);
  std::memcpy(out.modes.sub, from.sub_modes, sizeof from.sub_modes);
  out.modes.luma = from.luma;
  out.modes.chroma = from.chroma;
  out.modes.is_empty = from.is_empty != 0;
  out.mode_cost = from.mode_cost;
  return out;
}

}  // namespace

// One frame on its way.
struct ClPictureMaker::FramePlaces {
  PictureSize size;
  vp8::Settings settings;
  Vp8DeviceFrame frame{};
  std::uint64_t apart_at = 0;
  std::vector<std::uint32_t> apart;
  std::optional<vp8::FramePlan> plan;
  Vp8DeviceTables tables;
  std::vector<std::int32_t> credit;
  std::span<Vp8DeviceMacroblock> macroblocks;

  std::size_t count() const { return std::size_t{frame.columns} * frame.rows; }

  void place(ArenaPlaces& places) {
    const vp8::Picture picture = size_only(size);
    frame.width = size.width;
    frame.height = size.height;
    frame.columns = picture.macroblock_columns();
    frame.rows = picture.macroblock_rows();
    const std::uint64_t chroma = std::uint64_t{picture.chroma_width()} * picture.chroma_height();
    frame.y_at = places.take(std::uint64_t{size.width} * size.height);
    frame.u_at = places.take(chroma);
    frame.v_at = places.take(chroma);
    frame.rebuilt_y_at = places.take(count() * 256);
    frame.rebuilt_u_at = places.take(count() * 64);
    frame.rebuilt_v_at = places.take(count() * 64);
    frame.tables_at = places.take(sizeof tables);
    frame.segments_at = places.take(count());
    frame.credit_at = places.take(frame.rows * sizeof(std::int32_t));
    frame.macroblocks_at = places.take(count() * sizeof(Vp8DeviceMacroblock));
    apart_at = places.take(count() * sizeof(std::uint32_t));
    apart.resize(count());
  }

  Status make_plan() {
    std::vector<std::uint8_t> activity(apart.size());
    std::ranges::transform(apart, activity.begin(), vp8::activity_from);
    TT_ASSIGN(vp8::FramePlan made, vp8::plan_frame(size_only(size), settings, activity));
    plan = std::move(made);
    const vp8::ModeBudget budget(size_only(size), plan->segments);
    frame.depth = plan->tables.depth.levels;
    frame.patience = plan->tables.depth.patience;
    frame.credit_share = static_cast<std::int32_t>(budget.share());
    credit.assign(frame.rows, static_cast<std::int32_t>(budget.row_credit()));
    return {};
  }

  // From what the device answered, which is used as it is.
  vp8::FrameAssembly assemble() const {
    vp8::FrameAssembly assembly(size_only(size), settings, plan->segments);
    for (std::size_t at = 0; at < macroblocks.size(); ++at) {
      const vp8::CodedBits above =
          at >= frame.columns ? macroblocks[at - frame.columns].below_coded : vp8::CodedBits{0};
      const vp8::CodedBits left = at % frame.columns > 0 ? macroblocks[at - 1].right_coded : vp8::CodedBits{0};
      assembly.add(as_macroblock(macroblocks[at], plan->segments.of_macroblock[at]), above, left);
    }
    return assembly;
  }
};

Result<ClPictureMaker> ClPictureMaker::create(const ClDevice& device, ClMemoryPool& memory, ClFrameBatches& batches) {
  TT_ASSIGN(ClQueue queue, device.make_queue());
  TT_ASSIGN(ClLadder ladder, ClLadder::create(device));
  TT_ASSIGN(ClVp8 vp8, ClVp8::create(device));
  return ClPictureMaker(device, memory, batches, std::move(queue), std::move(ladder), std::move(vp8));
}

Result<PicturesMade> ClPictureMaker::make(const PictureOrder& order) {
  const LadderPlan ladder = plan_ladder(order.components, order.orientation, order.sizes);
  ArenaPlaces places(ladder.arena_bytes);
  std::vector<FramePlaces> frames;
  for (const FrameOrder& ordered : order.frames) {
    FramePlaces& one = frames.emplace_back();
    one.size = order.sizes[ordered.picture];
    one.settings = ordered.settings;
    one.place(places);
  }
  const std::uint64_t sizes[] = {order.coefficients.size(), places.end()};
  TT_ASSIGN(const std::vector<ClMemoryPool::Loan> loans, memory_->borrow(sizes));
  PicturesMade made;
  const Status status = make_in(order, ladder, frames, loans[0].get(), loans[1].get(), made);
  // What is under way reads and writes memory that goes now.
  if (!status) clFinish(queue_.get());
  TT_TRY(status);
  return made;
}

Status ClPictureMaker::make_in(const PictureOrder& order, const LadderPlan& ladder, std::vector<FramePlaces>& frames,
                               cl_mem coefficients, cl_mem arena, PicturesMade& made) {
  using Steady = std::chrono::steady_clock;
  const auto began = Steady::now();
  cl_command_queue queue = queue_.get();
  TT_TRY(enqueue_write(queue, coefficients, 0, order.coefficients));
  TT_TRY(ladder_.enqueue(queue, ladder, coefficients, arena));
  for (std::size_t i = 0; i < frames.size(); ++i) {
    FramePlaces& one = frames[i];
    const std::uint64_t luma = std::uint64_t{one.size.width} * one.size.height;
    const std::uint64_t chroma = (ladder.pictures[order.frames[i].picture].bytes / sizeof(std::uint16_t) - luma) / 2;
    const std::uint64_t fine_at = ladder.pictures[order.frames[i].picture].at;
    TT_TRY(ladder_.enqueue_code(queue, arena, fine_at, luma, kVideoLuma, one.frame.y_at));
    TT_TRY(ladder_.enqueue_code(queue, arena, fine_at + 2 * luma, chroma, kVideoChroma, one.frame.u_at));
    TT_TRY(ladder_.enqueue_code(queue, arena, fine_at + 2 * (luma + chroma), chroma, kVideoChroma, one.frame.v_at));
    TT_TRY(vp8_.enqueue_apart(queue, arena, one.frame, one.apart_at));
  }
  TT_TRY(wait_for(queue));
  for (FramePlaces& one : frames) TT_TRY(enqueue_read(queue, arena, one.apart_at, writable_bytes_of_all(one.apart)));
  for (const std::uint32_t picture : order.kept) {
    const PictureSize& size = order.sizes[picture];
    made.kept.push_back(Planes::allocate(size.width, size.height, size.chroma));
    TT_TRY(enqueue_read(queue, arena, ladder.pictures[picture].at, made.kept.back().mutable_view()));
  }
  TT_TRY(wait_for(queue));
  const auto have_planes = Steady::now();
  made.ladder_seconds = std::chrono::duration<double>(have_planes - began).count();
  if (frames.empty()) return {};

  for (FramePlaces& one : frames) {
    TT_TRY(one.make_plan());
    TT_TRY(enqueue_write(queue, arena, one.frame.segments_at, one.plan->segments.of_macroblock));
  }
  std::uint64_t macroblocks = 0;
  for (const FramePlaces& one : frames) macroblocks += one.count();
  TT_ASSIGN(const std::span<std::uint8_t> answers, answers_.take(macroblocks * sizeof(Vp8DeviceMacroblock)));
  auto* next = reinterpret_cast<Vp8DeviceMacroblock*>(answers.data());
  for (FramePlaces& one : frames) one.macroblocks = {std::exchange(next, next + one.count()), one.count()};

  // Frames that take more passes than others go on without them.
  made.frames.resize(frames.size());
  for (int pass = 1;; ++pass) {
    std::vector<FramePlaces*> left;
    for (FramePlaces& one : frames)
      if (pass <= one.plan->passes) left.push_back(&one);
    if (left.empty()) break;
    TT_TRY(decide(left, arena));
    for (FramePlaces* one : left) {
      vp8::FrameAssembly assembly = one->assemble();
      if (pass < one->plan->passes) {
        vp8::refine(*one->plan, assembly);
        continue;
      }
      TT_ASSIGN(made.frames[static_cast<std::size_t>(one - frames.data())],
                assembly.write(size_only(one->size), one->settings, *one->plan, simd::put_vp8_tokens));
    }
  }
  made.frames_seconds = std::chrono::duration<double>(Steady::now() - have_planes).count();
  return {};
}

// One pass over all macroblocks of these frames, together.
Status ClPictureMaker::decide(const std::vector<FramePlaces*>& frames, cl_mem arena) {
  cl_command_queue queue = queue_.get();
  std::vector<Vp8DeviceFrame> device_frames;
  for (FramePlaces* one : frames) {
    device_frames.push_back(one->frame);
    one->tables = device_tables(one->plan->tables);
    TT_TRY(enqueue_write(queue, arena, one->frame.tables_at,
                         {reinterpret_cast<const std::uint8_t*>(&one->tables), sizeof one->tables}));
    TT_TRY(enqueue_write(queue, arena, one->frame.credit_at, bytes_of_all(one->credit)));
  }
  TT_TRY(wait_for(queue));
  TT_TRY(batches_->decide(arena, device_frames));
  for (FramePlaces* one : frames)
    TT_TRY(enqueue_read(queue, arena, one->frame.macroblocks_at, writable_bytes_of_all(one->macroblocks)));
  return wait_for(queue);
}

}  // namespace tintype
