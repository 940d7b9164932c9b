// How well the scheduler predicts and places: error on photos it has not seen, two unequal lanes, a lane that slows,
// classes.
//
// The first part runs real tasks on the CPU lane (photos of DIR); the others use lanes with set service times.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <format>
#include <fstream>
#include <future>
#include <iterator>
#include <print>
#include <random>
#include <semaphore>
#include <thread>

#include "bench/support/bench_report.h"
#include "codec/probe.h"
#include "scheduler/cost_model.h"
#include "scheduler/dispatcher.h"
#include "scheduler/job_tasks.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/sandbox/zygote.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const SourceBuffer> to_buffer(std::string_view bytes) {
  auto buffer = SourceBuffer::create(bytes.size(), [&](std::span<std::uint8_t> out) {
    std::ranges::copy(as_bytes(bytes), out.begin());
    return Status();
  });
  return buffer ? *buffer : nullptr;
}

Result<TaskResult> run_on(Lane& lane, Task task) {
  std::promise<Result<TaskResult>> promise;
  lane.submit(std::move(task), [&](Result<TaskResult> result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

// The whole ladder of each photo on one real slot: learned on one half of them and judged on the other, and the other
// way round.
void heldout(BenchReport& report, Zygote& zygote) {
  Metrics metrics;
  Logger log(LogLevel::kWarning);
  auto lane = make_cpu_lane({.slots = 1}, zygote, metrics, log);
  if (!lane) return report.note("no CPU lane: " + lane.error().message);
  Job job;
  job.owner = "bench";
  std::vector<Task> tasks;
  for (const auto& entry : fs::directory_iterator(report.options().dir)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    Result<SourceInfo> info = probe(as_bytes(bytes));
    if (!info || info->megapixels() < 0.3) continue;
    info->bytes = bytes.size();
    const auto plan = make_plan(builtin_recipes().front(), *info, {});
    if (plan) tasks.push_back(make_fused_task(job, *info, *plan, to_buffer(bytes)).task);
  }
  std::ranges::shuffle(tasks, std::mt19937(11));

  struct Done {
    std::vector<StepShape> steps;
    double megapixels;
    TaskResult result;
  };
  std::vector<Done> halves[2];
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Done done{shape_steps(tasks[i]), std::get<DecodeStep>(tasks[i].steps[0]).info.megapixels(), {}};
    auto result = run_on(**lane, std::move(tasks[i]));
    if (!result) continue;
    done.result = std::move(*result);
    halves[i % 2].push_back(std::move(done));
  }
  std::vector<double> errors;
  Table table(
      {{"MP", Align::kRight}, {"predicted s", Align::kRight}, {"took s", Align::kRight}, {"error", Align::kRight}});
  for (const int learned : {0, 1}) {
    CostModel costs;
    for (const Done& done : halves[learned]) costs.observe("cpu", done.steps, done.result);
    for (const Done& done : halves[1 - learned]) {
      const double predicted = costs.predict("cpu", done.steps);
      errors.push_back(std::abs(predicted - done.result.work_seconds) / done.result.work_seconds);
      table.add_row({std::format("{:.1f}", done.megapixels), std::format("{:.3f}", predicted),
                     std::format("{:.3f}", done.result.work_seconds), std::format("{:.0f} %", errors.back() * 100)});
    }
  }
  report.table(std::format("recipe web on one CPU slot: learned on {} or {} photos, judged on the others",
                           halves[0].size(), halves[1].size()),
               table);
  report.figure("heldout_median_error", median(errors), "", "median relative error on photos not learned from");
}

// Tasks whose cost follows their size, on lanes of set speed.
class MadeUpTasks {
 public:
  Task next(JobClass job_class = JobClass::kUpload) {
    Job job;
    job.owner = "bench";
    job.job_class = job_class;
    const auto side = static_cast<std::uint32_t>(std::uniform_int_distribution(700, 3500)(random_));
    SourceInfo source{.format = ImageFormat::kJpeg, .width = side, .height = side, .bytes = side * side / 4};
    Plan plan;
    plan.encodes.push_back({side, side, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp});
    return make_fused_task(job, source, plan, bytes_).task;
  }

 private:
  std::mt19937 random_{5};
  std::shared_ptr<const SourceBuffer> bytes_ = to_buffer("x");
};

double megapixels_of(const Task& task) { return std::get<DecodeStep>(task.steps[0]).info.megapixels(); }

std::unique_ptr<Lane> lane_of_speed(const std::string& name, int slots, std::function<double()> seconds_a_megapixel) {
  SimulatedLaneConfig config;
  config.name = name;
  config.slots = slots;
  config.memory_bytes = 64ull << 30;
  config.service_seconds = [speed = std::move(seconds_a_megapixel)](const Task& task) {
    return megapixels_of(task) * speed();
  };
  return std::move(*make_simulated_lane(config));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void unequal_lanes(BenchReport& report) {
  constexpr int kTasks = 240;
  SystemClock clock;
  CostModel costs;
  const auto fast = lane_of_speed("fast", 1, [] { return 0.001; });
  const auto slow = lane_of_speed("slow", 1, [] { return 0.003; });

  MadeUpTasks blind;
  auto start = std::chrono::steady_clock::now();
  std::counting_semaphore<> ended(0);
  for (int i = 0; i < kTasks; ++i) {
    (i % 2 == 0 ? fast : slow)->submit(blind.next(), [&](Result<TaskResult>) { ended.release(); });
  }
  for (int i = 0; i < kTasks; ++i) ended.acquire();
  const double round_robin = seconds_since(start);

  MadeUpTasks same;
  Dispatcher dispatcher({}, {fast.get(), slow.get()}, costs, clock);
  start = std::chrono::steady_clock::now();
  for (int i = 0; i < kTasks; ++i) {
    dispatcher.submit({same.next(), static_cast<std::uint64_t>(i), {}}, [&](Placed) { ended.release(); });
  }
  for (int i = 0; i < kTasks; ++i) ended.acquire();
  const double dispatched = seconds_since(start);
  report.figure(
      "unequal_lanes_saving", 1 - dispatched / round_robin, "",
      std::format("{} tasks on lanes of speed 3 and 1: {:.2f} s against {:.2f} s round-robin, learning included",
                  kTasks, dispatched, round_robin));
}

void recovery(BenchReport& report) {
  std::atomic<double> speed = 0.001;
  const auto lane = lane_of_speed("a", 1, [&] { return speed.load(); });
  CostModel costs;
  MadeUpTasks tasks;
  const auto error_of_next = [&] {
    Task task = tasks.next();
    const auto steps = shape_steps(task);
    const double predicted = costs.predict("a", steps);
    const auto result = run_on(*lane, std::move(task));
    costs.observe("a", steps, *result);
    return std::abs(predicted - result->work_seconds) / result->work_seconds;
  };
  for (int i = 0; i < 150; ++i) error_of_next();
  speed = 0.003;
  std::vector<double> recent;
  int jobs = 0;
  for (; jobs < 200; ++jobs) {
    recent.push_back(error_of_next());
    if (recent.size() > 5) recent.erase(recent.begin());
    if (recent.size() == 5 && median(recent) <= 0.20) break;
  }
  report.figure("recovery_jobs", jobs + 1, "jobs",
                "after a lane slows threefold, until the median error of 5 is 20 % again");
}

// Interactive work without end on every slot, and bulk that waits: who gets what.
void classes(BenchReport& report) {
  constexpr double kTaskSeconds = 0.02;
  constexpr double kRunSeconds = 20;
  SystemClock clock;
  CostModel costs;
  SimulatedLaneConfig config;
  config.name = "a";
  config.slots = 2;
  config.memory_bytes = 64ull << 30;
  config.service_seconds = [](const Task&) { return kTaskSeconds; };
  const auto lane = std::move(*make_simulated_lane(config));
  Dispatcher dispatcher({}, {lane.get()}, costs, clock);

  MadeUpTasks tasks;
  std::mutex mutex;
  std::array<int, 3> served{};
  std::vector<double> waits, lengths;
  std::atomic<bool> stop = false;
  std::atomic<int> in_flight = 0;
  std::function<void(JobClass)> submit = [&](JobClass job_class) {
    Task task;
    {
      const std::lock_guard lock(mutex);
      task = tasks.next(job_class);
    }
    ++in_flight;
    dispatcher.submit({std::move(task), 0, {}}, [&, job_class](Placed placed) {
      {
        const std::lock_guard lock(mutex);
        ++served[static_cast<std::size_t>(job_class)];
        lengths.push_back(placed.decision.worked_seconds);
        if (job_class == JobClass::kInteractive) waits.push_back(placed.decision.waited_seconds);
      }
      if (!stop) submit(job_class);
      --in_flight;
    });
  };
  for (int i = 0; i < config.slots + 1; ++i) submit(JobClass::kInteractive);  // always one more than can run
  for (int i = 0; i < 4; ++i) submit(JobClass::kBulk);
  std::this_thread::sleep_for(std::chrono::duration<double>(kRunSeconds));
  stop = true;
  while (in_flight > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));

  const auto p99 = [](std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() * 99 / 100];
  };
  const double bulk = double(served[2]) / double(served[0] + served[2]);
  report.figure("bulk_share", bulk, "", "of all lane time, while interactive work never ends");
  report.figure(
      "interactive_wait_p99_tasks", p99(waits) / p99(lengths), "tasks",
      std::format("p99 of {} waits with one task more than slots, over the p99 of a task's length ({:.1f} ms)",
                  waits.size(), p99(lengths) * 1000));
}

int run(BenchReport& report) {
  Logger log(LogLevel::kWarning);
  auto zygote = start_zygote({}, log);  // before any thread
  if (report.options().dir.empty()) {
    report.note("heldout_median_error left out: no folder of photos was named");
  } else if (!zygote) {
    report.note("heldout_median_error left out: " + zygote.error().message);
  } else {
    heldout(report, **zygote);
  }
  unequal_lanes(report);
  recovery(report);
  classes(report);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  tintype::run_zygote_if_asked(argc, argv, tintype::cpu_child_main);
  using namespace tintype::bench;
  BenchReport report("cost-model", parse_bench_options(argc, argv, "bench/run cost-model DIR [--json FILE] [--check]"));
  return run(report);
}
