#include "workers/wire/answer_wire.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "codec/thumbhash.h"
#include "workers/wire/session_wire.h"
#include "workers/wire/task_wire.h"

namespace tintype {
namespace {

enum class ValueKind : std::uint8_t { kNone, kSourceInfo, kDecode, kFile };

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

void write_contract(const ContractResult& result, ByteWriter& out) {
  out.put(result.end);
  out.put(result.score);
  out.put(static_cast<std::int32_t>(result.quarters));
  out.put(result.share);
  out.put(result.seconds);
  out.put(result.encode_seconds);
  out.put(result.rival_bytes);
  out.put(static_cast<std::uint32_t>(result.probes.size()));
  for (const Probe& probe : result.probes) {
    out.put(static_cast<std::int32_t>(probe.quality));
    out.put(probe.score);
    out.put(probe.bytes);
    out.put(probe.seconds);
    out.put(static_cast<std::int32_t>(probe.quarters));
  }
}

// But for the target, which the lane knows.
ContractResult read_contract(ByteReader& in) {
  ContractResult result;
  result.end = in.take(SearchEnd::kNotMeasured);
  result.score = in.take<double>();
  result.quarters = in.take<std::int32_t>();
  result.share = in.take<double>();
  result.seconds = in.take<double>();
  result.encode_seconds = in.take<double>();
  result.rival_bytes = in.take<std::uint64_t>();
  const auto probes = in.take<std::uint32_t>();
  if (probes > kMaxProbes) in.reject();
  for (std::uint32_t i = 0; in.ok() && i < probes; ++i) {
    Probe probe;
    probe.quality = in.take<std::int32_t>();
    probe.score = in.take<double>();
    probe.bytes = in.take<std::uint64_t>();
    probe.seconds = in.take<double>();
    probe.quarters = in.take<std::int32_t>();
    result.probes.push_back(probe);
  }
  return result;
}

struct ValueWriter {
  ByteWriter& out;

  void operator()(std::monostate) const { out.put(ValueKind::kNone); }
  void operator()(const SourceInfo& info) const {
    out.put(ValueKind::kSourceInfo);
    write_source_info(info, out);
  }
  void operator()(const DecodeResult& decoded) const {
    out.put(ValueKind::kDecode);
    write_shape(decoded.shape, out);
    out.put(static_cast<std::uint8_t>(decoded.taken_at_ms.has_value()));
    out.put(decoded.taken_at_ms.value_or(0));
    out.put_text(decoded.metadata_json);
    out.put_bytes(decoded.embedded->icc);
    out.put_bytes(decoded.embedded->exif);
    out.put(static_cast<std::uint32_t>(decoded.warnings.size()));
    for (const std::string& warning : decoded.warnings) out.put_text(warning);
  }
  void operator()(const PlacedFile& file) const {
    out.put(ValueKind::kFile);
    out.put(file.offset);
    out.put(file.bytes);
    out.put(file.format);
    out.put(file.quality);
    out.put(file.effort);
    out.put(static_cast<std::uint8_t>(file.contract.has_value()));
    if (file.contract) write_contract(*file.contract, out);
    out.put_text(file.encoder);
    out.put(file.threads);
    out.put_text(file.thumbhash);
  }
};

std::string take_clean_text(ByteReader& in) {
  std::string text = in.take_text(kMaxTextBytes);
  if (!std::ranges::all_of(text, is_printable)) in.reject();
  return text;
}

DecodeResult read_decode(ByteReader& in) {
  DecodeResult decoded;
  decoded.shape = read_shape(in);
  const bool has_date = in.take_flag();
  const auto taken_at_ms = in.take<UnixMs>();
  if (has_date) decoded.taken_at_ms = taken_at_ms;
  decoded.metadata_json = in.take_text(kMaxMetadataJsonBytes);
  auto embedded = std::make_shared<EmbeddedMetadata>();
  embedded->icc = Bytes::copy_of(in.take_bytes(kMaxIccBytes));
  embedded->exif = Bytes::copy_of(in.take_bytes(kMaxExifBytes));
  decoded.embedded = std::move(embedded);
  const auto warnings = in.take<std::uint32_t>();
  if (warnings > kMaxWarnings) in.reject();
  for (std::uint32_t i = 0; in.ok() && i < warnings; ++i) decoded.warnings.push_back(take_clean_text(in));
  return decoded;
}

PlacedFile read_file(ByteReader& in) {
  PlacedFile file;
  file.offset = in.take<std::uint64_t>();
  file.bytes = in.take<std::uint64_t>();
  file.format = in.take(ImageFormat::kGif);
  file.quality = in.take<std::int32_t>();
  file.effort = in.take<std::int32_t>();
  if (in.take_flag()) file.contract = read_contract(in);
  file.encoder = take_clean_text(in);
  file.threads = in.take<std::int32_t>();
  file.thumbhash = in.take_text(kMaxThumbhashBytes);
  return file;
}

AnsweredStep read_step(ByteReader& in) {
  AnsweredStep step;
  step.seconds = in.take<double>();
  switch (in.take(ValueKind::kFile)) {
    case ValueKind::kNone:
      break;
    case ValueKind::kSourceInfo:
      step.value = read_source_info(in);
      break;
    case ValueKind::kDecode:
      step.value = read_decode(in);
      break;
    case ValueKind::kFile:
      step.value = read_file(in);
      break;
  }
  if (in.take_flag()) step.picture = read_shape(in);
  return step;
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string clean;
  for (char c : text) {
    char escaped[5] = {c, '\0'};
    if (!is_printable(c)) std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
    if (clean.size() + std::strlen(escaped) > kMaxTextBytes) break;
    clean += escaped;
  }
  return clean;
}

void write_answer(const WorkerAnswer& answer, ByteWriter& out) {
  out.put(static_cast<std::uint8_t>(answer.error.has_value()));
  if (answer.error) {
    out.put(answer.error->code);
    out.put_text(answer.error->message);
    return;
  }
  out.put(answer.peak_bytes);
  out.put(static_cast<std::uint32_t>(answer.steps.size()));
  for (const AnsweredStep& step : answer.steps) {
    out.put(step.seconds);
    std::visit(ValueWriter{out}, step.value);
    out.put(static_cast<std::uint8_t>(step.picture.has_value()));
    if (step.picture) write_shape(*step.picture, out);
  }
}

Result<WorkerAnswer> read_answer(ByteView bytes) {
  ByteReader in(bytes);
  WorkerAnswer answer;
  if (in.take_flag()) {
    const auto code = in.take(ErrorCode::kInternal);
    answer.error = Error{code, take_clean_text(in)};
  } else {
    answer.peak_bytes = in.take<std::uint64_t>();
    const auto steps = in.take<std::uint32_t>();
    if (steps > kMaxTaskSteps) in.reject();
    for (std::uint32_t i = 0; in.ok() && i < steps; ++i) answer.steps.push_back(read_step(in));
  }
  if (!in.at_end()) return fail(ErrorCode::kWorkerLied, "a worker's answer is malformed");
  return answer;
}

}  // namespace tintype
