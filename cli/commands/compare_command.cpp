#include "cli/commands/compare_command.h"

#include <algorithm>
#include <format>
#include <future>
#include <optional>
#include <utility>

#include "cli/commands/farm_command.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/text/utf8.h"
#include "codec/probe.h"
#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/job/plan.h"
#include "kernels/simd/ssimulacra2.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/sandbox/zygote.h"
#include "workers/shared_memory.h"

namespace tintype {
namespace {

constexpr const char* kName = "compare";
constexpr std::uint64_t kMaxFileBytes = Limits{}.max_bytes;  // what a farm takes, if nobody says otherwise

// What a score means, from the metric's own scale.
std::string_view words_for(double score) {
  if (score >= 90) return "indistinguishable, also in a flicker test";
  if (score >= 80) return "very high quality: no difference seen side by side";
  if (score >= 70) return "high quality: differences are hard to notice";
  if (score >= 50) return "medium quality";
  if (score >= 30) return "low quality";
  return "very low quality";
}

struct Shown {
  PictureShape shape;
  Mapping samples;
  std::vector<std::string> warnings;

  SrgbView view() const {
    return SrgbView::interleaved(samples.view().data(), shape.width, shape.height, shape.channels(),
                                 std::size_t{shape.width} * shape.channels());
  }
};

Error about(const std::string& file, Error error) {
  error.message = std::format("{}: {}", printable(file), error.message);
  return error;
}

Result<Shown> decode_on(Lane& lane, const std::string& file) {
  TT_ASSIGN(const std::string bytes, read_text_file(file, kMaxFileBytes));
  TT_ASSIGN(SourceInfo info, probe(as_bytes(bytes)));
  info.bytes = bytes.size();
  Task task;
  task.owner = "compare";
  TT_ASSIGN(task.source, SourceBuffer::create(bytes.size(), [&](std::span<std::uint8_t> out) {
              std::ranges::copy(as_bytes(bytes), out.begin());
              return Status();
            }));
  // Without its colour profile: the pixels are converted to sRGB, which is what the score is defined on. By its long
  // side: then a JPEG comes as libjpeg's RGB, which Debian's program judges, not as planes.
  const std::uint32_t long_side_px = std::max(info.width, info.height);
  task.steps.push_back(DecodeStep{info, long_side_px, DamagedPolicy::kRefuse, {.colour_profile = false}});
  task.keep_pictures.push_back(0);
  std::promise<Result<TaskResult>> promise;
  lane.submit(std::move(task), [&](Result<TaskResult> result) { promise.set_value(std::move(result)); });
  TT_ASSIGN(TaskResult done, promise.get_future().get());
  Shown shown{done.steps[0].picture->shape(), {}, std::get<DecodeResult>(done.steps[0].value).warnings};
  if (shown.shape.is_planar()) return fail(ErrorCode::kInternal, "it was decoded as planes, which are not compared");
  TT_ASSIGN(const int fd, done.steps[0].picture->host_fd());
  TT_ASSIGN(shown.samples, Mapping::map(fd, shown.shape.bytes(), Mapping::Access::kRead));
  return shown;
}

Result<int> compare(const CompareOptions& options) {
  Logger log(LogLevel::kError);
  Metrics metrics;
  TT_ASSIGN(const auto zygote, start_zygote({}, log));  // before any thread
  TT_ASSIGN(const auto lane, make_cpu_lane({.slots = 1}, *zygote, metrics, log));
  Shown shown[2];
  for (const auto& [file, picture] : {std::pair{&options.original, &shown[0]}, {&options.candidate, &shown[1]}}) {
    auto decoded = decode_on(*lane, *file);
    if (!decoded) return fail(about(*file, std::move(decoded).error()));
    *picture = std::move(*decoded);
  }
  TT_ASSIGN(const double score, simd::ssimulacra2(shown[0].view(), shown[1].view()));
  if (options.json) {
    const auto side = [](const std::string& file, const Shown& picture) {
      return Json{{"file", to_valid_utf8(file)},
                  {"width", picture.shape.width},
                  {"height", picture.shape.height},
                  {"warnings", picture.warnings}};
    };
    print_json({{"ssimulacra2", score},
                {"original", side(options.original, shown[0])},
                {"candidate", side(options.candidate, shown[1])}});
    return kExitOk;
  }
  print(std::format("{:.4f}  {}\n", score, words_for(score)));
  for (const auto& [file, picture] : {std::pair{&options.original, &shown[0]}, {&options.candidate, &shown[1]}}) {
    for (const std::string& warning : picture->warnings) {
      print(std::format("{}: {}\n", printable(*file), printable(warning)));
    }
  }
  return kExitOk;
}

}  // namespace

int run_compare(const CompareOptions& options) {
  const Result<int> status = compare(options);
  return status ? *status : report_error(kName, status.error());
}

}  // namespace tintype
