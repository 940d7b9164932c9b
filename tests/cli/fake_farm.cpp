#include "tests/cli/fake_farm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "cli/files.h"
#include "core/base/digest.h"
#include "core/job/recipe.h"

namespace tintype::testing {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Request {
  std::string method, path;
  std::map<std::string, std::string> query, headers;
  std::string body;
};

struct Answer {
  int status = 200;
  std::string body;
  std::string type = "application/json";
};

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Answer problem(int status, std::string_view code, std::string_view detail) {
  return {status, Json{{"status", status}, {"code", code}, {"detail", detail}}.dump(), "application/problem+json"};
}

const char* const kVariants[][2] = {{"1024.webp", "webp"}, {"256.webp", "webp"}, {"1024.avif", "avif"}};

std::string variant_text(const std::string& photo, const std::string& name) { return "variant " + name + " of " + photo; }

}  // namespace

struct FakeFarm::State {
  Config config;
  int listener = -1;
  int port = 0;
  mutable std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  Json kept = {{"next", 1}, {"photos", Json::object()}, {"keys", Json::object()}, {"recipes", Json::object()}};
  std::map<std::string, steady_clock::time_point> due;  // by job, those not ended
  std::vector<std::pair<std::string, std::string>> events;  // batch and text, all there ever were
  std::set<int> sockets;
  std::set<std::string> lied;
  std::vector<std::thread> threads;
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

  void listen() {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(config.port));
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    ::listen(listener, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(mutex);
      if (stopping || socket < 0) {
        if (socket >= 0) ::close(socket);
        return;
      }
      sockets.insert(socket);
      threads.emplace_back([this, socket] { serve(socket); });
    }
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

  static bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
      const ssize_t put = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  std::optional<Request> read_request(int socket, std::string& buffer) {
    const auto more = [&] {
      char piece[64 << 10];
      const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
      if (got > 0) buffer.append(piece, static_cast<std::size_t>(got));
      return got > 0;
    };
    std::size_t end;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    Request request;
    std::string head = buffer.substr(0, end + 2);
    buffer.erase(0, end + 4);
    std::size_t line_end = head.find("\r\n");
    const std::string first = head.substr(0, line_end);
    const std::size_t space = first.find(' '), second = first.rfind(' ');
    request.method = first.substr(0, space);
    std::string target = first.substr(space + 1, second - space - 1);
    if (const std::size_t mark = target.find('?'); mark != std::string::npos) {
      for (std::size_t at = mark + 1; at <= target.size();) {
        const std::size_t stop = std::min(target.find('&', at), target.size());
        const std::string pair = target.substr(at, stop - at);
        const std::size_t equals = pair.find('=');
        if (equals != std::string::npos) request.query[pair.substr(0, equals)] = decoded(pair.substr(equals + 1));
        at = stop + 1;
      }
      target.resize(mark);
    }
    request.path = decoded(target);
    for (std::size_t at = line_end + 2; at < head.size();) {
      const std::size_t stop = head.find("\r\n", at), colon = head.find(':', at);
      std::string name = head.substr(at, colon - at);
      std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
      request.headers[name] = head.substr(colon + 2, stop - colon - 2);
      at = stop + 2;
    }
    const std::size_t length = request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
    while (buffer.size() < length) {
      if (!more()) return std::nullopt;
    }
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return request;
  }

  void serve(int socket) {
    std::string buffer;
    while (const std::optional<Request> request = read_request(socket, buffer)) {
      if (request->path == "/v1/events") {
        stream_events(socket, request->query.at("batch"));
        break;
      }
      const Answer answer = answer_to(*request);
      std::string text = std::format("HTTP/1.1 {} X\r\nContent-Type: {}\r\n", answer.status, answer.type);
      if (answer.status != 204) text += std::format("Content-Length: {}\r\n", answer.body.size());
      if (!send_all(socket, text + "\r\n" + answer.body)) break;
    }
    const std::lock_guard lock(mutex);
    sockets.erase(socket);
    ::close(socket);
  }

  void stream_events(int socket, const std::string& batch) {
    std::unique_lock lock(mutex);
    std::size_t at = events.size();
    std::string text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n:\n\n";
    while (!stopping) {
      for (; config.tells_events && at < events.size(); ++at) {
        if (events[at].first == batch) text += events[at].second;
      }
      lock.unlock();
      const bool sent = send_all(socket, std::exchange(text, {}));
      lock.lock();
      if (!sent) return;
      changed.wait_for(lock, milliseconds(50));
    }
  }

