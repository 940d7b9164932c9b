#include "workers/cpu/step_runner.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <utility>

#include "codec/contract_encoder.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/jpeg/coefficient_ladder.h"
#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/ladder.h"
#include "codec/metadata.h"
#include "codec/planes.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "codec/thumbhash.h"
#include "workers/coefficient_picture.h"
#include "workers/cpu/step_pictures.h"
#include "workers/task_ladder.h"

namespace tintype {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::uint64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

// What a policy lets through, within what the lane takes. What is left out is said in `warnings`.
EmbeddedMetadata embed(Metadata& metadata, const MetadataPolicy& policy, std::vector<std::string>& warnings) {
  EmbeddedMetadata embedded;
  if (policy.colour_profile && !metadata.icc_is_srgb) {
    if (metadata.icc.size() <= kMaxIccBytes) {
      embedded.icc = std::move(metadata.icc);
    } else {
      warnings.push_back("colour profile of " + std::to_string(metadata.icc.size()) + " bytes left out: too large");
    }
  }
  embedded.exif = build_exif(metadata, policy);
  if (embedded.exif.size() > kMaxExifBytes) {
    warnings.push_back("EXIF of " + std::to_string(embedded.exif.size()) + " bytes left out: too large");
    embedded.exif = {};
  }
  return embedded;
}

class StepRunner {
 public:
  StepRunner(const WorkerTask& task, WorkerSession& session) : task_(task), session_(session), pictures_(task) {}

  Result<AnsweredStep> run(std::size_t index) {
    const double start = cpu_seconds();
    AnsweredStep answered;
    TT_ASSIGN(std::shared_ptr<const Pixels> made,
              std::visit([&](const auto& step) { return perform(step, index, answered); }, task_.work.steps[index]));
    if (made) {
      TT_TRY(keep(index, *made, answered));
      pictures_.put(index, std::move(made));
    }
    answered.seconds = cpu_seconds() - start;
    return answered;
  }

 private:
  using Made = Result<std::shared_ptr<const Pixels>>;

  Made perform(const ProbeStep&, std::size_t, AnsweredStep& answered) {
    TT_ASSIGN(answered.value, probe(task_.source.view()));
    return nullptr;
  }

  Made perform(const DecodeStep& step, std::size_t index, AnsweredStep& answered) {
    Ladder ladder;
    const DecodeOptions options{step.min_long_side_px, step.damaged, !step.metadata.colour_profile};
    const TaskLadder wanted = ladder_of_step(index);
    // A scaled decode's own size is libjpeg's to say, so such a picture cannot be asked for by size.
    if (wanted.keeps_own && step.min_long_side_px != 0) {
      TT_ASSIGN(Decoded decoded, decode(task_.source.view(), step.info, options));
      ladder.decoded = {decoded.image.width, decoded.image.height};
      ladder.metadata = std::move(decoded.metadata);
      ladder.warnings = std::move(decoded.warnings);
      ladder.pictures.emplace_back(std::move(decoded.image));
    } else {
      const PictureSize own{step.info.upright_width(), step.info.upright_height(), chroma_of(step.full_chroma)};
      TT_ASSIGN(ladder, decode_ladder(task_.source.view(), step.info, options, sizes_of(wanted, own)));
    }
    std::shared_ptr<const Pixels> own = spread(wanted, std::move(ladder.pictures));
    const PixelLayout layout = own               ? layout_of(*own)
                               : ladder_.empty() ? PixelLayout::kRgb8
                                                 : layout_of(*ladder_.begin()->second);
    const PictureShape shape{ladder.decoded.width, ladder.decoded.height, layout};
    TT_ASSIGN(answered.value, describe(shape, ladder.metadata, ladder.warnings, step.metadata));
    return own;
  }

  Made perform(const EntropyDecodeStep& step, std::size_t index, AnsweredStep& answered) {
    const DecodeOptions options{step.min_long_side_px, step.damaged, !step.metadata.colour_profile};
    std::optional<JpegCoefficients> jpeg;
    if (step.info.format == ImageFormat::kJpeg) {
      TT_ASSIGN(jpeg, decode_jpeg_coefficients(task_.source.view(), step.info, options));
    }
    if (!jpeg) return fail(ErrorCode::kUnsupported, "this file has to be decoded: its coefficients alone will not do");
    const PictureShape shape{step.info.width, step.info.height, PixelLayout::kJpegCoefficients};
    TT_ASSIGN(const int fd, memory_to_keep(index, shape));
    TT_TRY(write_coefficients(*jpeg, fd));
    answered.picture = shape;
    PictureShape upright{jpeg->width, jpeg->height, PixelLayout::kYcc420};
    if (step.info.swaps_sides()) std::swap(upright.width, upright.height);
    TT_ASSIGN(answered.value, describe(upright, jpeg->metadata, jpeg->warnings, step.metadata));
    return nullptr;
  }

