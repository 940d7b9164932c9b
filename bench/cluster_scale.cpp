// More nodes on one fleet: images a CPU second with two nodes beside one, and jobs a second with 1 to 32 nodes whose
// lanes take a set time, until something saturates: with photos of many users, and with those of one, whose index is
// one object. A fleet is brought up on this machine (deploy/cluster), in TMPDIR.
// DIR: photos for the first part.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/bench_report.h"
#include "bench/support/process_tree.h"
#include "cli/files.h"
#include "cli/fleet/fleet_links.h"
#include "cli/fleet/node_process.h"
#include "core/base/digest.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr int kPhotosAtMost = 24;
constexpr int kRounds = 2;
constexpr int kNodeCounts[] = {1, 2, 4, 8, 16, 32};

// The bench stops at the first thing that fails: a figure of a failing fleet means nothing.
template <typename T>
T check(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double seconds_since(Steady::time_point then) { return std::chrono::duration<double>(Steady::now() - then).count(); }

// One connection to everything that a fleet shares.
struct Link {
  std::unique_ptr<RadosStore> store;
  NatsQueue queue;

  FleetStores stores() { return {store->blobs(), store->index(), store->jobs(), store->documents()}; }
};

// The fleet that deploy/cluster keeps in a folder.
class LocalFleet {
 public:
  explicit LocalFleet(std::string dir) : dir_(std::move(dir)) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tintype";
    script_ = std::string(TINTYPE_SOURCE_DIR) + "/deploy/cluster";
    more_ = " --program " + program;
    run(std::format("up {} --nodes 2 --workers 1", dir_));
  }
  ~LocalFleet() { run("down " + dir_); }

  std::string config_file() const { return dir_ + "/fleet.toml"; }
  void start(const std::string& name) const { run(std::format("start {} {}", dir_, name)); }
  // SIGTERM, and waits for its end.
  void stop(const std::string& name) const {
    const pid_t pid = pid_of(name);
    ::kill(pid, SIGTERM);
    while (::kill(pid, 0) == 0 && !is_zombie(pid)) std::this_thread::sleep_for(50ms);
  }
  double cpu_seconds_of_node(const std::string& name) const {
    const pid_t pid = pid_of(name);
    return cpu_seconds_of(pid) + cpu_seconds_below(pid);
  }
  // Of the servers, by kind.
  std::map<std::string, double> cpu_of_servers() const {
    std::map<std::string, double> cpu;
    for (const char* name : {"nats1", "nats2", "nats3"}) cpu["nats-server x 3"] += cpu_seconds_of(pid_of(name));
    for (const char* name : {"osd.0", "osd.1", "osd.2"})
      cpu["ceph-osd x 3"] += cpu_seconds_of(pid_of(std::string("../ceph/run/") + name));
    for (const char* name : {"mon.a", "mon.b", "mon.c", "mgr.x"})
      cpu["monitors, manager"] += cpu_seconds_of(pid_of(std::string("../ceph/run/") + name));
    return cpu;
  }

 private:
  void run(const std::string& arguments) const {
    if (std::system(std::format("{} {}{}", script_, arguments, more_).c_str()) != 0) std::exit(1);
  }
  pid_t pid_of(const std::string& name) const {
    return static_cast<pid_t>(std::atol(check(read_text_file(std::format("{}/run/{}.pid", dir_, name))).c_str()));
  }
  static bool is_zombie(pid_t pid) {
    const auto stat = read_text_file(std::format("/proc/{}/stat", pid));
    return stat && stat->contains(") Z ");
  }

  const std::string dir_;
  std::string script_, more_;
};

Link open_link(const FleetConfig& config, const Clock& clock, Logger& log) {
  return {check(open_fleet_store(config, clock, log)), check(open_fleet_queue(config, clock, log))};
}

// A photo as a gateway leaves it; its job is not published yet.
Job put_photo(Link& link, const std::string& owner, const std::string& bytes, const Recipe& recipe,
              const Clock& clock) {
  Job job;
  job.owner = owner;
  job.job_class = JobClass::kBulk;
  job.recipe = recipe;
  job.enqueued_at_ms = clock.now_ms();
  job.photo = job.id = SortableId::make(clock.now_ms());
  const BlobKey key{job.owner, job.photo, 0, "original"};
  const auto writer = check(link.store->blobs().create(key, bytes.size()));
  check(writer->write(as_bytes(bytes)));
  check(writer->commit());
  Photo photo;
  photo.light.photo = job.photo;
  photo.light.bytes = bytes.size();
  photo.heavy.sha256 = to_hex(sha256(as_bytes(bytes)));
  photo.heavy.original_key = key.to_string();
  photo.heavy.job = job;
  check(link.store->index().create(job.owner, photo));
  check(link.store->jobs().put(JobRecord{.job = job}));
  return job;
}

