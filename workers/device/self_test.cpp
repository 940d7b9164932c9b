#include "workers/device/self_test.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "workers/coefficient_picture.h"
#include "workers/device/cpu_answer.h"
#include "workers/device/made_up_photo.h"
#include "workers/shared_memory.h"

namespace tintype {
namespace {

struct Vector {
  const char* name;
  MadeUpPhoto photo;
  std::uint8_t orientation = 1;
};

// As small as shows it: every transform, every orientation, every effort, odd sides, and planes with and without
// colour.
constexpr Vector kVectors[] = {
    {"a photo and its ladder", {.width = 181, .height = 123}},
    {"a photo lying on its side", {.width = 100, .height = 67}, 6},
    {"gray, mirrored", {.width = 90, .height = 64, .is_gray = true}, 2},
    {"half the size from its coefficients, turned over", {.width = 202, .height = 134, .scaled_size = 4}, 4},
    {"a quarter of the size, on its other side", {.width = 301, .height = 203, .scaled_size = 2}, 8},
    {"an eighth of the size, across its diagonal", {.width = 405, .height = 250, .scaled_size = 1}, 5},
    {"one pixel, upside down", {.width = 1, .height = 1}, 3},
    {"any coefficients at all, across the other diagonal", {.width = 96, .height = 72, .is_hostile = true}, 7},
};

// A task on made-up coefficients: a WebP of each rung, of its own size or a part of it; the last one's planes are kept.
class MadeUpTask {
 public:
  struct Rung {
    std::uint32_t divisor;
    int effort;
  };
  static Result<MadeUpTask> make(const MadeUpPhoto& photo, std::uint8_t orientation, std::span<const Rung> rungs) {
    MadeUpTask task;
    const JpegCoefficients jpeg = make_up_photo(photo);
    const PictureShape shape{photo.width, photo.height, PixelLayout::kJpegCoefficients};
    TT_ASSIGN(const UniqueFd fd, make_shared_memory("tintype-self-test", shape.bytes()));
    TT_TRY(write_coefficients(jpeg, fd.get()));
    TT_ASSIGN(task.memory_, Mapping::map(fd.get(), shape.bytes(), Mapping::Access::kRead));
    task.inputs_ = {{shape, task.memory_.view()}};

    const bool swaps = orientation >= 5;
    const std::uint32_t width = swaps ? jpeg.height : jpeg.width, height = swaps ? jpeg.width : jpeg.height;
    task.steps_.push_back(ReconstructStep{{PictureRef::From::kInput, 0}, width, height, orientation, false});
    for (const auto& [divisor, effort] : rungs) {
      const std::uint32_t w = std::max(1u, width / divisor), h = std::max(1u, height / divisor);
      std::uint32_t picture = 0;
      if (divisor > 1) {
        picture = static_cast<std::uint32_t>(task.steps_.size());
        task.steps_.push_back(ResizeStep{{PictureRef::From::kStep, 0}, w, h, false});
      }
      const PlannedEncode encode{w, h, ImageFormat::kWebp, 60 + 5 * effort, effort, Encoder::kTintype};
      task.steps_.push_back(
          EncodeStep{{PictureRef::From::kStep, picture}, encode, nullptr, divisor == rungs.back().divisor});
      task.keep_ = {picture};
    }
    return task;
  }

  EngineTask view() const { return {steps_, inputs_, keep_}; }

