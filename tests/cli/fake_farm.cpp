#include "tests/cli/fake_farm.h"

#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>

#include "cli/files.h"
#include "core/base/digest.h"
#include "core/job/recipe.h"
#include "tests/cli/http_listener.h"

namespace tintype::testing {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

HttpReply problem(int status, std::string_view code, std::string_view detail) {
  return {status, Json{{"status", status}, {"code", code}, {"detail", detail}}.dump(), "application/problem+json"};
}

const char* const kVariants[][2] = {{"1024.webp", "webp"}, {"256.webp", "webp"}, {"1024.avif", "avif"}};

std::string variant_text(const std::string& photo, const std::string& name) {
  return "variant " + name + " of " + photo;
}

}  // namespace

struct FakeFarm::State {
  Config config;
  mutable std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  Json kept = {{"next", 1}, {"photos", Json::object()}, {"keys", Json::object()}, {"recipes", Json::object()}};
  std::map<std::string, steady_clock::time_point> due;      // by job, those not ended
  std::vector<std::pair<std::string, std::string>> events;  // batch and text, all there ever were
  std::set<std::string> lied;
  std::thread worker;
  std::unique_ptr<HttpListener> listener;
  std::size_t uploads = 0, most_in_flight = 0;

  void load() {
    if (config.data_dir.empty()) return;
    std::ifstream in(config.data_dir + "/fake.json");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (Json was = Json::parse(text, nullptr, false); was.is_object()) kept = std::move(was);
    for (const auto& [id, photo] : kept["photos"].items()) {
      if (photo["state"] == "queued") due[photo["job"]] = steady_clock::now() + config.work;
    }
  }
  void save() const {
    if (!config.data_dir.empty()) static_cast<void>(replace_text_file(config.data_dir + "/fake.json", kept.dump()));
  }

