// Task: a run of steps that one lane does in one go, and what comes of it.
//
// A plan's steps (probe, decode, resize, encode, score) form a small graph. The dispatcher cuts it into tasks: a
// CPU child takes a whole job as one task ("fused": pixels never leave the child); a GPU may take a JPEG's
// coefficients and return WebPs, and planes for another lane's AVIF encode. Steps name their inputs by position, so the
// same structure serves every cut.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/job.h"
#include "core/job/plan.h"
#include "core/job/recipe.h"
#include "core/job/source_info.h"
#include "core/quality/contract_result.h"
#include "workers/picture.h"
#include "workers/source_buffer.h"

namespace tintype {

// A picture that a step reads: made by an earlier step of the same task, or handed in with it.
struct PictureRef {
  enum class From : std::uint8_t { kStep, kInput };
  From from = From::kStep;
  std::uint32_t index = 0;

  bool operator==(const PictureRef&) const = default;
};

// What an encoded file carries beside pixels, already by policy.
struct EmbeddedMetadata {
  Bytes icc;   // empty: sRGB
  Bytes exif;  // TIFF-headed; empty: none
};

// Enough for a recipe's 32 rungs, each of its own size, beside the decode.
inline constexpr std::uint32_t kMaxTaskSteps = 80;
inline constexpr std::uint32_t kMaxTaskPictures = 33;  // handed in; and kept

struct ProbeStep {};  // source -> SourceInfo

struct DecodeStep {  // source -> upright picture + metadata
  SourceInfo info;
  std::uint32_t min_long_side_px = 0;  // see DecodeOptions
  DamagedPolicy damaged = DamagedPolicy::kRefuse;
  MetadataPolicy metadata;
  bool full_chroma = false;  // where the picture is planar: a score is measured on it
};

struct ResizeStep {  // picture -> smaller picture
  PictureRef input;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool full_chroma = false;  // as above
};

// A score is searched for by encoding, decoding and measuring; what one step of a task found starts the next one's
// search.
struct EncodeStep {  // picture -> file
  PictureRef input;
  PlannedEncode encode;
  // None: what this task's own decode step found.
  std::shared_ptr<const EmbeddedMetadata> metadata;
  bool wants_thumbhash = false;  // of the picture, too
};

// Two steps in place of a DecodeStep, for a device between them: what came from outside is parsed in a sandboxed child,
// and what is left is arithmetic. Together they make the DecodeStep's pictures, sample for sample.
//
// kUnsupported: the file has to be decoded (it is no JPEG, its colours have to change, or it is damaged).
struct EntropyDecodeStep {  // source -> a JPEG's coefficients, which are kept, + metadata (a DecodeResult)
  SourceInfo info;
  std::uint32_t min_long_side_px = 0;  // as a DecodeStep's
  DamagedPolicy damaged = DamagedPolicy::kRefuse;
  MetadataPolicy metadata;
};

struct ReconstructStep {  // coefficients, handed in -> upright picture in planes
  PictureRef input{PictureRef::From::kInput, 0};
  std::uint32_t width = 0;  // upright, at the scale they were read for: the DecodeResult's shape
  std::uint32_t height = 0;
  std::uint8_t orientation = 1;  // EXIF's, of the source
  bool full_chroma = false;      // as a DecodeStep's
};

using Step = std::variant<ProbeStep, DecodeStep, ResizeStep, EncodeStep, EntropyDecodeStep, ReconstructStep>;

struct Task {
  JobId job;             // for logs
  std::string trace_id;  // of the request that the job came from, for logs; may be empty
  JobClass job_class = JobClass::kUpload;
  std::string owner;                           // a lane that reuses processes keeps owners apart
  std::shared_ptr<const SourceBuffer> source;  // needed by probe and decode
  std::vector<PictureHandle> inputs;
  std::vector<Step> steps;                   // in an order in which each reads only what is before it
  std::vector<std::uint32_t> keep_pictures;  // steps whose pictures come back as handles
  std::chrono::milliseconds timeout{0};      // of the work itself; 0: the lane's own

  // "probe", "decode+resize x3+encode x8": for logs, explain and the cost model's people.
  std::string describe() const;
};

struct DecodeResult {
  PictureShape shape;  // of the upright picture, also where it was only entropy-decoded
  std::optional<UnixMs> taken_at_ms;
  std::string metadata_json;  // by policy
  std::shared_ptr<const EmbeddedMetadata> embedded;
  std::vector<std::string> warnings;
};

struct EncodedFile {
  Bytes bytes;  // validated: of the planned format, or the rival's, and size
  ImageFormat format = ImageFormat::kWebp;
  int quality = 0;  // that it was encoded at
  int effort = 0;
  std::string encoder;  // with its build
  int threads = 1;
  std::optional<ContractResult> contract;  // where a score was asked for
  std::string thumbhash;                   // raw bytes, where it was wanted
};

struct StepResult {
  double seconds = 0;  // CPU time where the lane can tell, else wall time
  std::variant<std::monostate, SourceInfo, DecodeResult, EncodedFile> value;
  PictureHandle picture;  // of a step in keep_pictures
};

struct TaskResult {
  std::vector<StepResult> steps;  // one for each of the task's
  double work_seconds = 0;        // wall time from start to end
  std::uint64_t peak_bytes = 0;   // memory of whoever did it, if known
};

// kInvalidArgument unless the task makes sense: steps read pictures that exist by then and are of the kind they read,
// what needs the source has one, coefficients are kept, sizes are at least 1 and at most 2^32 pixels, no picture is
// kept twice, and the bounds above hold. Lanes check what they are given.
Status check_task(const Task& task);

// A generous estimate of the memory a task takes where it runs: what byte permits count.
std::uint64_t estimate_task_bytes(const Task& task);

// The picture that a step reads; nullptr: none.
const PictureRef* input_of(const Step& step);

}  // namespace tintype
