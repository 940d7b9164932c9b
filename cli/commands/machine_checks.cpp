#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <format>
#include <memory>

#include "cli/commands/doctor_checks.h"
#include "cli/files.h"
#include "cli/http/farm_client.h"
#include "cli/text/human.h"
#include "cli/text/utf8.h"
#include "codec/encode.h"
#include "workers/cpu/machine_limits.h"

namespace tintype {
namespace {

constexpr std::uint64_t kEnoughMemory = 2'000'000'000;
constexpr std::uint64_t kEnoughSpace = 5'000'000'000;
constexpr std::uint64_t kLeastSpace = 500'000'000;
constexpr rlim_t kEnoughFiles = 4096;
constexpr rlim_t kLeastFiles = 512;

// The first line of what a program says; empty if it does not run.
std::string first_line_of(const char* command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command, "r"), ::pclose);
  std::array<char, 256> line{};
  if (!pipe || ::fgets(line.data(), line.size(), pipe.get()) == nullptr) return "";
  std::string text = line.data();
  while (text.ends_with('\n')) text.pop_back();
  return printable(text);
}

}  // namespace

Finding check_cores() {
  const MachineLimits machine = read_machine_limits();
  return {
      Health::kOk, "cores",
      std::format("{} of {}", counted(static_cast<std::uint64_t>(machine.cores), "core", "cores"), machine.cpu_model),
      ""};
}

Finding check_memory() {
  const MachineLimits machine = read_machine_limits();
  if (machine.memory_bytes == 0)
    return {Health::kWarn, "memory", "the system does not say how much there is",
            "give the farm a limit with --memory-mb"};
  const std::string detail = human_bytes(machine.memory_bytes);
  if (machine.memory_bytes >= kEnoughMemory) return {Health::kOk, "memory", detail, ""};
  return {Health::kWarn, "memory", detail + ": large photos as AVIF may not fit",
          "use fewer --workers, or more memory"};
}

Finding check_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string detail = std::format("up to {} (hard limit {})", limit.rlim_cur, limit.rlim_max);
  if (limit.rlim_cur >= kEnoughFiles || limit.rlim_max >= kEnoughFiles) return {Health::kOk, "open files", detail, ""};
  const std::string remedy = "raise the limit: ulimit -n 4096";
  return {limit.rlim_max < kLeastFiles ? Health::kFail : Health::kWarn, "open files", detail, remedy};
}

Finding check_free_space(const std::string& data_dir) {
  const std::string name = "free space";
  const Result<std::uint64_t> free = free_bytes(data_dir);
  if (!free) return {Health::kFail, name, printable(free.error().message), "name another folder with --data DIR"};
  const std::string detail = std::format("{} for {}", human_bytes(*free), printable(data_dir));
  if (*free >= kEnoughSpace) return {Health::kOk, name, detail, ""};
  return {*free < kLeastSpace ? Health::kFail : Health::kWarn, name, detail,
          "free some space there, or name another folder with --data DIR"};
}

Finding check_nats_server() {
  const std::string version = first_line_of("nats-server --version 2>/dev/null");
  if (version.starts_with("nats-server: v")) return {Health::kOk, "nats-server", version.substr(13), ""};
  return {Health::kFail, "nats-server", "not found in PATH",
          "install it (apt-get install nats-server), or use one elsewhere: tintype serve --nats URL"};
}

Finding check_codecs() {
  std::string builds;
  for (const Encoder encoder : {Encoder::kLibwebp, Encoder::kTintype, Encoder::kAom}) {
    const std::string build = encoder_build(encoder);
    if (!build.empty()) builds += (builds.empty() ? "" : ", ") + build;
  }
  return {Health::kOk, "codecs", builds, ""};
}

Finding check_farm(const std::string& url) {
  const std::string start = "start one with `tintype serve`, or name another with --farm URL";
  const Result<std::string> base = farm_url(url);
  if (!base) return {Health::kFail, "farm", base.error().message, start};
  const Result<std::unique_ptr<HttpEngine>> engine = HttpEngine::create(farm_headers());
  if (!engine) return {Health::kFail, "farm", engine.error().message, start};
  FarmClient farm(**engine, *base);
  const Result<Json> ready = farm.get_json("/readyz");
  if (!ready) return {Health::kFail, "farm", printable(ready.error().message), start};
  const std::string detail = std::format("{}: store {}, queue {}", *base, printable(text_at(*ready, "store")),
                                         printable(text_at(*ready, "queue")));
  if (text_at(*ready, "queue") == "ok") return {Health::kOk, "farm", detail, ""};
  return {Health::kWarn, "farm", detail,
          "uploads are taken, but nothing is compressed until the queue is back: look at the farm's log"};
}

}  // namespace tintype
