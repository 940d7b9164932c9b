#include "workers/cpu/step_runner.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/image.h"
#include "codec/metadata.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "codec/thumbhash.h"

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

PictureShape shape_of(const Image& image) {
  return {image.width, image.height, image.channels == 4 ? PixelLayout::kRgba8 : PixelLayout::kRgb8};
}

const PictureRef* input_of(const Step& step) {
  if (const auto* resize = std::get_if<ResizeStep>(&step)) return &resize->input;
  if (const auto* encode = std::get_if<EncodeStep>(&step)) return &encode->input;
  return nullptr;
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

// Pictures by reference, each freed after its last use.
class Pictures {
 public:
  explicit Pictures(const ChildTask& task)
      : task_(task), made_(task.work.steps.size()), made_uses_(made_.size()), given_(task.inputs.size()) {
    for (const Step& step : task.work.steps) {
      const PictureRef* ref = input_of(step);
      if (ref && ref->from == PictureRef::From::kStep && ref->index < made_uses_.size()) ++made_uses_[ref->index];
    }
  }

  void put(std::size_t step, std::shared_ptr<const Image> image) {
    if (made_uses_[step] > 0) made_[step] = std::move(image);
  }

  Result<std::shared_ptr<const Image>> take(PictureRef ref) {
    if (ref.from == PictureRef::From::kInput) return given(ref.index);
    if (ref.index >= made_.size() || !made_[ref.index]) {
      return fail(ErrorCode::kInvalidArgument, "a step reads a picture that is not there");
    }
    std::shared_ptr<const Image> image = made_[ref.index];
    if (--made_uses_[ref.index] == 0) made_[ref.index] = nullptr;
    return image;
  }

 private:
  // A picture handed in is read once, and kept: the steps that read it usually follow each other.
  Result<std::shared_ptr<const Image>> given(std::uint32_t index) {
    if (index >= given_.size()) return fail(ErrorCode::kInvalidArgument, "a step reads a picture that was not given");
    if (!given_[index]) {
      const PictureShape& shape = task_.work.inputs[index];
      auto image = std::make_shared<Image>(Image::allocate(shape.width, shape.height, shape.channels()));
      TT_TRY(read_exactly(task_.inputs[index].get(), image->pixels.mutable_view(), 0));
      given_[index] = std::move(image);
    }
    return given_[index];
  }

  const ChildTask& task_;
  std::vector<std::shared_ptr<const Image>> made_;
  std::vector<int> made_uses_;
  std::vector<std::shared_ptr<const Image>> given_;
};

class StepRunner {
 public:
  StepRunner(const ChildTask& task, ChildSession& session) : task_(task), session_(session), pictures_(task) {}

  Result<AnsweredStep> run(std::size_t index) {
    const double start = cpu_seconds();
    AnsweredStep answered;
    TT_ASSIGN(std::shared_ptr<const Image> made,
              std::visit([&](const auto& step) { return perform(step, answered); }, task_.work.steps[index]));
    if (made) {
      TT_TRY(keep(index, *made, answered));
      pictures_.put(index, std::move(made));
    }
    answered.seconds = cpu_seconds() - start;
    return answered;
  }

 private:
  using Made = Result<std::shared_ptr<const Image>>;

  Made perform(const ProbeStep&, AnsweredStep& answered) {
    TT_ASSIGN(answered.value, probe(task_.source.view()));
    return nullptr;
  }

  Made perform(const DecodeStep& step, AnsweredStep& answered) {
    TT_ASSIGN(Decoded decoded, decode(task_.source.view(), step.info,
                                      {step.min_long_side_px, step.damaged, !step.metadata.colour_profile}));
    DecodeResult result;
    result.taken_at_ms = step.metadata.date ? decoded.metadata.taken_at_ms : std::nullopt;
    result.metadata_json = metadata_json(decoded.metadata, step.metadata);
    own_metadata_ =
        std::make_shared<EmbeddedMetadata>(embed(decoded.metadata, step.metadata, decoded.warnings));
    result.embedded = own_metadata_;
    result.shape = shape_of(decoded.image);
    decoded.warnings.resize(std::min<std::size_t>(decoded.warnings.size(), kMaxWarnings));
    for (const std::string& warning : decoded.warnings) result.warnings.push_back(clean_text(warning));
    if (result.metadata_json.size() > kMaxMetadataJsonBytes) {
      return fail(ErrorCode::kInternal, "metadata of more than 16 KiB came through the policy");
    }
    answered.value = std::move(result);
    return std::make_shared<Image>(std::move(decoded.image));
  }

  Made perform(const ResizeStep& step, AnsweredStep&) {
    TT_ASSIGN(const std::shared_ptr<const Image> input, pictures_.take(step.input));
    if (input->width == step.width && input->height == step.height) return input;
    TT_ASSIGN(Image smaller, resize(*input, step.width, step.height));
    return std::make_shared<Image>(std::move(smaller));
  }

  Made perform(const EncodeStep& step, AnsweredStep& answered) {
    TT_ASSIGN(const std::shared_ptr<const Image> input, pictures_.take(step.input));
    const PlannedEncode& planned = step.encode;
    if (input->width != planned.width || input->height != planned.height) {
      return fail(ErrorCode::kInvalidArgument, "a picture of " + std::to_string(input->width) + "x" +
                                                   std::to_string(input->height) + " was to be encoded as " +
                                                   std::to_string(planned.width) + "x" + std::to_string(planned.height));
    }
    const EmbeddedMetadata none;
    const EmbeddedMetadata* metadata = step.metadata ? step.metadata.get() : own_metadata_ ? own_metadata_.get() : &none;
    const EncodeOptions options{planned.format, planned.encoder, planned.quality, planned.effort, 1};
    TT_ASSIGN(const Bytes file, encode(*input, options, metadata->icc, metadata->exif));
    TT_ASSIGN(PlacedFile placed, session_.put_file(file));
    placed.encoder = clean_text(encoder_build(planned.encoder));
    placed.threads = options.threads;
    if (step.wants_thumbhash) {
      TT_ASSIGN(placed.thumbhash, thumbhash_of(*input));
    }
    answered.value = std::move(placed);
    return nullptr;
  }

  Status keep(std::size_t index, const Image& image, AnsweredStep& answered) const {
    const auto& keeps = task_.work.keep_pictures;
    const auto kept = std::ranges::find(keeps, index);
    if (kept == keeps.end()) return {};
    const auto place = static_cast<std::size_t>(kept - keeps.begin());
    const PictureShape shape = shape_of(image);
    if (shape.bytes() > task_.header.kept_bytes[place]) {
      return fail(ErrorCode::kInternal, "a picture is larger than its header said");
    }
    const std::size_t row_bytes = std::size_t{shape.width} * shape.channels();
    const int fd = task_.kept[place].get();
    if (image.stride_bytes == row_bytes) {
      TT_TRY(write_exactly(fd, image.pixels.view().first(shape.bytes()), 0));
    } else {
      for (std::uint32_t y = 0; y < shape.height; ++y) {
        TT_TRY(write_exactly(fd, {image.row(y), row_bytes}, y * row_bytes));
      }
    }
    answered.picture = shape;
    return {};
  }

  const ChildTask& task_;
  ChildSession& session_;
  Pictures pictures_;
  std::shared_ptr<const EmbeddedMetadata> own_metadata_;
};

Result<ChildAnswer> run_all(const ChildTask& task, ChildSession& session) {
  StepRunner runner(task, session);
  ChildAnswer answer;
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

ChildAnswer failed(const Error& error) {
  ChildAnswer answer;
  answer.error = Error{may_be_answered(error.code) ? error.code : ErrorCode::kInternal, clean_text(error.message)};
  return answer;
}

}  // namespace

ChildAnswer run_steps(const ChildTask& task, ChildSession& session) {
  try {
    Result<ChildAnswer> answer = run_all(task, session);
    return answer ? *std::move(answer) : failed(answer.error());
  } catch (const std::bad_alloc&) {
    return failed({ErrorCode::kOutOfMemory, "the task needs more memory than a sandboxed child may have"});
  } catch (const std::exception& error) {
    return failed({ErrorCode::kInternal, std::string("a codec threw: ") + error.what()});
  }
}

}  // namespace tintype
