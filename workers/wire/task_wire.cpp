#include "workers/wire/task_wire.h"

#include <limits>
#include <memory>
#include <utility>

#include "workers/wire/session_wire.h"

namespace tintype {
namespace {

enum class StepKind : std::uint8_t { kProbe, kDecode, kResize, kEncode, kEntropyDecode, kReconstruct };

constexpr std::uint32_t kNoMetadata = std::numeric_limits<std::uint32_t>::max();

// Encodes of one ladder share their metadata, which may hold a profile of megabytes: it is sent once.
using MetadataTable = std::vector<std::shared_ptr<const EmbeddedMetadata>>;

std::uint32_t place_of(MetadataTable& table, const std::shared_ptr<const EmbeddedMetadata>& metadata) {
  if (!metadata) return kNoMetadata;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] == metadata) return static_cast<std::uint32_t>(i);
  }
  table.push_back(metadata);
  return static_cast<std::uint32_t>(table.size() - 1);
}

void write_ref(PictureRef ref, ByteWriter& out) {
  out.put(ref.from);
  out.put(ref.index);
}

PictureRef read_ref(ByteReader& in) {
  const auto from = in.take(PictureRef::From::kInput);
  return {from, in.take<std::uint32_t>()};
}

void write_target(const QualityTarget& target, ByteWriter& out) {
  for (const double value : {target.score, target.below, target.above}) out.put(value);
  for (const int value : {target.lowest_quality, target.highest_quality, target.max_probes})
    out.put(static_cast<std::int32_t>(value));
}

QualityTarget read_target(ByteReader& in) {
  QualityTarget target;
  for (double* value : {&target.score, &target.below, &target.above}) *value = in.take<double>();
  for (int* value : {&target.lowest_quality, &target.highest_quality, &target.max_probes})
    *value = in.take<std::int32_t>();
  if (!target.validate()) in.reject();
  return target;
}

void write_policy(const MetadataPolicy& policy, ByteWriter& out) {
  for (bool keep : {policy.colour_profile, policy.date, policy.gps, policy.camera})
    out.put(static_cast<std::uint8_t>(keep));
}

MetadataPolicy read_policy(ByteReader& in) {
  MetadataPolicy policy;
  for (bool* keep : {&policy.colour_profile, &policy.date, &policy.gps, &policy.camera}) *keep = in.take_flag();
  return policy;
}

struct StepWriter {
  ByteWriter& out;
  MetadataTable& table;

  void operator()(const ProbeStep&) const { out.put(StepKind::kProbe); }
  void operator()(const DecodeStep& step) const {
    out.put(StepKind::kDecode);
    write_source_info(step.info, out);
    out.put(step.min_long_side_px);
    out.put(step.damaged);
    write_policy(step.metadata, out);
    out.put(static_cast<std::uint8_t>(step.full_chroma));
  }
  void operator()(const ResizeStep& step) const {
    out.put(StepKind::kResize);
    write_ref(step.input, out);
    out.put(step.width);
    out.put(step.height);
    out.put(static_cast<std::uint8_t>(step.full_chroma));
  }
  void operator()(const EncodeStep& step) const {
    out.put(StepKind::kEncode);
    write_ref(step.input, out);
    out.put(step.encode.width);
    out.put(step.encode.height);
    out.put(step.encode.format);
    out.put(static_cast<std::int32_t>(step.encode.quality));
    out.put(static_cast<std::int32_t>(step.encode.effort));
    out.put(step.encode.encoder);
    out.put(step.encode.max_bytes);
    out.put(static_cast<std::uint8_t>(step.encode.target.has_value()));
    if (step.encode.target) write_target(*step.encode.target, out);
    out.put(static_cast<std::uint8_t>(step.encode.rival.has_value()));
    if (step.encode.rival) {
      out.put(step.encode.rival->format);
      out.put(static_cast<std::int32_t>(step.encode.rival->effort));
      out.put(step.encode.rival->encoder);
    }
    out.put(place_of(table, step.metadata));
    out.put(static_cast<std::uint8_t>(step.wants_thumbhash));
  }
  void operator()(const EntropyDecodeStep& step) const {
    out.put(StepKind::kEntropyDecode);
    write_source_info(step.info, out);
    out.put(step.min_long_side_px);
    out.put(step.damaged);
    write_policy(step.metadata, out);
  }
  void operator()(const ReconstructStep& step) const {
    out.put(StepKind::kReconstruct);
    write_ref(step.input, out);
    out.put(step.width);
    out.put(step.height);
    out.put(step.orientation);
    out.put(static_cast<std::uint8_t>(step.full_chroma));
  }
};

DecodeStep read_decode(ByteReader& in) {
  DecodeStep step;
  step.info = read_source_info(in);
  step.min_long_side_px = in.take<std::uint32_t>();
  step.damaged = in.take(DamagedPolicy::kKeep);
  step.metadata = read_policy(in);
  step.full_chroma = in.take_flag();
  return step;
}

ResizeStep read_resize(ByteReader& in) {
  ResizeStep step;
  step.input = read_ref(in);
  step.width = in.take<std::uint32_t>();
  step.height = in.take<std::uint32_t>();
  step.full_chroma = in.take_flag();
  return step;
}

