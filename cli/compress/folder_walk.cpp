#include "cli/compress/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <memory>
#include <set>
#include <utility>

#include "cli/compress/out_folder.h"
#include "cli/files.h"
#include "cli/text/utf8.h"
#include "codec/probe.h"
#include "core/base/unique_fd.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;
using FileId = std::pair<dev_t, ino_t>;

class Walk {
 public:
  explicit Walk(const std::string& out_dir) {
    struct stat facts{};
    if (::stat(out_dir.c_str(), &facts) == 0) out_id_ = {facts.st_dev, facts.st_ino};
  }

  Status add_named(const std::string& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) {
      if (errno == ENOENT) return fail(ErrorCode::kNotFound, std::format("there is no {}", printable(path)));
      return fail(error_from_errno(errno, "looking at " + printable(path)));
    }
    // The name that a person gave is kept, also where it is a link: results are found under it.
    TT_ASSIGN(const fs::path named, absolute_path(path));
    const std::string place = named.filename();
    if (S_ISREG(facts.st_mode)) {
      take(named, place, facts);
    } else if (S_ISDIR(facts.st_mode)) {
      enter(named, place, facts);
    } else {
      return fail(ErrorCode::kInvalidArgument, std::format("{} is neither a file nor a folder", printable(path)));
    }
    return {};
  }

  WalkResult finish() {
    // Links to folders wait until every real folder was entered: the real place wins.
    while (!links_.empty()) {
      for (const auto& [path, place] : std::exchange(links_, {})) {
        struct stat facts{};
        if (::stat(path.c_str(), &facts) == 0) enter(path, place, facts);
      }
    }
    std::ranges::sort(result_.pictures, {}, &SourceFile::place);
    std::ranges::sort(result_.unreadable, {}, &UnreadableFile::place);
    std::ranges::sort(result_.not_pictures);
    return std::move(result_);
  }

 private:
  void enter(const std::string& path, const std::string& place, const struct stat& facts) {
    const FileId id{facts.st_dev, facts.st_ino};
    if (id == out_id_) return;
    if (!entered_.insert(id).second) return;
    if (is_result_folder(path)) {
      result_.result_folders.push_back(path);
      return;
    }
    const Folder folder(::opendir(path.c_str()));
    if (!folder) {
      add_unreadable(path, place, error_from_errno(errno, "opening the folder"));
      return;
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (name.starts_with('.')) {
        ++result_.hidden;
      } else {
        names.emplace_back(name);
      }
    }
    std::ranges::sort(names);
    const std::string in_path = path == "/" ? path : path + '/';
    const std::string in_place = place.empty() ? "" : place + '/';
    for (const std::string& name : names) look_at(in_path + name, in_place + name);
  }

  void look_at(const std::string& path, const std::string& place) {
    struct stat link{}, facts{};
    if (::lstat(path.c_str(), &link) != 0) {
      add_unreadable(path, place, error_from_errno(errno, "looking at it"));
    } else if (::stat(path.c_str(), &facts) != 0) {
      add_lost(path, place, errno, S_ISLNK(link.st_mode));
    } else if (S_ISDIR(facts.st_mode)) {
      if (S_ISLNK(link.st_mode)) {
        links_.emplace_back(path, place);
      } else {
        enter(path, place, facts);
      }
    } else if (!S_ISREG(facts.st_mode)) {
      result_.not_pictures.push_back(path);
    } else if (has_picture_extension(place)) {
      take(path, place, facts);
    } else {
      sniff(path, place, facts);
    }
  }

  void sniff(const std::string& path, const std::string& place, const struct stat& facts) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<std::uint8_t, 16> first{};
    const ssize_t got = fd ? ::read(fd.get(), first.data(), first.size()) : -1;
    if (got < 0) {
      add_unreadable(path, place, error_from_errno(errno, "reading it"));
    } else if (got == static_cast<ssize_t>(first.size()) && looks_like_picture(first)) {
      take(path, place, facts);
    } else {
      result_.not_pictures.push_back(path);
    }
  }

  void take(const std::string& path, const std::string& place, const struct stat& facts) {
    // A path named twice, or named and found in a named folder too, is one file.
    if (!taken_.insert(path).second) return;
    result_.pictures.push_back({path, place, static_cast<std::uint64_t>(facts.st_size),
                                std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec});
  }

  void add_lost(const std::string& path, const std::string& place, int why, bool is_link) {
    Error error = error_from_errno(why, is_link ? "following the link" : "looking at it");
    const bool leads_nowhere = is_link && (why == ENOENT || why == ELOOP);
    if (leads_nowhere) error.message += "; mend the link or remove it";
    // Of a link that leads nowhere, the name is all that tells whether a photo is missing.
    if (leads_nowhere && !has_picture_extension(place)) {
      result_.not_pictures.push_back(path);
    } else {
      add_unreadable(path, place, std::move(error));
    }
  }

  void add_unreadable(const std::string& path, const std::string& place, Error error) {
    result_.unreadable.push_back({path, place, std::move(error)});
  }

  WalkResult result_;
  FileId out_id_{};
  std::set<FileId> entered_;
  std::set<std::string> taken_;
  std::vector<std::pair<std::string, std::string>> links_;
};

}  // namespace

bool has_picture_extension(std::string_view file_name) {
  // Also those that the farm does not take: a photo that stays behind must be told of, not passed over.
  static constexpr std::string_view kExtensions[] = {"jpg", "jpeg", "jpe",  "jfif", "png",  "webp", "avif",
                                                     "gif", "heic", "heif", "tif",  "tiff", "bmp",  "jxl"};
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return false;
  std::string extension(file_name.substr(dot + 1));
  for (char& c : extension) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::ranges::contains(kExtensions, extension);
}

Result<WalkResult> walk_folders(const std::vector<std::string>& paths, const std::string& out_dir) {
  Walk walk(out_dir);
  for (const std::string& path : paths) TT_TRY(walk.add_named(path));
  return walk.finish();
}

}  // namespace tintype