  Made perform(const ReconstructStep& step, std::size_t index, AnsweredStep&) {
    if (step.input.from != PictureRef::From::kInput || step.input.index >= task_.inputs.size()) {
      return fail(ErrorCode::kInvalidArgument, "a step reads coefficients that were not given");
    }
    const PictureShape& shape = task_.work.inputs[step.input.index];
    TT_ASSIGN(const Mapping memory,
              Mapping::map(task_.inputs[step.input.index].get(), shape.bytes(), Mapping::Access::kRead));
    TT_ASSIGN(const CoefficientPicture jpeg, read_coefficients(memory.view(), shape));
    const TaskLadder wanted = ladder_of_step(index);
    const PictureSize own{step.width, step.height, chroma_of(step.full_chroma)};
    std::vector<Pixels> pictures;
    for (Planes& planes : make_ladder(jpeg.components, jpeg.coefficients, step.orientation, sizes_of(wanted, own))) {
      pictures.emplace_back(std::move(planes));
    }
    return spread(wanted, std::move(pictures));
  }

  Made perform(const ResizeStep& step, std::size_t index, AnsweredStep&) {
    if (auto made = ladder_.extract(index)) {
      pictures_.pass_over(step.input);
      return std::move(made.mapped());
    }
    TT_ASSIGN(const std::shared_ptr<const Pixels> input, pictures_.take(step.input));
    if (width_of(*input) == step.width && height_of(*input) == step.height) return input;
    const auto* image = std::get_if<Image>(input.get());
    TT_ASSIGN(Image smaller, image ? resize(*image, step.width, step.height)
                                   : resize(to_rgb(std::get<Planes>(*input)), step.width, step.height));
    return std::make_shared<Pixels>(std::move(smaller));
  }

  Made perform(const EncodeStep& step, std::size_t, AnsweredStep& answered) {
    TT_ASSIGN(const std::shared_ptr<const Pixels> input, pictures_.take(step.input));
    const PlannedEncode& planned = step.encode;
    if (width_of(*input) != planned.width || height_of(*input) != planned.height) {
      return fail(ErrorCode::kInvalidArgument,
                  "a picture of " + std::to_string(width_of(*input)) + "x" + std::to_string(height_of(*input)) +
                      " was to be encoded as " + std::to_string(planned.width) + "x" + std::to_string(planned.height));
    }
    const EmbeddedMetadata none;
    const EmbeddedMetadata* metadata = step.metadata   ? step.metadata.get()
                                       : own_metadata_ ? own_metadata_.get()
                                                       : &none;
    EncodeOptions options{planned.format, planned.encoder, planned.quality, planned.effort, 1};
    std::optional<ContractResult> contract;
    TT_ASSIGN(const Bytes file, planned.target ? encode_to_score(planned, input, *metadata, options, contract)
                                               : encode(*input, options, metadata->icc, metadata->exif));
    TT_ASSIGN(PlacedFile placed, session_.put_file(file));
    placed.format = options.format;
    placed.quality = options.quality;
    placed.effort = options.effort;
    placed.encoder = clean_text(encoder_build(options.encoder));
    placed.threads = options.threads;
    placed.contract = std::move(contract);
    if (step.wants_thumbhash) {
      const auto* planes = std::get_if<Planes>(input.get());
      TT_ASSIGN(placed.thumbhash, planes ? thumbhash_of(to_rgb(*planes)) : thumbhash_of(std::get<Image>(*input)));
    }
    answered.value = std::move(placed);
    return nullptr;
  }

  // `options` become those that the file was made with.
  Result<Bytes> encode_to_score(const PlannedEncode& planned, const std::shared_ptr<const Pixels>& picture,
                                const EmbeddedMetadata& metadata, EncodeOptions& options,
                                std::optional<ContractResult>& contract) {
    const ScoreRequest request{options, *planned.target, planned.max_bytes};
    const auto search = [&] {
      if (!planned.rival) return contracts_.encode(picture, request, metadata.icc, metadata.exif);
      const EncodeOptions rival{planned.rival->format, planned.rival->encoder, 0, planned.rival->effort, 1};
      return contracts_.encode_best(picture, request, rival, metadata.icc, metadata.exif);
    };
    TT_ASSIGN(ScoredFile scored, search());
    options = scored.options;
    contract = std::move(scored.result);
    return std::move(scored.bytes);
  }

  TaskLadder ladder_of_step(std::size_t index) const {
    return ladder_of(task_.work.steps, task_.work.keep_pictures,
                     {PictureRef::From::kStep, static_cast<std::uint32_t>(index)});
  }

  static std::vector<PictureSize> sizes_of(const TaskLadder& wanted, const PictureSize& own) {
    std::vector<PictureSize> sizes;
    if (wanted.keeps_own) sizes.push_back(own);
    for (const TaskLadder::Rung& rung : wanted.rungs) sizes.push_back(rung.size);
    return sizes;
  }