 private:
  Mapping memory_;
  std::vector<EngineInput> inputs_;
  std::vector<Step> steps_;
  std::vector<std::uint32_t> keep_;
};

std::string difference(const EngineStepResult& made, const EngineStepResult& expected, std::size_t step) {
  const std::string where = " of step " + std::to_string(step);
  if (made.file.has_value() != expected.file.has_value() || made.picture.has_value() != expected.picture.has_value()) {
    return "the result" + where + " is of another kind";
  }
  if (made.file && !std::ranges::equal(made.file->bytes.view(), expected.file->bytes.view())) {
    return "the file" + where + " is not the CPU's";
  }
  if (made.file && made.file->thumbhash != expected.file->thumbhash)
    return "the thumbhash" + where + " is not the CPU's";
  if (made.picture && !std::ranges::equal(made.picture->view(), expected.picture->view())) {
    return "the planes" + where + " are not the CPU's";
  }
  return "";
}

SelfTestReport::Check compare(DeviceSession& session, const Vector& vector) {
  constexpr MadeUpTask::Rung kRungs[] = {{1, 4}, {2, 0}, {4, 6}};
  const Result<MadeUpTask> task = MadeUpTask::make(vector.photo, vector.orientation, kRungs);
  if (!task) return {vector.name, false, task.error().message};
  const auto made = session.run(task->view()), expected = answer_on_cpu(task->view());
  if (!made) return {vector.name, false, made.error().message};
  if (!expected) return {vector.name, false, expected.error().message};
  if (made->size() != expected->size()) return {vector.name, false, "another number of steps than asked for"};
  for (std::size_t i = 0; i < made->size(); ++i) {
    if (std::string how = difference((*made)[i], (*expected)[i], i); !how.empty())
      return {vector.name, false, std::move(how)};
  }
  return {vector.name, true, ""};
}

Result<std::vector<std::unique_ptr<DeviceSession>>> open_sessions(DeviceEngine& engine) {
  std::vector<std::unique_ptr<DeviceSession>> sessions;
  for (int i = 0; i < engine.info().sessions; ++i) {
    TT_ASSIGN(std::unique_ptr<DeviceSession> session, engine.open_session());
    sessions.push_back(std::move(session));
  }
  return sessions;
}

// Every session does the task over and over; each does it once before the clock starts.
Result<double> measure(std::span<const std::unique_ptr<DeviceSession>> sessions, const EngineTask& task,
                       double megapixels, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::atomic<int> done = 0;
  std::mutex mutex;
  Status failed;
  const auto run_all = [&](double for_seconds) {
    const auto began = Clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
    {
      std::vector<std::jthread> threads;
      for (const auto& session : sessions) {
        threads.emplace_back([&, one = session.get()] {
          do {
            if (const auto result = one->run(task); !result) {
              const std::lock_guard lock(mutex);
              failed = fail(result.error());
              return;
            }
            ++done;
          } while (elapsed() < for_seconds);
        });
      }
    }
    return elapsed();
  };
  run_all(0);
  done = 0;
  const double took = run_all(seconds);
  TT_TRY(failed);
  return done * megapixels / took;
}

Status add_rates(DeviceEngine& engine, double seconds, SelfTestReport& report, const SelfTestProgress& progress) {
  TT_ASSIGN(const auto sessions, open_sessions(engine));
  // Of what stands in for a device nobody wants to know its pace by the second decimal.
  const bool is_stand_in = !report.device.is_used_by_default;
  const MadeUpPhoto photo =
      is_stand_in ? MadeUpPhoto{.width = 612, .height = 408} : MadeUpPhoto{.width = 2448, .height = 1632};
  const char* const size = is_stand_in ? "0.25 MP coefficients" : "4 MP coefficients";
  constexpr MadeUpTask::Rung kFull[] = {{1, 4}}, kRungs[] = {{2, 4}, {4, 4}, {8, 4}};
  const struct {
    const char* name;
    std::span<const MadeUpTask::Rung> rungs;
  } works[] = {{" to a WebP of full size", kFull}, {" to WebPs of 1/2, 1/4 and 1/8", kRungs}};
  for (const auto& work : works) {
    const std::string name = std::string(size) + work.name;
    progress("pace: " + name);
    TT_ASSIGN(const MadeUpTask task, MadeUpTask::make(photo, 1, work.rungs));
    TT_ASSIGN(const double rate,
              measure(sessions, task.view(), photo.width * photo.height / 1e6, is_stand_in ? seconds / 8 : seconds));
    report.rates.push_back({name, rate});
  }
  return {};
}

}  // namespace

SelfTestReport run_self_test(DeviceEngine& engine, double seconds_a_rate, const SelfTestProgress& progress) {
  SelfTestReport report{engine.info(), {}, {}};
  {
    const Result<std::unique_ptr<DeviceSession>> session = engine.open_session();
    if (!session) {
      report.checks.push_back({"a session", false, session.error().message});
      return report;
    }
    for (const Vector& vector : kVectors) {
      progress(vector.name);
      report.checks.push_back(compare(**session, vector));
    }
  }
  // What an emulated card takes says nothing of a card.
  const bool has_pace = !report.device.kind.ends_with("-emu");
  if (!report.passed() || seconds_a_rate <= 0 || !has_pace) return report;
  if (const Status measured = add_rates(engine, seconds_a_rate, report, progress); !measured) {
    report.checks.push_back({"many photos at once", false, measured.error().message});
  }
  return report;
}

}  // namespace tintype
