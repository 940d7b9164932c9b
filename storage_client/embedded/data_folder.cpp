#include "storage_client/embedded/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <format>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "storage_client/embedded/files.h"

namespace tintype::embedded {
namespace {

constexpr std::string_view kFormatName = "tintype-store ";

// "tintype-store VERSION\n", and from version 2 on "id ID\n".
Result<int> parse_format(const std::string& path, std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  int version = 0;
  if (line.starts_with(kFormatName) && line.size() < text.size()) {
    const std::string_view number = line.substr(kFormatName.size());
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
    const bool has_more = text.size() > line.size() + 1;
    // What a newer version may have after its number is not ours to judge.
    if (error == std::errc() && end == number.data() + number.size() && version > 0 &&
        (version > kFormatVersion || has_more == (version > 1))) {
      return version;
    }
  }
  return fail(ErrorCode::kCorruptData,
              std::format("{}: does not name a store format; restore it from a backup, or point the farm at another "
                          "folder",
                          path));
}

Status write_format(const std::string& dir, std::string_view text) {
  const std::string path = dir + "/FORMAT.new";
  ::unlink(path.c_str());  // of a process that died here
  TT_ASSIGN(NewFile file, NewFile::create(path));
  TT_TRY(file.write(as_bytes(text)));
  TT_TRY(file.flush(0));
  return file.publish(dir, "FORMAT", NewFile::Existing::kReplace);
}

std::string new_id() {
  const SystemClock clock;
  return SortableId::make(clock.now_ms()).to_string() + SortableId::make(clock.now_ms()).to_string();
}

Status write_format(const std::string& dir, int version, std::string_view rest) {
  return write_format(dir, std::format("{}{}\n{}", kFormatName, version, rest));
}

// All but its first line as it is: the store's id.
Status write_next_version(const std::string& dir, int version) {
  TT_ASSIGN(const std::string text, read_small_file(dir + "/FORMAT"));
  return write_format(dir, version, std::string_view(text).substr(text.find('\n') + 1));
}

// The steps from each version to the next. Each leaves FORMAT at the next version, as its last and only visible act,
// and may be begun again after it was cut short.
struct Upgrade {
  int from;
  Status (*step)(const std::string& dir);
};
constexpr Upgrade kUpgrades[] = {
    {1, [](const std::string& dir) { return write_format(dir, 2, std::format("id {}\n", new_id())); }},
    // The counts are made when the database is open: one that has none is recognised by that.
    {2, [](const std::string& dir) { return write_next_version(dir, 3); }},
};

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

Status open_format(const std::string& dir, Logger& log) {
  const std::string path = dir + "/FORMAT";
  const auto text = read_small_file(path);
  if (!text && text.error().code != ErrorCode::kNotFound) return fail(text.error());
  if (!text) {
    std::error_code ignored;
    if (!std::filesystem::exists(dir + "/db", ignored)) {
      return write_format(dir, kFormatVersion, std::format("id {}\n", new_id()));
    }
    return fail(ErrorCode::kCorruptData,
                std::format("{}: missing, though {}/db is there; restore it from a backup", path, dir));
  }
  TT_ASSIGN(const int version, parse_format(path, *text));
  if (version > kFormatVersion) {
    return fail(ErrorCode::kUnsupported,
                std::format("store {}: has format {}, this tintype knows formats up to {}; use the tintype that wrote "
                            "it, or a newer one",
                            dir, version, kFormatVersion));
  }
  for (const Upgrade& upgrade : kUpgrades) {
    if (upgrade.from < version) continue;
    TT_TRY(upgrade.step(dir));
    log.info("store_upgraded", {{"dir", dir}, {"from", upgrade.from}, {"to", upgrade.from + 1}});
  }
  return {};
}

}  // namespace tintype::embedded