  // Lays pictures of sizes_of(wanted) by for the resize steps to come; answers the step's own, if it is wanted.
  std::shared_ptr<const Pixels> spread(const TaskLadder& wanted, std::vector<Pixels> pictures) {
    auto next = pictures.begin();
    std::shared_ptr<const Pixels> own;
    if (wanted.keeps_own) own = std::make_shared<const Pixels>(std::move(*next++));
    for (const TaskLadder::Rung& rung : wanted.rungs) {
      const auto made = std::make_shared<const Pixels>(std::move(*next++));
      for (const std::size_t resize_step : rung.steps) ladder_[resize_step] = made;
    }
    return own;
  }

  Result<DecodeResult> describe(const PictureShape& shape, Metadata& metadata, std::vector<std::string>& warnings,
                                const MetadataPolicy& policy) {
    DecodeResult result;
    result.shape = shape;
    result.taken_at_ms = policy.date ? metadata.taken_at_ms : std::nullopt;
    result.metadata_json = metadata_json(metadata, policy);
    own_metadata_ = std::make_shared<EmbeddedMetadata>(embed(metadata, policy, warnings));
    result.embedded = own_metadata_;
    warnings.resize(std::min<std::size_t>(warnings.size(), kMaxWarnings));
    for (const std::string& warning : warnings) result.warnings.push_back(clean_text(warning));
    if (result.metadata_json.size() > kMaxMetadataJsonBytes) {
      return fail(ErrorCode::kInternal, "metadata of more than 16 KiB came through the policy");
    }
    return result;
  }

  Status keep(std::size_t index, const Pixels& pixels, AnsweredStep& answered) const {
    if (!std::ranges::contains(task_.work.keep_pictures, index)) return {};
    const PictureShape shape = shape_of(pixels);
    TT_ASSIGN(const int fd, memory_to_keep(index, shape));
    TT_TRY(write_rows(pixels, fd));
    answered.picture = shape;
    return {};
  }

  // The memory that a kept step's picture goes to.
  Result<int> memory_to_keep(std::size_t index, const PictureShape& shape) const {
    const auto& keeps = task_.work.keep_pictures;
    const auto place = static_cast<std::size_t>(std::ranges::find(keeps, index) - keeps.begin());
    if (place == keeps.size()) return fail(ErrorCode::kInvalidArgument, "a step makes coefficients that nobody keeps");
    if (shape.bytes() > task_.header.kept_bytes[place]) {
      return fail(ErrorCode::kInternal, "a picture is larger than its header said");
    }
    return task_.kept[place].get();
  }

  static Status write_rows(const Pixels& pixels, int fd) {
    if (const auto* planes = std::get_if<Planes>(&pixels)) return write_exactly(fd, planes->view(), 0);
    const auto& image = std::get<Image>(pixels);
    const std::size_t row_bytes = std::size_t{image.width} * image.channels;
    if (image.stride_bytes == row_bytes)
      return write_exactly(fd, image.pixels.view().first(row_bytes * image.height), 0);
    for (std::uint32_t y = 0; y < image.height; ++y)
      TT_TRY(write_exactly(fd, {image.row(y), row_bytes}, y * row_bytes));
    return {};
  }

  const WorkerTask& task_;
  WorkerSession& session_;
  StepPictures pictures_;
  std::map<std::size_t, std::shared_ptr<const Pixels>> ladder_;  // made by the decode, for resize steps to come
  std::shared_ptr<const EmbeddedMetadata> own_metadata_;
  ContractEncoder contracts_;  // all of a task's encodes are of one photo
};

Result<WorkerAnswer> run_all(const WorkerTask& task, WorkerSession& session) {
  StepRunner runner(task, session);
  WorkerAnswer answer;
  for (std::size_t i = 0; i < task.work.steps.size(); ++i) {
    TT_ASSIGN(AnsweredStep step, runner.run(i));
    answer.steps.push_back(std::move(step));
  }
  answer.peak_bytes = peak_bytes();
  return answer;
}

bool may_be_answered(ErrorCode code) {
  return is_bad_picture(code) || code == ErrorCode::kOutOfMemory || code == ErrorCode::kInvalidArgument ||
         code == ErrorCode::kUnsupported || code == ErrorCode::kInternal;
}

WorkerAnswer failed(const Error& error) {
  WorkerAnswer answer;
  answer.error = Error{may_be_answered(error.code) ? error.code : ErrorCode::kInternal, clean_text(error.message)};
  return answer;
}

}  // namespace

WorkerAnswer run_steps(const WorkerTask& task, WorkerSession& session) {
  try {
    Result<WorkerAnswer> answer = run_all(task, session);
    return answer ? *std::move(answer) : failed(answer.error());
  } catch (const std::bad_alloc&) {
    return failed({ErrorCode::kOutOfMemory, "the task needs more memory than a sandboxed child may have"});
  } catch (const std::exception& error) {
    return failed({ErrorCode::kInternal, std::string("a codec threw: ") + error.what()});
  }
}

}  // namespace tintype
