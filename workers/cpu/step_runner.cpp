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
#include "codec/ladder.h"
#include "codec/metadata.h"
#include "codec/planes.h"
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

PixelLayout layout_of(const Pixels& pixels) {
  if (const auto* planes = std::get_if<Planes>(&pixels)) {
    return planes->chroma() == Chroma::kFull ? PixelLayout::kYcc444 : PixelLayout::kYcc420;
  }
  return std::get<Image>(pixels).channels == 4 ? PixelLayout::kRgba8 : PixelLayout::kRgb8;
}

PictureShape shape_of(const Pixels& pixels) {
  return {width_of(pixels), height_of(pixels), layout_of(pixels)};
}

// Memory for a picture of that shape, whose bytes somebody else knows.
Pixels allocate(const PictureShape& shape) {
  if (shape.is_planar()) {
    return Planes::allocate(shape.width, shape.height, shape.layout == PixelLayout::kYcc444 ? Chroma::kFull : Chroma::kHalf);
  }
  return Image::allocate(shape.width, shape.height, shape.channels());
}

Chroma chroma_of(bool full) { return full ? Chroma::kFull : Chroma::kHalf; }

std::span<std::uint8_t> memory_of(Pixels& pixels) {
  if (auto* planes = std::get_if<Planes>(&pixels)) return planes->mutable_view();
  return std::get<Image>(pixels).pixels.mutable_view();
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

  void put(std::size_t step, std::shared_ptr<const Pixels> image) {
    if (made_uses_[step] > 0) made_[step] = std::move(image);
  }

  // One use less, without the picture.
  void pass_over(PictureRef ref) {
    if (ref.from == PictureRef::From::kStep && --made_uses_[ref.index] == 0) made_[ref.index] = nullptr;
  }

  Result<std::shared_ptr<const Pixels>> take(PictureRef ref) {
    if (ref.from == PictureRef::From::kInput) return given(ref.index);
    if (ref.index >= made_.size() || !made_[ref.index]) {
      return fail(ErrorCode::kInvalidArgument, "a step reads a picture that is not there");
    }
    std::shared_ptr<const Pixels> image = made_[ref.index];
    if (--made_uses_[ref.index] == 0) made_[ref.index] = nullptr;
    return image;
  }

 private:
  // A picture handed in is read once, and kept: the steps that read it usually follow each other.
  Result<std::shared_ptr<const Pixels>> given(std::uint32_t index) {
    if (index >= given_.size()) return fail(ErrorCode::kInvalidArgument, "a step reads a picture that was not given");
    if (!given_[index]) {
      const PictureShape& shape = task_.work.inputs[index];
      auto pixels = std::make_shared<Pixels>(allocate(shape));
      TT_TRY(read_exactly(task_.inputs[index].get(), memory_of(*pixels), 0));
      given_[index] = std::move(pixels);
    }
    return given_[index];
  }

  const ChildTask& task_;
  std::vector<std::shared_ptr<const Pixels>> made_;
  std::vector<int> made_uses_;
  std::vector<std::shared_ptr<const Pixels>> given_;
};

class StepRunner {
 public:
  StepRunner(const ChildTask& task, ChildSession& session) : task_(task), session_(session), pictures_(task) {}

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
    const Reductions reductions = reductions_of(index);
    const bool needs_own = reductions.keeps_own;
    // A scaled decode's own size is libjpeg's to say, so such a picture cannot be asked for by size.
    if (needs_own && step.min_long_side_px != 0) {
      TT_ASSIGN(Decoded decoded, decode(task_.source.view(), step.info, options));
      ladder.decoded = {decoded.image.width, decoded.image.height};
      ladder.metadata = std::move(decoded.metadata);
      ladder.warnings = std::move(decoded.warnings);
      ladder.pictures.emplace_back(std::move(decoded.image));
    } else {
      std::vector<PictureSize> sizes;
      if (needs_own) sizes.push_back({step.info.upright_width(), step.info.upright_height(), chroma_of(step.full_chroma)});
      for (const auto& [size, steps] : reductions.steps_of_size) sizes.push_back(size);
      TT_ASSIGN(ladder, decode_ladder(task_.source.view(), step.info, options, sizes));
    }
    std::shared_ptr<const Pixels> own;
    if (needs_own) own = std::make_shared<Pixels>(std::move(ladder.pictures.front()));
    for (std::size_t i = needs_own ? 1 : 0; i < ladder.pictures.size(); ++i) {
      const auto made = std::make_shared<const Pixels>(std::move(ladder.pictures[i]));
      for (const std::size_t resize_step : reductions.steps_of_size[i - (needs_own ? 1 : 0)].second)
        ladder_[resize_step] = made;
    }
    const PixelLayout layout = own ? layout_of(*own) : ladder_.empty() ? PixelLayout::kRgb8 : layout_of(*ladder_.begin()->second);

