#include "workers/wire/answer_check.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "codec/probe.h"
#include "workers/coefficient_picture.h"
#include "workers/shared_memory.h"
#include "workers/wire/session_wire.h"

namespace tintype {
namespace {

constexpr UnixMs kYear1 = -62'135'596'800'000;
constexpr UnixMs kYear10000 = 253'402'300'800'000;
constexpr std::uint64_t kMaxPeakBytes = 1ull << 40;
constexpr double kClockSlackSeconds = 1.0;

std::unexpected<Error> lied(const std::string& what) {
  return fail(ErrorCode::kWorkerLied, "a worker answered " + what + "; it was ended");
}

Status check_source_info(const SourceInfo& info, std::uint64_t source_bytes) {
  const bool possible = info.width > 0 && info.height > 0 && info.orientation >= 1 && info.orientation <= 8 &&
                        (info.channels == 1 || info.channels == 3 || info.channels == 4) && info.bits >= 1 &&
                        info.bits <= 32 && info.frames > 0 && info.bytes == source_bytes;
  if (!possible) return lied("a header that no photo has");
  return {};
}

// JPEG's decoder may scale by 1/2, 1/4 or 1/8, rounding either way.
bool is_scaled(std::uint32_t full, std::uint32_t made, std::uint32_t divisor) {
  return made >= 1 && made >= full / divisor && made <= full / divisor + 1;
}

Status check_decoded_shape(const SourceInfo& info, std::uint32_t min_long_side_px, const PictureShape& shape) {
  const std::uint32_t width = info.upright_width(), height = info.upright_height();
  if (shape.layout == PixelLayout::kJpegCoefficients) return lied("coefficients for a decoded picture");
  if (shape.width == width && shape.height == height) return {};
  if (info.format == ImageFormat::kJpeg &&
      std::max(shape.width, shape.height) >= std::min(min_long_side_px, std::max(width, height))) {
    for (std::uint32_t divisor : {2u, 4u, 8u}) {
      if (is_scaled(width, shape.width, divisor) && is_scaled(height, shape.height, divisor)) return {};
    }
  }
  return lied("a decoded picture of the wrong size");
}

// A flat object of plain values, written anew: it is passed on to people's browsers.
Result<std::string> check_metadata_json(const std::string& text) {
  if (text.empty()) return text;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !std::ranges::all_of(json, [](const auto& value) { return value.is_primitive(); })) {
    return lied("metadata that is no flat JSON object");
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class AnswerCheck {
 public:
  AnswerCheck(const Task& task, TaskMemory& memory) : task_(task), memory_(memory) {}

  Result<StepResult> check(std::size_t index, AnsweredStep answered) {
    if (!std::isfinite(answered.seconds) || answered.seconds < 0) return lied("an impossible time");
    StepResult result;
    result.seconds = answered.seconds;
    TT_TRY(std::visit([&](const auto& step) { return check(step, answered, result); }, task_.steps[index]));
    TT_ASSIGN(result.picture, take_picture(index, answered));
    return result;
  }

 private:
  Status check(const ProbeStep&, AnsweredStep& answered, StepResult& result) const {
    const auto* info = std::get_if<SourceInfo>(&answered.value);
    if (!info) return lied("no header for a probe");
    TT_TRY(check_source_info(*info, task_.source->size()));
    result.value = *info;
    return {};
  }

  Status check(const DecodeStep& step, AnsweredStep& answered, StepResult& result) const {
    TT_ASSIGN(const PictureShape shape, take_decoded(step.info, step.min_long_side_px, answered, result));
    if (answered.picture && *answered.picture != shape) return lied("two shapes for one picture");
    return {};
  }

  Status check(const EntropyDecodeStep& step, AnsweredStep& answered, StepResult& result) const {
    TT_TRY(take_decoded(step.info, step.min_long_side_px, answered, result));
    const PictureShape coefficients{step.info.width, step.info.height, PixelLayout::kJpegCoefficients};
    if (answered.picture && *answered.picture != coefficients) return lied("other coefficients than asked for");
    return {};
  }

  Status check(const ReconstructStep& step, AnsweredStep& answered, StepResult&) const {
    if (!std::holds_alternative<std::monostate>(answered.value))
      return lied("a value for a picture made of coefficients");
    const PictureShape made{step.width, step.height, step.full_chroma ? PixelLayout::kYcc444 : PixelLayout::kYcc420};
    if (answered.picture && *answered.picture != made) return lied("another picture than its coefficients make");
    return {};
  }

  static Result<PictureShape> take_decoded(const SourceInfo& info, std::uint32_t min_long_side_px,
                                           AnsweredStep& answered, StepResult& result) {
    auto* decoded = std::get_if<DecodeResult>(&answered.value);
    if (!decoded) return lied("nothing for a decode");
    const PictureShape shape = decoded->shape;
    TT_TRY(check_decoded_shape(info, min_long_side_px, shape));
    if (decoded->taken_at_ms && (*decoded->taken_at_ms < kYear1 || *decoded->taken_at_ms >= kYear10000)) {
      return lied("a date out of this calendar");
    }
    TT_ASSIGN(decoded->metadata_json, check_metadata_json(decoded->metadata_json));
    result.value = std::move(*decoded);
    return shape;
  }

  Status check(const ResizeStep& step, AnsweredStep& answered, StepResult&) const {
    if (!std::holds_alternative<std::monostate>(answered.value)) return lied("a value for a resize");
    if (answered.picture && answered.picture->layout == PixelLayout::kJpegCoefficients)
      return lied("coefficients for a resize");
    if (answered.picture && (answered.picture->width != step.width || answered.picture->height != step.height)) {
      return lied("a resized picture of the wrong size");
    }
    return {};
  }

  Status check(const EncodeStep& step, AnsweredStep& answered, StepResult& result) const {
    auto* placed = std::get_if<PlacedFile>(&answered.value);
    if (!placed) return lied("no file for an encode");
    if (placed->offset < memory_.body_area_bytes || placed->offset > memory_.exchange_bytes ||
        placed->bytes > memory_.exchange_bytes - placed->offset || placed->bytes > max_file_bytes(step.encode)) {
      return lied("a file outside of its memory");
    }
    if (placed->threads < 1 || placed->threads > 64) return lied("an impossible number of threads");
    if (step.wants_thumbhash == placed->thumbhash.empty()) return lied("a thumbhash where none was wanted, or none");
    EncodedFile file;
    file.bytes = Bytes(placed->bytes);
    TT_TRY(read_exactly(memory_.exchange_fd, file.bytes.mutable_view(), placed->offset));
    TT_TRY(check_choice(step.encode, *placed));
    TT_TRY(check_file(step.encode, placed->format, file.bytes));
    file.format = placed->format;
    file.quality = placed->quality;
    file.effort = placed->effort;
    file.contract = std::move(placed->contract);
    if (file.contract) file.contract->target = *step.encode.target;
    file.encoder = std::move(placed->encoder);
    file.threads = placed->threads;
    file.thumbhash = std::move(placed->thumbhash);
    result.value = std::move(file);
    return {};
  }

  // Whether the plan leaves it this format, quality and effort, and whether its score is one.
  static Status check_choice(const PlannedEncode& planned, const PlacedFile& placed) {
    const bool is_planned = placed.format == planned.format && placed.effort == planned.effort;
    const bool is_rival =
        planned.rival && placed.format == planned.rival->format && placed.effort == planned.rival->effort;
    if (!is_planned && !is_rival) return lied("a file of another format or effort than asked for");
    if (planned.target.has_value() != placed.contract.has_value())
      return lied("a score where none was asked for, or none");
    if (!planned.target)
      return placed.quality == planned.quality ? Status() : lied("a file of another quality than asked for");
    if (placed.quality < 0 || placed.quality > 100) return lied("an impossible quality");
    const ContractResult& result = *placed.contract;
    const auto is_score = [](double score) { return std::isfinite(score) && score <= 100; };
    const auto is_amount = [](double amount) { return std::isfinite(amount) && amount >= 0; };
    const auto is_part = [](int quarters) { return quarters >= 0 && quarters <= 3; };
    const bool possible = is_score(result.score) && is_part(result.quarters) && is_amount(result.share) &&
                          is_amount(result.seconds) && is_amount(result.encode_seconds) && !result.probes.empty() &&
                          std::ranges::all_of(result.probes, [&](const Probe& probe) {
                            return probe.quality >= 0 && probe.quality <= 100 && is_score(probe.score) &&
                                   is_amount(probe.seconds) && is_part(probe.quarters);
                          });
    if (!possible) return lied("a search for a score that cannot have been");
    if (result.is_met() && !planned.target->accepts(result.score)) return lied("a score that is not what it says");
    return {};
  }

  static Status check_file(const PlannedEncode& planned, ImageFormat format, ByteView file) {
    const Result<SourceInfo> info = probe(file);
    if (!info) return lied("a file whose header does not read (" + info.error().message + ")");
    if (info->format != format) return lied("a file of another format than asked for");
    if (info->width != planned.width || info->height != planned.height || info->orientation != 1 || info->frames != 1) {
      return lied("a file of " + std::to_string(info->width) + "x" + std::to_string(info->height) + " for one of " +
                  std::to_string(planned.width) + "x" + std::to_string(planned.height));
    }
    return {};
  }

  // The picture of a step that is kept, none of another's.
  Result<PictureHandle> take_picture(std::size_t index, const AnsweredStep& answered) {
    const auto kept = std::ranges::find(task_.keep_pictures, index);
    const bool is_kept = kept != task_.keep_pictures.end();
    if (is_kept != answered.picture.has_value()) return lied("pictures that were not asked for, or too few");
    if (!is_kept) return nullptr;
    if (answered.picture->bytes() > max_picture_bytes(task_, *kept)) return lied("a picture larger than its memory");
    UniqueFd& fd = memory_.kept[static_cast<std::size_t>(kept - task_.keep_pictures.begin())];
    if (!seal_for_good(fd.get())) return lied("while it could still write its picture");
    if (answered.picture->layout == PixelLayout::kJpegCoefficients) {
      Bytes header(kCoefficientsHeaderBytes);
      TT_TRY(read_exactly(fd.get(), header.mutable_view(), 0));
      if (!read_coefficient_header(header, *answered.picture))
        return lied("coefficients that no JPEG of that size has");
    }
    return make_host_picture(*answered.picture, std::move(fd));
  }

  const Task& task_;
  TaskMemory& memory_;
};

bool may_be_answered(ErrorCode code) {
  return is_bad_picture(code) || code == ErrorCode::kOutOfMemory || code == ErrorCode::kInvalidArgument ||
         code == ErrorCode::kUnsupported || code == ErrorCode::kInternal;
}

}  // namespace

std::uint64_t max_picture_bytes(const Task& task, std::uint32_t index) {
  const auto largest = [](std::uint32_t width, std::uint32_t height) {
    return std::max(PictureShape{width, height, PixelLayout::kRgba8}.bytes(),
                    PictureShape{width, height, PixelLayout::kYcc444}.bytes());
  };
  const Step& step = task.steps[index];
  if (const auto* decode = std::get_if<DecodeStep>(&step)) return largest(decode->info.width, decode->info.height);
  if (const auto* entropy = std::get_if<EntropyDecodeStep>(&step)) {
    return PictureShape{entropy->info.width, entropy->info.height, PixelLayout::kJpegCoefficients}.bytes();
  }
  if (const auto* reconstruct = std::get_if<ReconstructStep>(&step))
    return largest(reconstruct->width, reconstruct->height);
  const auto& resize = std::get<ResizeStep>(step);
  return largest(resize.width, resize.height);
}

Result<TaskResult> check_answer(const Task& task, WorkerAnswer answer, TaskMemory& memory, double wall_seconds) {
  if (answer.error) {
    if (!may_be_answered(answer.error->code)) return lied("an error that is not its to give");
    return fail(*std::move(answer.error));
  }
  if (answer.steps.size() != task.steps.size()) return lied("another number of steps than it was given");
  if (answer.peak_bytes > kMaxPeakBytes) return lied("more memory than there is");
  TaskResult result;
  result.work_seconds = wall_seconds;
  result.peak_bytes = answer.peak_bytes;
  AnswerCheck check(task, memory);
  double cpu_seconds = 0;
  for (std::size_t i = 0; i < task.steps.size(); ++i) {
    TT_ASSIGN(StepResult step, check.check(i, std::move(answer.steps[i])));
    cpu_seconds += step.seconds;
    result.steps.push_back(std::move(step));
  }
  if (cpu_seconds > wall_seconds + kClockSlackSeconds) return lied("more CPU time than passed");
  return result;
}

}  // namespace tintype
