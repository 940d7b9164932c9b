#include "core/queue/nats/nats_server_files.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <thread>

#include "core/base/digest.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLockWait{1'000};
constexpr mode_t kOwnerOnly = 0600;
constexpr std::size_t kMaxTokenFile = 256;
constexpr std::uint16_t kLowestPort = 10'000;
constexpr int kRandomPorts = 32;

std::unexpected<Error> sys_error(const std::string& doing) { return fail(error_from_errno(errno, doing)); }

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return sys_error(std::format("writing {}", path));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Whole or not at all, also for whoever reads meanwhile.
Status replace_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".new";
  const UniqueFd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
  if (!fd) return sys_error(std::format("creating {}", temporary));
  TT_TRY(write_all(fd.get(), text, temporary));
  if (rename(temporary.c_str(), path.c_str()) < 0) return sys_error(std::format("renaming {}", temporary));
  return {};
}

// "" when there is no such file.
Result<std::string> read_small_file(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::string();
  if (!fd) return sys_error(std::format("opening {}", path));
  std::string text(kMaxTokenFile, '\0');
  const ssize_t got = read(fd.get(), text.data(), text.size());
  if (got < 0) return sys_error(std::format("reading {}", path));
  text.resize(static_cast<std::size_t>(got));
  return text;
}

// A string in the configuration's syntax.
std::string config_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket bound to the port as a server would; the port is free again when it closes.
UniqueFd bind_loopback(std::uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) fd.reset();
  return fd;
}

// 0 if the kernel does not tell.
std::uint16_t first_outgoing_port() {
  std::uint16_t first = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first;
  return first;
}

}  // namespace

Result<std::string> find_program(const std::string& program) {
  if (program.contains('/')) {
    if (access(program.c_str(), X_OK) == 0) return program;
    return fail(ErrorCode::kNotFound,
                std::format("{} cannot be run: {}", program, error_from_errno(errno, "looking at it").message));
  }
  const char* variable = std::getenv("PATH");
  std::string_view path = variable ? variable : "";
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string candidate = std::format("{}/{}", path.substr(0, colon), program);
    if (colon != 0 && access(candidate.c_str(), X_OK) == 0) return candidate;
    path.remove_prefix(colon == path.npos ? path.size() : colon + 1);
  }
  return fail(
      ErrorCode::kNotFound,
      std::format("{0} is not in PATH: install the package {0}, or name a running one with --nats URL", program));
}

Status make_data_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(error_from_errno(error.value(), std::format("creating the folder {}", folder)));
  return {};
}

Result<UniqueFd> lock_data_folder(const std::string& folder) {
  const std::string path = folder + "/nats-server.lock";
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!fd) return sys_error(std::format("opening {}", path));
  const auto deadline = std::chrono::steady_clock::now() + kLockWait;
  while (flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return sys_error(std::format("locking {}", path));
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::kAlreadyExists,
                  std::format("{} is in use by another farm: stop that one, or choose another data folder", folder));
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
  return fd;
}

Result<std::string> data_folder_token(const std::string& folder) {
  const std::string path = folder + "/nats-server.token";
  TT_ASSIGN(std::string token, read_small_file(path));
  if (!token.empty()) return token;
  std::array<std::uint8_t, 24> random;
  if (getrandom(random.data(), random.size(), 0) != std::ssize(random)) return sys_error("making a token");
  token = to_hex(random);
  TT_TRY(replace_file(path, token));
  return token;
}

Result<UniqueFd> open_server_log(const std::string& folder) {
  const std::string path = folder + "/nats-server.log";
  UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly));
  if (!fd) return sys_error(std::format("opening {}", path));
  return fd;
}

Result<std::uint16_t> find_free_port() {
  const std::uint32_t end = first_outgoing_port();
  for (int tries = 0; end > kLowestPort && tries < kRandomPorts; ++tries) {
    std::uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) break;
    const auto port = static_cast<std::uint16_t>(kLowestPort + random % (end - kLowestPort));
    if (is_port_free(port)) return port;
  }
  const UniqueFd fd = bind_loopback(0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (!fd || getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0) {
    return sys_error("finding a free port of 127.0.0.1");
  }
  return ntohs(address.sin_port);
}

bool is_port_free(std::uint16_t port) { return static_cast<bool>(bind_loopback(port)); }

Result<std::string> write_server_config(const ServerSettings& settings) {
  const std::string path = settings.folder + "/nats-server.conf";
  const std::string sync_interval =
      settings.sync_interval > milliseconds(0) ? std::format("\"{}ms\"", settings.sync_interval.count()) : "always";
  const std::string text = std::format(
      "# Written by tintype at each start.\n"
      "listen: \"127.0.0.1:{}\"\n"
      "authorization {{ token: {} }}\n"
      "log_file: {}\n"
      "logfile_size_limit: 8MB\n"
      "jetstream {{\n"
      "  store_dir: {}\n"
      "  max_file_store: {}\n"
      "  max_memory_store: 0\n"
      "  sync_interval: {}\n"
      "}}\n",
      settings.port, config_string(settings.token), config_string(settings.folder + "/nats-server.log"),
      config_string(settings.folder + "/jetstream"), settings.max_store_bytes, sync_interval);
  TT_TRY(replace_file(path, text));
  return path;
}

}  // namespace tintype
