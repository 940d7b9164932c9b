#include "workers/cpu/step_pictures.h"

#include <span>
#include <utility>

#include "workers/shared_memory.h"

namespace tintype {
namespace {

// Memory for a picture of that shape, whose bytes somebody else knows.
Pixels allocate(const PictureShape& shape) {
  if (shape.is_planar()) {
    return Planes::allocate(shape.width, shape.height,
                            shape.layout == PixelLayout::kYcc444 ? Chroma::kFull : Chroma::kHalf);
  }
  return Image::allocate(shape.width, shape.height, shape.channels());
}

std::span<std::uint8_t> memory_of(Pixels& pixels) {
  if (auto* planes = std::get_if<Planes>(&pixels)) return planes->mutable_view();
  return std::get<Image>(pixels).pixels.mutable_view();
}

}  // namespace

PixelLayout layout_of(const Pixels& pixels) {
  if (const auto* planes = std::get_if<Planes>(&pixels)) {
    return planes->chroma() == Chroma::kFull ? PixelLayout::kYcc444 : PixelLayout::kYcc420;
  }
  return std::get<Image>(pixels).channels == 4 ? PixelLayout::kRgba8 : PixelLayout::kRgb8;
}

PictureShape shape_of(const Pixels& pixels) { return {width_of(pixels), height_of(pixels), layout_of(pixels)}; }

StepPictures::StepPictures(const WorkerTask& task)
    : task_(task), made_(task.work.steps.size()), made_uses_(made_.size()), given_(task.inputs.size()) {
  for (const Step& step : task.work.steps) {
    const PictureRef* ref = input_of(step);
    if (ref && ref->from == PictureRef::From::kStep && ref->index < made_uses_.size()) ++made_uses_[ref->index];
  }
}

void StepPictures::put(std::size_t step, std::shared_ptr<const Pixels> image) {
  if (made_uses_[step] > 0) made_[step] = std::move(image);
}

void StepPictures::pass_over(PictureRef ref) {
  if (ref.from == PictureRef::From::kStep && --made_uses_[ref.index] == 0) made_[ref.index] = nullptr;
}

Result<std::shared_ptr<const Pixels>> StepPictures::take(PictureRef ref) {
  if (ref.from == PictureRef::From::kInput) return given(ref.index);
  if (ref.index >= made_.size() || !made_[ref.index]) {
    return fail(ErrorCode::kInvalidArgument, "a step reads a picture that is not there");
  }
  std::shared_ptr<const Pixels> image = made_[ref.index];
  if (--made_uses_[ref.index] == 0) made_[ref.index] = nullptr;
  return image;
}

// A picture handed in is read once, and kept: the steps that read it usually follow each other.
Result<std::shared_ptr<const Pixels>> StepPictures::given(std::uint32_t index) {
  if (index >= given_.size()) return fail(ErrorCode::kInvalidArgument, "a step reads a picture that was not given");
  if (!given_[index]) {
    const PictureShape& shape = task_.work.inputs[index];
    if (shape.layout == PixelLayout::kJpegCoefficients) {
      return fail(ErrorCode::kInvalidArgument, "a step reads coefficients as if they were a picture");
    }
    auto pixels = std::make_shared<Pixels>(allocate(shape));
    TT_TRY(read_exactly(task_.inputs[index].get(), memory_of(*pixels), 0));
    given_[index] = std::move(pixels);
  }
  return given_[index];
}

}  // namespace tintype
