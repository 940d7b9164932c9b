// What the queue costs: jobs a second and CPU a job, of this process and of nats-server, by kind of use.
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <print>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/queue/nats/nats_queue.h"
#include "core/queue/nats/nats_server.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const SystemClock kClock;
constexpr int kJobs = 4000;

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double client_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double server_cpu_seconds(int pid) {
  std::ifstream file(std::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // utime and stime are fields 14 and 15; the second field may hold spaces and ends with the last ')'.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / double(sysconf(_SC_CLK_TCK));
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    if (!mkdtemp(path_.data())) give_up(error_from_errno(errno, "making a temporary folder"));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = (std::filesystem::temp_directory_path() / "tintype-bench-XXXXXX").string();
};

struct Farm {
  explicit Farm(milliseconds sync_interval) {
    server = must(start_nats_server({.data_dir = folder.path(), .sync_interval = sync_interval}, log));
    queue = must(connect_nats_queue({.url = server->url()}, kClock, log));
  }

  Logger log{LogLevel::kWarning};
  TemporaryFolder folder;
  std::unique_ptr<NatsServer> server;
  NatsQueue queue;
};

Job make_job() {
  static std::atomic<std::uint64_t> count = 0;
  Job job;
  job.id = JobId{SortableId::make(kClock.now_ms()).value + ++count};
  job.owner = "bench";
  job.photo = PhotoId{job.id.value};
  job.recipe = builtin_recipes().front();
  return job;
}

Event make_event(const Job& job, const char* type) {
  Event event;
  event.id = std::format("{}.{}", job.message_id(), type);
  event.type = type;
  event.owner = job.owner;
  event.photo = job.photo;
  event.job = job.id;
  return event;
}

struct Row {
  std::string name;
  double jobs_per_second = 0;
  double client_us = 0;
  double server_us = 0;
};

// `work` does `jobs` jobs in all.
Row measure(Farm& farm, std::string name, int jobs, const std::function<void()>& work) {
  const double client = client_cpu_seconds();
  const double server = server_cpu_seconds(farm.server->pid());
  const auto start = std::chrono::steady_clock::now();
  work();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {std::move(name), jobs / seconds, (client_cpu_seconds() - client) * 1e6 / jobs,
          (server_cpu_seconds(farm.server->pid()) - server) * 1e6 / jobs};
}

void on_threads(int count, const std::function<void()>& work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work);
}

void publish(Farm& farm, int jobs) {
  for (int i = 0; i < jobs; ++i) must(farm.queue.jobs->publish(make_job()));
}

void drain(Farm& farm, std::atomic<int>& left, int batch) {
  while (left > 0) {
    for (auto& delivery : must(farm.queue.jobs->fetch(JobClass::kUpload, batch, 100ms))) {
      must(delivery->ack());
      --left;
    }
  }
}

void live(Farm& farm) {
  const Job job = make_job();
  must(farm.queue.jobs->publish(job));
  auto deliveries = must(farm.queue.jobs->fetch(JobClass::kUpload, 1, 5s));
  must(farm.queue.events->publish(make_event(job, "job.running")));
  must(farm.queue.events->publish(make_event(job, "job.done")));
  must(deliveries.front()->ack());
}

std::vector<Row> measure_uses() {
  Farm farm(10s);
  std::vector<Row> rows;
  publish(farm, 200);  // warm
  std::atomic<int> left = 200;
  drain(farm, left, 16);
  for (int threads : {1, 4, 16}) {
    rows.push_back(measure(farm, std::format("publish, {} threads", threads), kJobs,
                           [&] { on_threads(threads, [&] { publish(farm, kJobs / threads); }); }));
    const int batch = threads == 1 ? 1 : 16;
    left = kJobs;
    rows.push_back(measure(farm, std::format("fetch({}) and ack, {} threads", batch, threads), kJobs,
                           [&] { on_threads(threads, [&] { drain(farm, left, batch); }); }));
  }
  rows.push_back(measure(farm, "whole life: publish, fetch(1), 2 events, ack", kJobs, [&] {
    for (int i = 0; i < kJobs; ++i) live(farm);
  }));
  // Slowly, as a farm that encodes does: what wakes up for each job is part of the price.
  constexpr int kSlowJobs = 250;
  rows.push_back(measure(farm, "whole life at 50 jobs/s", kSlowJobs, [&] {
    for (int i = 0; i < kSlowJobs; ++i) {
      live(farm);
      std::this_thread::sleep_for(19ms);
    }
  }));
  constexpr int kIdleSeconds = 6;
  rows.push_back(measure(farm, "idle: one fetch waiting a class (a \"job\" is a second)", kIdleSeconds, [&] {
    std::vector<std::jthread> threads;
    for (JobClass job_class : kJobClasses) {
      threads.emplace_back([&, job_class] {
        for (int i = 0; i < kIdleSeconds; ++i) must(farm.queue.jobs->fetch(job_class, 4, 1s));
      });
    }
  }));
  return rows;
}

std::vector<Row> measure_syncs() {
  std::vector<Row> rows;
  for (const milliseconds interval : {0ms, 1'000ms, 10'000ms, 120'000ms}) {
    Farm farm(interval);
    const std::string name = interval == 0ms ? "always" : std::format("{} s", interval.count() / 1000);
    rows.push_back(measure(farm, std::format("publish, 1 thread, sync_interval {}", name), kJobs / 2,
                           [&] { publish(farm, kJobs / 2); }));
  }
  return rows;
}

}  // namespace
}  // namespace tintype

int main(int argc, char** argv) {
  using namespace tintype;
  std::string json_path;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") json_path = argv[i + 1];
  }
  std::vector<Row> rows = measure_uses();
  std::ranges::move(measure_syncs(), std::back_inserter(rows));
  std::println("{:<54} {:>9} {:>13} {:>13}", "use", "jobs/s", "client us/job", "server us/job");
  std::string json = "[";
  for (const Row& row : rows) {
    std::println("{:<54} {:>9.0f} {:>13.0f} {:>13.0f}", row.name, row.jobs_per_second, row.client_us, row.server_us);
    std::string name = row.name;
    for (std::size_t at = 0; (at = name.find('"', at)) != name.npos; at += 2) name.insert(at, 1, '\\');
    json += std::format(R"({}{{"use":"{}","jobs_per_second":{:.1f},"client_us":{:.1f},"server_us":{:.1f}}})",
                        json.size() > 1 ? "," : "", name, row.jobs_per_second, row.client_us, row.server_us);
  }
  if (!json_path.empty()) std::ofstream(json_path) << json << "]\n";
}