// Publishes all and waits for the last to be done; answers the seconds.
double do_jobs(Link& link, const std::vector<Job>& jobs) {
  const auto began = Steady::now();
  for (const Job& job : jobs) check(link.queue.jobs->publish(job));
  for (std::size_t done = 0; done < jobs.size();) {
    const Photo photo = check(link.store->index().get(jobs[done].owner, jobs[done].photo));
    if (photo.light.failed) check(Status(fail(ErrorCode::kInternal, "a job failed; the nodes' logs tell why")));
    if (photo.light.complete) {
      ++done;
    } else {
      std::this_thread::sleep_for(10ms);
    }
  }
  return seconds_since(began);
}

std::vector<std::string> read_photos(const std::string& dir) {
  std::vector<std::string> photos;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() == ".jpg" && entry.file_size() < (6 << 20)) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    if (std::ssize(photos) < kPhotosAtMost) photos.push_back(check(read_text_file(path.string())));
  }
  return photos;
}

void measure_cpu(BenchReport& report, const LocalFleet& fleet, const FleetConfig& config, const Clock& clock,
                 Logger& log) {
  const char* given = std::getenv("TINTYPE_PHOTOS");
  const std::vector<std::string> photos = read_photos(!report.options().dir.empty() ? report.options().dir
                                                      : given                       ? given
                                                                                    : ".");
  if (photos.empty())
    check(Status(fail(ErrorCode::kInvalidArgument, "there are no .jpg files: name a folder of photos")));
  Link link = open_link(config, clock, log);
  const Recipe recipe = check(find_recipe("web-webp", ""));
  std::map<int, std::vector<double>> rates, walls;
  for (int round = 0; round < kRounds; ++round) {
    for (const int nodes : {2, 1}) {
      if (nodes == 1) fleet.stop("n2");
      if (nodes == 2 && round > 0) fleet.start("n2");
      std::this_thread::sleep_for(2s);
      std::vector<Job> jobs;
      for (const std::string& photo : photos) jobs.push_back(put_photo(link, "bench", photo, recipe, clock));
      const auto cpu = [&] {
        return fleet.cpu_seconds_of_node("n1") + (nodes == 2 ? fleet.cpu_seconds_of_node("n2") : 0.0);
      };
      const double before = cpu();
      walls[nodes].push_back(do_jobs(link, jobs));
      rates[nodes].push_back(double(jobs.size()) / (cpu() - before));
    }
  }
  Table table({{"nodes"}, {"images a CPU second", Align::kRight}, {"images a second", Align::kRight}});
  for (const auto& [nodes, each] : rates) {
    table.add_row({std::to_string(nodes), std::format("{:.2f}", median(each)),
                   std::format("{:.2f}", double(photos.size()) / median(walls[nodes]))});
  }
  report.table(std::format("{} photos, recipe web-webp, one slot a node, {} rounds", photos.size(), kRounds), table);
  report.figure("cpu_two_nodes_to_one", median(rates[2]) / median(rates[1]), "",
                "images a CPU second of all nodes, two nodes to one");
}

bool encodes(const Task& task) {
  return std::ranges::any_of(task.steps, [](const Step& step) { return std::holds_alternative<EncodeStep>(step); });
}

struct Linear {
  double service_seconds = 0;
  int jobs_a_node = 0;
  int users = 0;
};
constexpr Linear kLinear[] = {{1.0, 8, 100}, {0.05, 40, 100}, {0.05, 40, 1}};

struct Rate {
  double jobs_a_second = 0;
  std::string who;  // kept the cores busy
};

