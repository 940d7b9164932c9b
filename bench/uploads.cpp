// How long an upload of 3 MB takes until it is acknowledged as durable: p50 and p99, raw and by tus, lanes
// idle or busy.
//
// The farm is `tintype serve` with its own nats-server, on the disk of TMPDIR; clients are beside it, a kept
// connection each. Without DIR every upload is noise, which the lanes refuse at once; with DIR a second table
// has its photos (made 3 MB by bytes after their end), so that the lanes work all the time. Photos are
// deleted between uploads, outside the time.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/bench_report.h"
#include "core/base/unique_fd.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBytes = 3'000'000;
constexpr int kUploads = 300;  // a row

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "uploads: %s\n", what.c_str());
  std::_Exit(1);
}

// `tintype serve` from the folder of this program, until it goes out of scope.
class Farm {
 public:
  explicit Farm(const fs::path& work) {
    const std::string program = (fs::read_symlink("/proc/self/exe").parent_path() / "tintype").string();
    const std::string data = (work / "data").string(), port_file = (work / "port").string(),
                      log = (work / "log").string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execl(program.c_str(), "tintype", "serve", "--data", data.c_str(), "--listen", "127.0.0.1:0",
              "--port-file", port_file.c_str(), "--log-level", "error", "--log-file", log.c_str(), nullptr);
      std::_Exit(127);
    }
    for (int i = 0; i < 600 && !fs::exists(port_file); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::string url;
    if (!std::getline(std::ifstream(port_file), url)) give_up("the farm did not start; see " + log);
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  ~Farm() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

// One connection, kept; one request after the other.
class Client {
 public:
  explicit Client(std::uint16_t port)
      : port_(port), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      give_up("no connection");
  }

  // The whole answer; a status other than 2xx ends the bench.
  std::string request(std::string_view method, std::string_view target, std::string_view headers = {},
                      std::string_view body = {}) {
    send(std::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n{}\r\n", method, target,
                     port_, body.size(), headers));
    send(body);
    std::string answer;
    std::size_t end;
    while ((end = answer.find("\r\n\r\n")) == answer.npos) receive(answer);
    if (answer.size() < 10 || answer[9] != '2') give_up(std::format("{} {}: {}", method, target, answer));
    const std::string length = value(answer, "Content-Length: ");
    while (!length.empty() && answer.size() < end + 4 + std::stoul(length)) receive(answer);
    return answer;
  }

  static std::string value(std::string_view answer, std::string_view name) {
    const std::size_t at = answer.find(name);
    if (at == answer.npos) return {};
    const std::string_view rest = answer.substr(at + name.size());
    return std::string(rest.substr(0, rest.find_first_of("\r\"")));
  }

 private:
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) give_up("the connection broke");
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void receive(std::string& answer) {
    char buffer[16 << 10];
    const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (size <= 0) give_up("the connection broke");
    answer.append(buffer, static_cast<std::size_t>(size));
  }

  std::uint16_t port_;
  UniqueFd socket_;
};

// Each answers the new photo's id.
using Upload = std::string (*)(Client&, std::string_view);

std::string upload_raw(Client& client, std::string_view bytes) {
  return Client::value(client.request("POST", "/v1/photos", {}, bytes), "\"photo_id\":\"");
}
constexpr std::string_view kTus = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n";

std::string upload_by_tus(Client& client, std::string_view bytes) {
  const std::string created = client.request(
      "POST", "/v1/uploads", std::format("Tus-Resumable: 1.0.0\r\nUpload-Length: {}\r\n", bytes.size()));
  const std::string url = Client::value(created, "Location: ");
  return Client::value(client.request("PATCH", url, std::format("{}Upload-Offset: 0\r\n", kTus), bytes),
                       "Tintype-Photo: ");
}
std::string upload_with_creation(Client& client, std::string_view bytes) {
  return Client::value(client.request("POST", "/v1/uploads",
                                      std::format("{}Upload-Length: {}\r\n", kTus, bytes.size()), bytes),
                       "Tintype-Photo: ");
}

std::vector<std::string> noise() {
  std::string bytes(kBytes, '\0');
  std::mt19937 random(1);
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return {bytes};
}

std::vector<std::string> photos_of(const std::string& dir) {
  std::vector<std::string> photos;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() != ".jpg" || entry.file_size() > kBytes) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    bytes.resize(kBytes, '\0');
    photos.push_back(std::move(bytes));
  }
  if (photos.empty()) give_up(dir + " holds no JPEG of at most 3 MB");
  return photos;
}

// Milliseconds of each upload, sorted.
std::vector<double> measure(std::uint16_t port, int connections, Upload upload,
                            const std::vector<std::string>& payloads) {
  std::mutex mutex;
  std::vector<double> times;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < connections; ++t) {
      threads.emplace_back([&, t] {
        Client client(port);
        for (int i = t; i < kUploads; i += connections) {
          const std::string& bytes = payloads[static_cast<std::size_t>(i) % payloads.size()];
          const auto start = Clock::now();
          const std::string photo = upload(client, bytes);
          const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
          if (photo.size() != 13) give_up("an upload was answered without a photo");
          client.request("DELETE", "/v1/photos/" + photo);
          const std::lock_guard lock(mutex);
          times.push_back(ms);
        }
      });
    }
  }
  std::ranges::sort(times);
  return times;
}

double percentile(const std::vector<double>& sorted, double part) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

void measure_all(BenchReport& report, const Farm& farm, const std::string& lanes,
                 const std::vector<std::string>& payloads) {
  struct Kind {
    std::string key, name;
    Upload upload;
  };
  const Kind kinds[] = {{"raw", "POST /v1/photos", upload_raw},
                        {"tus", "tus: creation, then one PATCH", upload_by_tus},
                        {"tus_at_once", "tus: creation with upload", upload_with_creation}};
  Table table({{"3 MB by"},
               {"connections", Align::kRight},
               {"p50 ms", Align::kRight},
               {"p99 ms", Align::kRight},
               {"worst ms", Align::kRight}});
  for (const Kind& kind : kinds) {
    for (const int connections : {1, 4}) {
      const auto times = measure(farm.port(), connections, kind.upload, payloads);
      const double p50 = percentile(times, 0.5), p99 = percentile(times, 0.99);
      table.add_row({kind.name, std::to_string(connections), std::format("{:.1f}", p50),
                     std::format("{:.1f}", p99), std::format("{:.1f}", times.back())});
      const std::string key = std::format("{}_{}_{}", kind.key, lanes, connections);
      const std::string meaning = std::format("{}, lanes {}, {} connections", kind.name, lanes, connections);
      report.figure(key + "_p50_ms", p50, "ms", meaning);
      report.figure(key + "_p99_ms", p99, "ms", meaning);
    }
  }
  report.table(std::format("From the first byte sent to the acknowledgement; lanes {}", lanes), table);
}

int run(int argc, char** argv) {
  BenchReport report("uploads",
                     parse_bench_options(argc, argv, "bench/run uploads [DIR] [--json FILE] [--check]"));
  std::string work = (fs::temp_directory_path() / "tintype-uploads-XXXXXX").string();
  if (!::mkdtemp(work.data())) give_up("no temporary folder");
  {
    const Farm farm(work);
    measure_all(report, farm, "idle", noise());
    if (!report.options().dir.empty()) measure_all(report, farm, "busy", photos_of(report.options().dir));
  }
  fs::remove_all(work);
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  return tintype::bench::run(argc, argv);
}
