#include "storage_client/embedded/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <format>

#include "storage_client/embedded/files.h"

namespace tintype::embedded {
namespace {

constexpr std::string_view kFormatName = "tintype-store ";

Result<int> parse_format(const std::string& path, std::string_view text) {
  int version = 0;
  if (text.starts_with(kFormatName) && text.ends_with('\n')) {
    text = text.substr(kFormatName.size(), text.size() - kFormatName.size() - 1);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error == std::errc() && end == text.data() + text.size() && version > 0) return version;
  }
  return fail(ErrorCode::kCorruptData,
              std::format("{}: does not name a store format; restore it from a backup, or point the farm at another "
                          "folder",
                          path));
}

Status write_format(const std::string& dir) {
  const std::string path = dir + "/FORMAT.new";
  ::unlink(path.c_str());  // of a process that died here
  TT_ASSIGN(NewFile file, NewFile::create(path));
  TT_TRY(file.write(as_bytes(std::format("{}{}\n", kFormatName, kFormatVersion))));
  TT_TRY(file.flush(0));
  return file.publish(dir, "FORMAT", NewFile::Existing::kReplace);
}

}  // namespace

Result<UniqueFd> lock_folder(const std::string& dir) {
  TT_TRY(make_folders(dir));
  const std::string path = dir + "/LOCK";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!fd) return fail(file_error(errno, "opening " + path));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(file_error(errno, "locking " + path));
    std::string pid = read_small_file(path).value_or("");
    if (pid.ends_with('\n')) pid.pop_back();
    return fail(ErrorCode::kAlreadyExists,
                std::format("store {}: process {} has it open; talk to that farm, stop it, or use another folder", dir,
                            pid.empty() ? "?" : pid));
  }
  const std::string pid = std::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) != std::ssize(pid)) {
    return fail(file_error(errno, "writing " + path));
  }
  return fd;
}

Status check_format(const std::string& dir) {
  const std::string path = dir + "/FORMAT";
  const auto text = read_small_file(path);
  if (!text && text.error().code != ErrorCode::kNotFound) return fail(text.error());
  if (!text) {
    std::error_code ignored;
    if (!std::filesystem::exists(dir + "/db", ignored)) return write_format(dir);
    return fail(ErrorCode::kCorruptData,
                std::format("{}: missing, though {}/db is there; restore it from a backup", path, dir));
  }
  TT_ASSIGN(const int version, parse_format(path, *text));
  if (version <= kFormatVersion) return {};
  return fail(ErrorCode::kUnsupported,
              std::format("store {}: has format {}, this tintype knows formats up to {}; use the tintype that wrote it, "
                          "or a newer one",
                          dir, version, kFormatVersion));
}

}  // namespace tintype::embedded