    DecodeResult result;
    result.taken_at_ms = step.metadata.date ? ladder.metadata.taken_at_ms : std::nullopt;
    result.metadata_json = metadata_json(ladder.metadata, step.metadata);
    own_metadata_ = std::make_shared<EmbeddedMetadata>(embed(ladder.metadata, step.metadata, ladder.warnings));
    result.embedded = own_metadata_;
    result.shape = {ladder.decoded.width, ladder.decoded.height, layout};
    ladder.warnings.resize(std::min<std::size_t>(ladder.warnings.size(), kMaxWarnings));
    for (const std::string& warning : ladder.warnings) result.warnings.push_back(clean_text(warning));
    if (result.metadata_json.size() > kMaxMetadataJsonBytes) {
      return fail(ErrorCode::kInternal, "metadata of more than 16 KiB came through the policy");
    }
    answered.value = std::move(result);
    return own;
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
      return fail(ErrorCode::kInvalidArgument, "a picture of " + std::to_string(width_of(*input)) + "x" +
                                                   std::to_string(height_of(*input)) + " was to be encoded as " +
                                                   std::to_string(planned.width) + "x" + std::to_string(planned.height));
    }
    const EmbeddedMetadata none;
    const EmbeddedMetadata* metadata = step.metadata ? step.metadata.get() : own_metadata_ ? own_metadata_.get() : &none;
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
                                const EmbeddedMetadata& metadata, EncodeOptions& options, std::optional<ContractResult>& contract) {
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

  // What is made of a decode step's picture: its own use, and the sizes that resize steps make of it, directly or of
  // each other, largest first. A decoder that makes all of them at once decodes once and reduces each only once.
  struct Reductions {
    bool keeps_own = false;
    std::vector<std::pair<PictureSize, std::vector<std::size_t>>> steps_of_size;
  };

  Reductions reductions_of(std::size_t decode_step) const {
    Reductions reductions;
    std::vector<bool> comes_of_it(task_.work.steps.size());
    comes_of_it[decode_step] = true;
    reductions.keeps_own = std::ranges::contains(task_.work.keep_pictures, decode_step);
    for (std::size_t i = decode_step + 1; i < task_.work.steps.size(); ++i) {
      const PictureRef* ref = input_of(task_.work.steps[i]);
      if (!ref || ref->from != PictureRef::From::kStep || ref->index >= i || !comes_of_it[ref->index]) continue;
      const auto* resize = std::get_if<ResizeStep>(&task_.work.steps[i]);
      if (!resize) {
        reductions.keeps_own |= ref->index == decode_step;
        continue;
      }
      comes_of_it[i] = true;
      const PictureSize size{resize->width, resize->height, chroma_of(resize->full_chroma)};
      auto& sizes = reductions.steps_of_size;
      auto known = std::ranges::find(sizes, size, [](const auto& entry) { return entry.first; });
      if (known == sizes.end()) known = sizes.insert(sizes.end(), {size, {}});
      known->second.push_back(i);
    }
    return reductions;
  }

  Status keep(std::size_t index, const Pixels& pixels, AnsweredStep& answered) const {
    const auto& keeps = task_.work.keep_pictures;
    const auto kept = std::ranges::find(keeps, index);
    if (kept == keeps.end()) return {};
    const auto place = static_cast<std::size_t>(kept - keeps.begin());
    const PictureShape shape = shape_of(pixels);
    if (shape.bytes() > task_.header.kept_bytes[place]) {
      return fail(ErrorCode::kInternal, "a picture is larger than its header said");
    }
    TT_TRY(write_rows(pixels, task_.kept[place].get()));
    answered.picture = shape;
    return {};
  }

  static Status write_rows(const Pixels& pixels, int fd) {
    if (const auto* planes = std::get_if<Planes>(&pixels)) return write_exactly(fd, planes->view(), 0);
    const auto& image = std::get<Image>(pixels);
    const std::size_t row_bytes = std::size_t{image.width} * image.channels;
    if (image.stride_bytes == row_bytes) return write_exactly(fd, image.pixels.view().first(row_bytes * image.height), 0);
    for (std::uint32_t y = 0; y < image.height; ++y) TT_TRY(write_exactly(fd, {image.row(y), row_bytes}, y * row_bytes));
    return {};
  }

  const ChildTask& task_;
  ChildSession& session_;
  Pictures pictures_;
  std::map<std::size_t, std::shared_ptr<const Pixels>> ladder_;  // made by the decode, for resize steps to come
  std::shared_ptr<const EmbeddedMetadata> own_metadata_;
  ContractEncoder contracts_;  // all of a task's encodes are of one photo
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