EncodeStep read_encode(ByteReader& in, const MetadataTable& table) {
  EncodeStep step;
  step.input = read_ref(in);
  step.encode.width = in.take<std::uint32_t>();
  step.encode.height = in.take<std::uint32_t>();
  step.encode.format = in.take(ImageFormat::kGif);
  step.encode.quality = in.take<std::int32_t>();
  step.encode.effort = in.take<std::int32_t>();
  step.encode.encoder = in.take(Encoder::kTintype);
  step.encode.max_bytes = in.take<std::uint64_t>();
  if (in.take_flag()) step.encode.target = read_target(in);
  if (in.take_flag()) {
    PlannedEncode::Rival rival;
    rival.format = in.take(ImageFormat::kGif);
    rival.effort = in.take<std::int32_t>();
    rival.encoder = in.take(Encoder::kTintype);
    step.encode.rival = rival;
  }
  const auto place = in.take<std::uint32_t>();
  if (place < table.size()) {
    step.metadata = table[place];
  } else if (place != kNoMetadata) {
    in.reject();
  }
  step.wants_thumbhash = in.take_flag();
  return step;
}

EntropyDecodeStep read_entropy_decode(ByteReader& in) {
  EntropyDecodeStep step;
  step.info = read_source_info(in);
  step.min_long_side_px = in.take<std::uint32_t>();
  step.damaged = in.take(DamagedPolicy::kKeep);
  step.metadata = read_policy(in);
  return step;
}

ReconstructStep read_reconstruct(ByteReader& in) {
  ReconstructStep step;
  step.input = read_ref(in);
  step.width = in.take<std::uint32_t>();
  step.height = in.take<std::uint32_t>();
  step.orientation = in.take<std::uint8_t>();
  step.full_chroma = in.take_flag();
  return step;
}

Step read_step(ByteReader& in, const MetadataTable& table) {
  switch (in.take(StepKind::kReconstruct)) {
    case StepKind::kProbe:
      return ProbeStep{};
    case StepKind::kDecode:
      return read_decode(in);
    case StepKind::kResize:
      return read_resize(in);
    case StepKind::kEncode:
      return read_encode(in, table);
    case StepKind::kEntropyDecode:
      return read_entropy_decode(in);
    case StepKind::kReconstruct:
      return read_reconstruct(in);
  }
  std::unreachable();
}

}  // namespace

void write_source_info(const SourceInfo& info, ByteWriter& out) {
  out.put(info.format);
  out.put(info.width);
  out.put(info.height);
  out.put(info.orientation);
  out.put(info.channels);
  out.put(info.bits);
  out.put(static_cast<std::uint8_t>(info.has_alpha));
  out.put(static_cast<std::uint8_t>(info.progressive));
  out.put(info.frames);
  out.put(info.bytes);
  out.put(info.quantizer_sum);
}

SourceInfo read_source_info(ByteReader& in) {
  SourceInfo info;
  info.format = in.take(ImageFormat::kGif);
  info.width = in.take<std::uint32_t>();
  info.height = in.take<std::uint32_t>();
  info.orientation = in.take<std::uint8_t>();
  info.channels = in.take<std::uint8_t>();
  info.bits = in.take<std::uint8_t>();
  info.has_alpha = in.take_flag();
  info.progressive = in.take_flag();
  info.frames = in.take<std::uint32_t>();
  info.bytes = in.take<std::uint64_t>();
  info.quantizer_sum = in.take<std::uint32_t>();
  return info;
}

void write_shape(const PictureShape& shape, ByteWriter& out) {
  out.put(shape.width);
  out.put(shape.height);
  out.put(shape.layout);
}

PictureShape read_shape(ByteReader& in) {
  PictureShape shape;
  shape.width = in.take<std::uint32_t>();
  shape.height = in.take<std::uint32_t>();
  shape.layout = in.take(PixelLayout::kJpegCoefficients);
  return shape;
}

void write_steps(const Task& task, ByteWriter& out) {
  MetadataTable table;
  ByteWriter steps;
  for (const Step& step : task.steps) std::visit(StepWriter{steps, table}, step);

  out.put(static_cast<std::uint32_t>(table.size()));
  for (const auto& metadata : table) {
    out.put_bytes(metadata->icc);
    out.put_bytes(metadata->exif);
  }
  out.put(static_cast<std::uint32_t>(task.inputs.size()));
  for (const PictureHandle& input : task.inputs) write_shape(input->shape(), out);
  out.put(static_cast<std::uint32_t>(task.keep_pictures.size()));
  for (std::uint32_t kept : task.keep_pictures) out.put(kept);
  out.put(static_cast<std::uint32_t>(task.steps.size()));
  out.put_bytes(steps.written());
}

Result<WorkerSteps> read_steps(ByteView bytes) {
  ByteReader in(bytes);
  WorkerSteps task;
  MetadataTable table;
  const auto metadata_count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; in.ok() && i < metadata_count; ++i) {
    auto metadata = std::make_shared<EmbeddedMetadata>();
    metadata->icc = Bytes::copy_of(in.take_bytes(kMaxIccBytes));
    metadata->exif = Bytes::copy_of(in.take_bytes(kMaxExifBytes));
    table.push_back(std::move(metadata));
  }
  const auto input_count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; in.ok() && i < input_count; ++i) task.inputs.push_back(read_shape(in));
  const auto kept_count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; in.ok() && i < kept_count; ++i) task.keep_pictures.push_back(in.take<std::uint32_t>());
  const auto step_count = in.take<std::uint32_t>();
  ByteReader steps(in.take_bytes(bytes.size()));
  if (step_count > kMaxTaskSteps) in.reject();
  for (std::uint32_t i = 0; in.ok() && steps.ok() && i < step_count; ++i) {
    task.steps.push_back(read_step(steps, table));
  }
  if (!in.at_end() || !steps.at_end()) {
    return fail(ErrorCode::kInvalidArgument, "a task's bytes are not what a lane writes");
  }
  return task;
}

}  // namespace tintype