  void work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      changed.wait_for(lock, milliseconds(2));
      for (auto job = due.begin(); job != due.end();) {
        if (job->second > steady_clock::now()) {
          ++job;
          continue;
        }
        end_job(job->first);
        job = due.erase(job);
      }
    }
  }

  void end_job(const std::string& job) {
    for (auto& [id, photo] : kept["photos"].items()) {
      if (photo["job"] != job) continue;
      const std::string name = photo["name"];
      photo["state"] = name.starts_with("corrupt") || name.starts_with("crash") ? "failed" : "done";
      const std::string type = "job." + std::string(photo["state"]);
      events.emplace_back(photo["batch"], std::format("id: {}\nevent: {}\ndata: {}\n\n", job, type,
                                                      Json{{"type", type}, {"job", job}, {"photo", id}}.dump()));
    }
    save();
    changed.notify_all();
  }

  HttpReply event_stream(const std::string& batch) {
    const auto at = std::make_shared<std::size_t>(events.size());
    HttpReply reply{200, "", "text/event-stream", {}};
    reply.stream = [this, batch, at, begun = false](std::string& piece) mutable {
      std::unique_lock lock(mutex);
      if (std::exchange(begun, true)) changed.wait_for(lock, milliseconds(50));
      piece = ":\n\n";
      for (; config.tells_events && *at < events.size(); ++*at) {
        if (events[*at].first == batch) piece += events[*at].second;
      }
      return !stopping;
    };
    return reply;
  }

  HttpReply answer_to(const HttpCall& r) {
    const std::lock_guard lock(mutex);
    const bool get = r.method == "GET";
    if (r.path == "/v1/events") return event_stream(r.query.at("batch"));
    if (r.path == "/readyz") return {200, R"({"ready":true,"store":"ok","queue":"ok"})"};
    if (r.path == "/v1/devices") {
      return {200,
              Json{{"nodes", {{{"node", "fake"}, {"lanes", {{{"name", "cpu"}, {"slots", config.slots}}}}}}}}.dump()};
    }
    if (r.path == "/v1/photos" && r.method == "POST") return take(r);
    if (r.path.starts_with("/v1/recipes/")) return recipe(r, r.path.substr(12));
    if (r.path.starts_with("/v1/jobs/") && get) return job(r.path.substr(9));
    if (r.path.starts_with("/v1/photos/")) {
      const std::string rest = r.path.substr(11);
      const std::size_t slash = rest.find('/');
      const std::string id = rest.substr(0, slash);
      if (!kept["photos"].contains(id)) return problem(404, "not_found", "there is no such photo");
      if (r.method == "DELETE") {
        kept["photos"].erase(id);
        save();
        return {204, ""};
      }
      if (slash == std::string::npos) return detail(id);
      return variant(id, rest.substr(slash + 10));
    }
    return problem(404, "not_found", "there is no such thing");
  }

  HttpReply take(const HttpCall& r) {
    const std::string key = r.headers.contains("idempotency-key") ? r.headers.at("idempotency-key") : "";
    if (kept["keys"].contains(key)) {
      const std::string id = kept["keys"][key];
      if (!kept["photos"].contains(id)) return problem(409, "conflict", "that photo was deleted; use a new key");
      return {200, Json{{"photo_id", id}, {"job_id", kept["photos"][id]["job"]}, {"existed", true}}.dump()};
    }
    if (r.query.at("name").starts_with("huge")) return problem(413, "image_too_large", "it is larger than the limit");
    if (r.query.at("name").starts_with("full")) return problem(507, "storage_full", "the farm's disk is full");
    const auto number = kept["next"].get<int>();
    kept["next"] = number + 1;
    const std::string id = std::format("photo{:08}", number), name = r.query.at("name"),
                      job = std::format("job{:010}", number);
    kept["photos"][id] = {
        {"job", job}, {"name", name}, {"batch", r.query.at("batch")}, {"state", "queued"}, {"bytes", r.body.size()}};
    kept["keys"][key] = id;
    due[job] = steady_clock::now() + (name.starts_with("slow") ? milliseconds(2000) : config.work);
    ++uploads;
    most_in_flight = std::max(most_in_flight, due.size());
    save();
    return {201, Json{{"photo_id", id}, {"job_id", job}, {"existed", false}}.dump()};
  }

  HttpReply job(const std::string& id) {
    for (const auto& [photo_id, photo] : kept["photos"].items()) {
      if (photo["job"] != id) continue;
      Json job{{"id", id}, {"state", photo["state"]}, {"class", "bulk"}, {"photo_id", photo_id}};
      if (photo["state"] == "failed") {
        const bool crashed = std::string(photo["name"]).starts_with("crash");
        job["failure"] = {{"code", crashed ? "worker_crashed" : "corrupt_image"},
                          {"message", "its data contradicts itself"}};
      }
      return {200, job.dump()};
    }
    return problem(404, "not_found", "there is no such job");
  }

  HttpReply detail(const std::string& id) {
    Json variants = Json::array();
    for (const auto& [name, format] : kVariants) {
      const std::string text = variant_text(id, name);
      variants.push_back({{"name", name},
                          {"format", format},
                          {"width", 100},
                          {"height", 50},
                          {"bytes", text.size()},
                          {"sha256", to_hex(sha256(as_bytes(text)))},
                          {"encode_seconds", 0.25}});
    }
    if (kept["photos"][id]["state"] != "done") variants = Json::array();
    return {200, Json{{"id", id},
                      {"width", 400},
                      {"height", 200},
                      {"manifest", {{"variants", variants}, {"warnings", Json::array()}}}}
                     .dump()};
  }

  HttpReply variant(const std::string& id, const std::string& name) {
    std::string text = variant_text(id, name);
    if (config.lies_about_digests && lied.insert(id + name).second) text[0] = 'V';
    return {200, text, "image/x"};
  }

  HttpReply recipe(const HttpCall& r, const std::string& name) {
    if (r.method == "PUT") {
      if (kept["recipes"].contains(name) && kept["recipes"][name] != r.body)
        return problem(409, "already_exists", "it means something else");
      kept["recipes"][name] = r.body;
      return {201, "{}"};
    }
    if (kept["recipes"].contains(name)) return {200, kept["recipes"][name], "application/toml"};
    const Result<Recipe> found = find_recipe(name, "");
    return found ? HttpReply{200, to_toml(*found), "application/toml"}
                 : problem(404, "not_found", "there is no such recipe");
  }
};

FakeFarm::FakeFarm(Config config) : state_(std::make_shared<State>()) {
  State* state = state_.get();
  state->config = std::move(config);
  state->load();
  state->worker = std::thread([state] { state->work(); });
  state->listener = std::make_unique<HttpListener>(state->config.port,
                                                   [state](const HttpCall& call) { return state->answer_to(call); });
}

FakeFarm::~FakeFarm() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
  }
  state_->listener.reset();
  state_->worker.join();
}

std::string FakeFarm::url() const { return std::format("http://127.0.0.1:{}", port()); }
int FakeFarm::port() const { return state_->listener->port(); }

std::size_t FakeFarm::photos() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept["photos"].size();
}

std::size_t FakeFarm::uploads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->uploads;
}

std::size_t FakeFarm::most_in_flight() const {
  const std::lock_guard lock(state_->mutex);
  return state_->most_in_flight;
}

int run_fake_serve(const ServeOptions& options) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  if (const char* refusal = std::getenv("FAKE_FARM_REFUSAL")) {
    std::fprintf(stderr, "%s\n", refusal);
    return 3;
  }
  FakeFarm::Config config;
  config.data_dir = options.data_dir;
  if (const char* work = std::getenv("FAKE_FARM_WORK_MS")) config.work = milliseconds(std::atoi(work));
  const FakeFarm farm(config);
  if (!replace_text_file(options.port_file, farm.url() + "\n")) return 1;
  int signal = 0;
  ::sigwait(&stop, &signal);
  if (const char* slow = std::getenv("FAKE_FARM_END_MS")) std::this_thread::sleep_for(milliseconds(std::atoi(slow)));
  return 0;
}

}  // namespace tintype::testing
