#include "cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>

#include "core/base/unique_fd.h"

namespace tintype {
namespace {

constexpr std::size_t kTailBytes = 16 << 10;

std::string nearest_existing(std::string path) {
  struct stat facts{};
  while (!path.empty() && path != "/" && ::stat(path.c_str(), &facts) != 0) {
    path = std::filesystem::path(path).parent_path();
  }
  return path.empty() ? "." : path;
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::uint64_t max_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(error_from_errno(errno, "opening " + path));
  std::string text;
  char piece[64 << 10];
  for (;;) {
    const ssize_t got = ::read(fd.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno(errno, "reading " + path));
    if (got == 0) return text;
    if (static_cast<std::uint64_t>(got) > max_bytes - text.size())
      return fail(ErrorCode::kImageTooLarge, std::format("it has more than {} bytes; save a smaller copy", max_bytes));
    text.append(piece, static_cast<std::size_t>(got));
  }
}

Status replace_text_file(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  {
    const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) return fail(error_from_errno(errno, "making " + beside));
    while (!text.empty()) {
      const ssize_t put = ::write(fd.get(), text.data(), text.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail(error_from_errno(errno, "writing " + beside));
      text.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return fail(error_from_errno(errno, "renaming to " + path));
  return {};
}

Status make_folders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(error_from_errno(error.value(), "making the folder " + path));
  return {};
}

std::string last_lines(const std::string& path, int max_lines) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (!fd || ::fstat(fd.get(), &facts) != 0) return "";
  const auto size = static_cast<std::size_t>(facts.st_size);
  std::string tail(std::min(size, kTailBytes), '\0');
  const ssize_t got = ::pread(fd.get(), tail.data(), tail.size(), static_cast<off_t>(size - tail.size()));
  tail.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  while (tail.ends_with('\n')) tail.pop_back();
  std::size_t begin = tail.size();
  for (int lines = 0; lines < max_lines && begin != std::string::npos && begin > 0; ++lines) {
    begin = tail.rfind('\n', begin - 1);
  }
  return begin == std::string::npos || begin == 0 ? tail : tail.substr(begin + 1);
}

Result<std::string> absolute_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error, ignored;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return fail(error_from_errno(error.value(), "looking for " + path));
  fs::path lexical = absolute.lexically_normal();
  if (!lexical.has_filename()) lexical = lexical.parent_path();
  fs::path real;
  for (const fs::path& part : absolute) {
    if (part == "..") {
      real = fs::weakly_canonical(real / part, ignored);
    } else if (!part.empty() && part != ".") {
      real /= part;
    }
  }
  // The words as they are given, wherever they name the same.
  const bool is_same = fs::exists(real, ignored) ? fs::equivalent(lexical, real, ignored)
                                                 : fs::equivalent(lexical.parent_path(), real.parent_path(), ignored);
  return is_same ? lexical.string() : real.string();
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  const std::string there = nearest_existing(path);
  struct statvfs facts{};
  if (::statvfs(there.c_str(), &facts) != 0)
    return fail(error_from_errno(errno, "asking for the free space of " + there));
  return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

bool on_same_file_system(const std::string& a, const std::string& b) {
  struct stat facts_a{}, facts_b{};
  return ::stat(nearest_existing(a).c_str(), &facts_a) == 0 && ::stat(nearest_existing(b).c_str(), &facts_b) == 0 &&
         facts_a.st_dev == facts_b.st_dev;
}

}  // namespace tintype
