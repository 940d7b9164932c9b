#include "workers/task.h"

#include <algorithm>

namespace tintype {
namespace {

constexpr std::uint64_t kProcessBytes = 64ull << 20;
constexpr std::uint64_t kMaxPixels = 1ull << 32;

std::string_view step_name(const Step& step) {
  const auto* encode = std::get_if<EncodeStep>(&step);
  if (encode && encode->encode.target) return "encode-to-score";
  constexpr std::string_view kNames[] = {"probe", "decode", "resize", "encode", "entropy-decode", "reconstruct"};
  return kNames[step.index()];
}

// Bytes of working memory a pixel, for the hungriest version of each encoder that was measured.
std::uint64_t encoder_bytes_per_pixel(Encoder encoder) {
  switch (encoder) {
    case Encoder::kLibwebp:
      return 12;
    case Encoder::kTintype:
      return 32;
    case Encoder::kAom:
      break;
  }
  return 48;
}

// A score takes the original as the metric keeps it (half as much again with alpha), as it is
// encoded, and the candidate.
constexpr std::uint64_t kMetricBytesPerPixel = 48;

std::uint64_t encode_bytes_per_pixel(const PlannedEncode& encode) {
  const std::uint64_t encoder = std::max(encoder_bytes_per_pixel(encode.encoder),
                                         encode.rival ? encoder_bytes_per_pixel(encode.rival->encoder) : 0);
  return encoder + (encode.target ? kMetricBytesPerPixel : 0);
}

// What decoding takes at its peak and the picture it leaves.
struct DecodeBytes {
  std::uint64_t peak = 0;
  std::uint64_t picture = 0;
};

// `is_reduced`: nobody reads the picture but steps that reduce it. Of a JPEG that then stays in planes, only the rows
// that the filters reach are held (codec/planar); a progressive one's coefficients are given back while its rungs are
// made.
DecodeBytes decode_bytes(const DecodeStep& step, bool is_reduced) {
  const std::uint64_t pixels = step.info.pixels();
  if (step.info.format == ImageFormat::kJpeg && is_reduced) {
    constexpr std::uint64_t kBytesAColumn = 1024;
    const std::uint64_t coefficients = step.info.progressive ? pixels * 2 * step.info.channels : 0;
    return {std::uint64_t{step.info.width} * kBytesAColumn + coefficients, 0};
  }
  std::uint64_t kept = pixels;
  const std::uint64_t long_side = std::max(step.info.width, step.info.height);
  if (step.info.format == ImageFormat::kJpeg && step.min_long_side_px > 0) {
    for (std::uint64_t scale : {8, 4, 2}) {
      if (long_side / scale >= step.min_long_side_px) {
        kept = pixels / (scale * scale);
        break;
      }
    }
  }
  const std::uint64_t picture = kept * (step.info.has_alpha ? 4 : 3);
  // Coefficients of a progressive JPEG take two bytes at the most; other decoders keep a frame of their own beside
  // ours, and a rotation is not done in place.
  std::uint64_t working = 0;
  if (step.info.format == ImageFormat::kJpeg) {
    working = step.info.progressive ? pixels * 2 * step.info.channels : 0;
  } else {
    working = pixels * 4 * (step.info.bits > 8 ? 2 : 1);
  }
  if (step.info.orientation != 1) working += picture;
  return {picture + working, picture};
}

bool is_only_reduced(const Task& task, std::uint32_t decode_step) {
  if (std::ranges::contains(task.keep_pictures, decode_step)) return false;
  return std::ranges::none_of(task.steps, [&](const Step& step) {
    const auto* encode = std::get_if<EncodeStep>(&step);
    return encode && encode->input.from == PictureRef::From::kStep && encode->input.index == decode_step;
  });
}

bool makes_pixels(const Step& step) {
  return std::holds_alternative<DecodeStep>(step) || std::holds_alternative<ResizeStep>(step) ||
         std::holds_alternative<ReconstructStep>(step);
}

bool makes_picture(const Step& step) { return makes_pixels(step) || std::holds_alternative<EntropyDecodeStep>(step); }

// What is wrong with step `index` of `task`; empty: nothing.
std::string_view step_fault(const Task& task, std::size_t index) {
  const auto is_given = [&](PictureRef ref, bool coefficients) {
    if (ref.from != PictureRef::From::kInput || ref.index >= task.inputs.size()) return false;
    return coefficients == (task.inputs[ref.index]->shape().layout == PixelLayout::kJpegCoefficients);
  };
  const auto is_there = [&](PictureRef ref) {
    if (ref.from == PictureRef::From::kInput) return is_given(ref, false);
    return ref.index < index && makes_pixels(task.steps[ref.index]);
  };
  const auto size_fault = [](std::uint64_t width, std::uint64_t height) -> std::string_view {
    if (width == 0 || height == 0) return "makes a picture without pixels";
    return width * height > kMaxPixels ? "makes a picture of more than 2^32 pixels" : "";
  };
  const Step& step = task.steps[index];
  if (const auto* resize = std::get_if<ResizeStep>(&step)) {
    return is_there(resize->input) ? size_fault(resize->width, resize->height) : "reads a picture that is not there";
  }
  if (const auto* encode = std::get_if<EncodeStep>(&step)) {
    const PlannedEncode& planned = encode->encode;
    return is_there(encode->input) ? size_fault(planned.width, planned.height) : "reads a picture that is not there";
  }
  if (const auto* reconstruct = std::get_if<ReconstructStep>(&step)) {
    if (!is_given(reconstruct->input, true)) return "reads coefficients that were not handed in";
    if (reconstruct->orientation < 1 || reconstruct->orientation > 8) return "turns its picture in no known way";
    return size_fault(reconstruct->width, reconstruct->height);
  }
  if (!task.source) return "needs a source and the task has none";
  if (const auto* decode = std::get_if<DecodeStep>(&step)) return size_fault(decode->info.width, decode->info.height);
  if (const auto* entropy = std::get_if<EntropyDecodeStep>(&step)) {
    if (!std::ranges::contains(task.keep_pictures, index)) return "makes coefficients that nobody keeps";
    return size_fault(entropy->info.width, entropy->info.height);
  }
  return {};
}

}  // namespace

Status check_task(const Task& task) {
  const auto bad = [&](std::string_view what) -> Status {
    return fail(ErrorCode::kInvalidArgument, "task " + task.describe() + " " + std::string(what));
  };
  if (task.steps.empty()) return bad("has no steps");
  if (task.steps.size() > kMaxTaskSteps) return bad("has more than 80 steps");
  if (task.inputs.size() > kMaxTaskPictures) return bad("has more than 33 input pictures");
  if (task.keep_pictures.size() > kMaxTaskPictures) return bad("keeps more than 33 pictures");
  for (const PictureHandle& input : task.inputs) {
    if (!input) return bad("has an empty input picture");
  }
  for (std::size_t i = 0; i < task.steps.size(); ++i) {
    if (const std::string_view fault = step_fault(task, i); !fault.empty()) {
      return bad("is wrong: step " + std::to_string(i) + " " + std::string(fault));
    }
  }
  for (std::size_t i = 0; i < task.keep_pictures.size(); ++i) {
    const std::uint32_t kept = task.keep_pictures[i];
    if (kept >= task.steps.size() || !makes_picture(task.steps[kept])) return bad("keeps what is not a picture");
    if (std::count(task.keep_pictures.begin(), task.keep_pictures.end(), kept) > 1) {
      return bad("keeps a picture twice");
    }
  }
  return {};
}

const PictureRef* input_of(const Step& step) {
  if (const auto* resize = std::get_if<ResizeStep>(&step)) return &resize->input;
  if (const auto* encode = std::get_if<EncodeStep>(&step)) return &encode->input;
  if (const auto* reconstruct = std::get_if<ReconstructStep>(&step)) return &reconstruct->input;
  return nullptr;
}

std::string Task::describe() const {
  std::string text;
  for (std::size_t i = 0; i < steps.size();) {
    std::size_t end = i;
    while (end < steps.size() && step_name(steps[end]) == step_name(steps[i])) ++end;
    if (!text.empty()) text += '+';
    text += step_name(steps[i]);
    if (end - i > 1) text += " x" + std::to_string(end - i);
    i = end;
  }
  return text;
}

std::uint64_t estimate_task_bytes(const Task& task) {
  std::uint64_t standing = kProcessBytes + (task.source ? task.source->size() : 0);
  for (const PictureHandle& input : task.inputs) standing += 2 * input->shape().bytes();  // shared, and a copy
  std::uint64_t working = 0;
  for (const Step& step : task.steps) {
    if (const auto* decode = std::get_if<DecodeStep>(&step)) {
      const DecodeBytes bytes =
          decode_bytes(*decode, is_only_reduced(task, static_cast<std::uint32_t>(&step - task.steps.data())));
      standing += bytes.picture;
      working = std::max(working, bytes.peak - bytes.picture);
    } else if (const auto* entropy = std::get_if<EntropyDecodeStep>(&step)) {
      // As libjpeg holds them, and as they are handed on.
      standing += 2 * PictureShape{entropy->info.width, entropy->info.height, PixelLayout::kJpegCoefficients}.bytes();
    } else if (const auto* reconstruct = std::get_if<ReconstructStep>(&step)) {
      // Its samples, their halvings, and the rows on their way to the pictures.
      constexpr std::uint64_t kBytesAPixel = 12;
      standing += std::uint64_t{reconstruct->width} * reconstruct->height * kBytesAPixel;
    } else if (const auto* resize = std::get_if<ResizeStep>(&step)) {
      standing += std::uint64_t{resize->width} * resize->height * (resize->full_chroma ? 6 : 4);
    } else if (const auto* encode = std::get_if<EncodeStep>(&step)) {
      const std::uint64_t pixels = std::uint64_t{encode->encode.width} * encode->encode.height;
      working = std::max(working, pixels * encode_bytes_per_pixel(encode->encode));
      standing += pixels / 2;  // the file
    }
  }
  return standing + working;
}

}  // namespace tintype