// Nodes of this process, each with connections of its own.
Rate rate_of(int nodes, const Linear& part, const LocalFleet& fleet, const FleetConfig& config, Link& link,
             const Clock& clock, Logger& log) {
  Recipe recipe = check(find_recipe("web-webp", ""));
  recipe.name = "one-rung";
  recipe.rungs.resize(1);
  std::vector<Job> jobs;
  for (int i = 0; i < nodes * part.jobs_a_node; ++i)
    jobs.push_back(put_photo(link, std::format("user{}", i % part.users), std::format("picture {}", i), recipe, clock));
  Metrics metrics;
  std::vector<std::unique_ptr<Link>> links;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::vector<std::unique_ptr<NodeProcess>> running;
  for (int i = 0; i < nodes; ++i) {
    FleetConfig own = config;
    own.node.name = std::format("node{}", i);
    links.push_back(std::make_unique<Link>(open_link(own, clock, log)));
    // A job is a task that looks at the photo, at once here, and one that does the work.
    lanes.push_back(check(make_simulated_lane(
        {.name = own.node.name, .slots = 1, .service_seconds = [s = part.service_seconds](const Task& task) {
           return encodes(task) ? s : 0.0;
         }})));
    running.push_back(check(start_node_process(own, links.back()->stores(), links.back()->queue, {lanes.back().get()},
                                               clock, metrics, log)));
  }
  std::this_thread::sleep_for(500ms);
  auto cpu = fleet.cpu_of_servers();
  const double nodes_cpu = cpu_seconds_of(::getpid());
  const MachineTime machine = machine_time();
  const double seconds = do_jobs(link, jobs);
  const MachineTime after = machine_time();
  Rate rate{.jobs_a_second = double(jobs.size()) / seconds, .who = {}};
  rate.who =
      std::format("{:.2f} of {}, and {:.2f} idle but for a disk; nodes {:.2f}",
                  (after.busy_s - machine.busy_s) / seconds, std::thread::hardware_concurrency(),
                  (after.waiting_s - machine.waiting_s) / seconds, (cpu_seconds_of(::getpid()) - nodes_cpu) / seconds);
  for (const auto& [name, now_s] : fleet.cpu_of_servers())
    rate.who += std::format(", {} {:.2f}", name, (now_s - cpu[name]) / seconds);
  return rate;
}

void measure_linear(BenchReport& report, const LocalFleet& fleet, FleetConfig config, const Clock& clock, Logger& log) {
  config.farm = "scale";  // streams of its own, that the fleet's nodes do not pull from
  config.nats.max_stream_mb = 32;
  config.node.sweep_period_s = 3600;
  config.node.yield = false;
  Link link = open_link(config, clock, log);
  for (const Linear& part : kLinear) {
    const std::string whose = part.users == 1 ? "one user" : std::format("{} users", part.users);
    Table table({{"nodes", Align::kRight},
                 {"jobs a second", Align::kRight},
                 {"of linear", Align::kRight},
                 {"busy cores of this machine", Align::kLeft}});
    double one = 0, most = 0, linear_to = 0;
    for (const int nodes : kNodeCounts) {
      const auto [rate, who] = rate_of(nodes, part, fleet, config, link, clock, log);
      if (nodes == 1) one = rate;
      const double of_linear = rate / (one * nodes);
      if (of_linear >= 0.95) linear_to = rate;
      most = std::max(most, rate);
      table.add_row({std::to_string(nodes), std::format("{:.1f}", rate), std::format("{:.3f}", of_linear), who});
      if (part.service_seconds >= 1 && nodes == 32)
        report.figure("linear_32_nodes", of_linear, "",
                      "jobs a second with 32 nodes to 32 times one node's, 1 s a job");
    }
    report.table(std::format("lanes that take {} s a job, photos of {}", part.service_seconds, whose), table);
    if (part.service_seconds < 1) {
      const std::string name = part.users == 1 ? "one_user_" : "";
      report.figure(name + "linear_up_to", linear_to, "jobs/s",
                    "the highest rate at 0.95 of linear or better, 50 ms a job, " + whose);
      report.figure(name + "most", most, "jobs/s", "the highest rate at all, 50 ms a job, " + whose);
    }
  }
}

int run(BenchReport& report) {
  std::string dir = (std::filesystem::temp_directory_path() / "tintype-cluster-scale-XXXXXX").string();
  if (!::mkdtemp(dir.data())) check(Status(fail(error_from_errno(errno, "making a folder like " + dir))));
  const SystemClock clock;
  Logger log(LogLevel::kError);
  {
    const LocalFleet fleet(dir + "/fleet");
    const FleetConfig config = check(read_fleet_config(fleet.config_file()));
    if (report.options().wants("cpu")) measure_cpu(report, fleet, config, clock, log);
    if (report.options().wants("linear")) measure_linear(report, fleet, config, clock, log);
  }
  std::filesystem::remove_all(dir);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  BenchReport report(
      "cluster-scale",
      parse_bench_options(argc, argv, "bench/run cluster-scale [DIR] [--parts cpu,linear] [--json FILE] [--check]",
                          {"cpu", "linear"}));
  return run(report);
}
