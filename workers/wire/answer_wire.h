// A worker's answer as bytes. What is read is well-formed and within bounds; whether it is true is answer_check's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/base/result.h"
#include "workers/task.h"
#include "workers/wire/byte_stream.h"

namespace tintype {

// Where in the exchange an encoded file is.
struct PlacedFile {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  ImageFormat format = ImageFormat::kWebp;
  std::int32_t quality = 0;
  std::int32_t effort = 0;
  std::optional<ContractResult> contract;
  std::string encoder;
  std::int32_t threads = 1;
  std::string thumbhash;  // empty: none was wanted
};

struct AnsweredStep {
  double seconds = 0;
  std::variant<std::monostate, SourceInfo, DecodeResult, PlacedFile> value;
  std::optional<PictureShape> picture;  // of a kept one, written to its memory
};

struct WorkerAnswer {
  std::optional<Error> error;  // then there are no steps
  std::vector<AnsweredStep> steps;
  std::uint64_t peak_bytes = 0;
};

// Printable ASCII and at most kMaxTextBytes: other bytes become \xNN, the rest is cut.
std::string clean_text(std::string_view text);

void write_answer(const WorkerAnswer& answer, ByteWriter& out);

// kWorkerLied if it is malformed, longer than bounds allow, or text is not clean.
Result<WorkerAnswer> read_answer(ByteView bytes);

}  // namespace tintype