  Answer answer_to(const Request& r) {
    const std::lock_guard lock(mutex);
    const bool get = r.method == "GET";
    if (r.path == "/readyz") return {200, R"({"ready":true,"store":"ok","queue":"ok"})"};
    if (r.path == "/v1/devices") {
      return {200, Json{{"nodes", {{{"node", "fake"}, {"lanes", {{{"name", "cpu"}, {"slots", config.slots}}}}}}}}.dump()};
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

  Answer take(const Request& r) {
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
    const std::string id = std::format("photo{:08}", number), name = r.query.at("name"), job = std::format("job{:010}", number);
    kept["photos"][id] = {{"job", job}, {"name", name}, {"batch", r.query.at("batch")}, {"state", "queued"}, {"bytes", r.body.size()}};
    kept["keys"][key] = id;
    due[job] = steady_clock::now() + (name.starts_with("slow") ? milliseconds(2000) : config.work);
    ++uploads;
    most_in_flight = std::max(most_in_flight, due.size());
    save();
    return {201, Json{{"photo_id", id}, {"job_id", job}, {"existed", false}}.dump()};
  }

  Answer job(const std::string& id) {
    for (const auto& [photo_id, photo] : kept["photos"].items()) {
      if (photo["job"] != id) continue;
      Json job{{"id", id}, {"state", photo["state"]}, {"class", "bulk"}, {"photo_id", photo_id}};
      if (photo["state"] == "failed") {
        const bool crashed = std::string(photo["name"]).starts_with("crash");
        job["failure"] = {{"code", crashed ? "worker_crashed" : "corrupt_image"}, {"message", "its data contradicts itself"}};
      }
      return {200, job.dump()};
    }
    return problem(404, "not_found", "there is no such job");
  }

  Answer detail(const std::string& id) {
    Json variants = Json::array();
    for (const auto& [name, format] : kVariants) {
      const std::string text = variant_text(id, name);
      variants.push_back({{"name", name}, {"format", format}, {"width", 100}, {"height", 50}, {"bytes", text.size()},
                          {"sha256", to_hex(sha256(as_bytes(text)))}, {"encode_seconds", 0.25}});
    }
    if (kept["photos"][id]["state"] != "done") variants = Json::array();
    return {200, Json{{"id", id}, {"width", 400}, {"height", 200}, {"manifest", {{"variants", variants}, {"warnings", Json::array()}}}}.dump()};
  }

  Answer variant(const std::string& id, const std::string& name) {
    std::string text = variant_text(id, name);
    if (config.lies_about_digests && lied.insert(id + name).second) text[0] = 'V';
    return {200, text, "image/x"};
  }

  Answer recipe(const Request& r, const std::string& name) {
    if (r.method == "PUT") {
      if (kept["recipes"].contains(name) && kept["recipes"][name] != r.body) return problem(409, "already_exists", "it means something else");
      kept["recipes"][name] = r.body;
      return {201, "{}"};
    }
    if (kept["recipes"].contains(name)) return {200, kept["recipes"][name], "application/toml"};
    const Result<Recipe> found = find_recipe(name, "");
    return found ? Answer{200, to_toml(*found), "application/toml"} : problem(404, "not_found", "there is no such recipe");
  }
};

FakeFarm::FakeFarm(Config config) : state_(std::make_shared<State>()) {
  state_->config = std::move(config);
  state_->load();
  state_->listen();
  const std::lock_guard lock(state_->mutex);
  state_->threads.emplace_back([state = state_.get()] { state->accept_all(); });
  state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

FakeFarm::~FakeFarm() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    ::shutdown(state_->listener, SHUT_RDWR);
    for (const int socket : state_->sockets) ::shutdown(socket, SHUT_RDWR);
    state_->changed.notify_all();
    threads = std::move(state_->threads);
  }
  for (std::thread& thread : threads) thread.join();
  ::close(state_->listener);
}

std::string FakeFarm::url() const { return std::format("http://127.0.0.1:{}", state_->port); }
int FakeFarm::port() const { return state_->port; }

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
  return 0;
}

}  // namespace tintype::testing
