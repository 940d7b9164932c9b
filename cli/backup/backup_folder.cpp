#include "cli/backup/backup_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <optional>
#include <vector>

#include "cli/backup/backup_list.h"
#include "cli/files.h"
#include "core/base/digest.h"
#include "core/base/time_text.h"
#include "core/base/unique_fd.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::string_view kPartial = ".partial";  // after the name of what is not whole yet

std::unexpected<Error> io_error(int err, const std::string& doing) { return fail(error_from_errno(err, doing)); }

// "20261122T080921.123Z": sorts by time, and is a name everywhere.
std::string folder_name(UnixMs now_ms) {
  std::string name = to_rfc3339(now_ms);
  std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
  return name;
}

// Copies one file, times too, and answers what was copied.
Result<BackedUpFile> copy_whole(const fs::path& from, const fs::path& to) {
  const UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info;
  if (!in || ::fstat(in.get(), &info) != 0) return io_error(errno, "reading " + from.string());
  // Never readable by more than it was: keys are among what is backed up.
  const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, info.st_mode & 0640));
  if (!out) return io_error(errno, "creating " + to.string());
  BackedUpFile file;
  file.written_at_ns = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
  Sha256Stream digest;
  std::vector<std::uint8_t> piece(kPieceBytes);
  for (;;) {
    const ssize_t got = ::read(in.get(), piece.data(), piece.size());
    if (got < 0) return io_error(errno, "reading " + from.string());
    if (got == 0) break;
    digest.update(ByteView(piece.data(), static_cast<std::size_t>(got)));
    for (ssize_t at = 0; at < got;) {
      const ssize_t put = ::write(out.get(), piece.data() + at, static_cast<std::size_t>(got - at));
      if (put < 0) return io_error(errno, "writing " + to.string());
      at += put;
    }
    file.bytes += static_cast<std::uint64_t>(got);
  }
  const timespec times[2] = {info.st_atim, info.st_mtim};
  if (::futimens(out.get(), times) != 0) return io_error(errno, "writing " + to.string());
  file.sha256 = to_hex(digest.finish());
  return file;
}

// All that was written below `folder` is on the disk.
Status flush_disk(const fs::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) return io_error(errno, "flushing " + folder.string());
  return {};
}

Status rename_whole(const fs::path& from, const fs::path& to) {
  TT_TRY(flush_disk(from));
  if (::rename(from.c_str(), to.c_str()) != 0)
    return io_error(errno, std::format("renaming {} to {}", from.string(), to.string()));
  return flush_disk(to);
}

Result<BackupList> read_list(const fs::path& backup) {
  TT_ASSIGN(const std::string text, read_text_file((backup / kBackupListName).string()));
  auto list = parse_backup_list(text);
  if (!list) return fail(list.error().code, std::format("backup {}: {}", backup.string(), list.error().message));
  return list;
}

std::optional<fs::path> newest_backup(const fs::path& dest) {
  std::optional<fs::path> newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dest, ignored)) {
    if (entry.path().extension() == kPartial || !fs::exists(entry.path() / kBackupListName, ignored)) continue;
    if (!newest || entry.path().filename() > newest->filename()) newest = entry.path();
  }
  return newest;
}

// Held by whoever writes a backup into `dest`.
Result<UniqueFd> lock_backups(const fs::path& dest) {
  const fs::path file = dest / ".lock";
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return io_error(errno, "opening " + file.string());
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return io_error(errno, "locking " + file.string());
  return fail(
      ErrorCode::kConflict,
      std::format("another backup is being written to {}: wait for its end, or name another folder", dest.string()));
}

// What backups left that were interrupted: nobody goes on with them.
void remove_unfinished(const fs::path& dest) {
  std::error_code ignored;
  const std::size_t name_chars = folder_name(0).size();
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(dest, ignored)) {
    const fs::path name = entry.path().filename();
    const bool is_ours = name.stem().string().size() == name_chars && name.string().starts_with("2");
    if (name.extension() == kPartial && is_ours && entry.is_directory(ignored)) unfinished.push_back(entry.path());
  }
  for (const fs::path& folder : unfinished) fs::remove_all(folder, ignored);
}

// From version 2 on FORMAT's second line is "id ID".
Result<std::string> store_id_of(const fs::path& store) {
  TT_ASSIGN(const std::string text, read_text_file((store / "FORMAT").string()));
  const std::size_t at = text.find("\nid ");
  if (at == std::string::npos) {
    return fail(ErrorCode::kUnsupported,
                std::format("{}/FORMAT names no store; open the store once with this tintype", store.string()));
  }
  return text.substr(at + 4, text.find('\n', at + 1) - at - 4);
}

class BackupWriter {
 public:
  BackupWriter(fs::path store, fs::path folder, std::optional<fs::path> before)
      : store_(std::move(store)), folder_(std::move(folder)), before_(std::move(before)) {}

  Result<BackupDone> write() {
    TT_ASSIGN(list_.store_id, store_id_of(store_));
    if (before_) {
      TT_ASSIGN(list_before_, read_list(*before_));
      if (list_before_.store_id != list_.store_id) {
        return fail(ErrorCode::kInvalidArgument, std::format("{} holds backups of another store; name another folder",
                                                             before_->parent_path().string()));
      }
    }
    std::error_code error;
    fs::create_directories(folder_, error);
    for (fs::recursive_directory_iterator it(store_, error), end; !error && it != end; it.increment(error)) {
      const fs::path relative = it->path().lexically_relative(store_);
      if (it->is_directory(error)) {
        fs::create_directories(folder_ / relative, error);
      } else if (!error) {
        TT_TRY(add(relative));
      }
    }
    if (error) return io_error(error.value(), "copying to " + folder_.string());
    TT_TRY(replace_text_file((folder_ / kBackupListName).string(), to_text(list_)));
    return done_;
  }

 private:
  Status add(const fs::path& relative) {
    TT_ASSIGN(BackedUpFile file, share_or_copy(relative));
    ++done_.files;
    done_.bytes += file.bytes;
    list_.files.emplace(relative.string(), std::move(file));
    return {};
  }

  // The store writes a file once; packs grow and get holes, which changes their time.
  Result<BackedUpFile> share_or_copy(const fs::path& relative) {
    struct stat info;
    const fs::path from = store_ / relative;
    if (::stat(from.c_str(), &info) != 0) return io_error(errno, "reading " + from.string());
    const std::int64_t written_at_ns = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
    const auto before = list_before_.files.find(relative.string());
    if (before != list_before_.files.end() && before->second.written_at_ns == written_at_ns &&
        std::cmp_equal(before->second.bytes, info.st_size) &&
        ::link((*before_ / relative).c_str(), (folder_ / relative).c_str()) == 0) {
      return before->second;
    }
    TT_ASSIGN(BackedUpFile file, copy_whole(from, folder_ / relative));
    ++done_.copied_files;
    done_.copied_bytes += file.bytes;
    return file;
  }

  const fs::path store_, folder_;
  const std::optional<fs::path> before_;
  BackupList list_, list_before_;
  BackupDone done_;
};

}  // namespace

Result<BackupDone> write_backup(const std::string& store, const std::string& dest, UnixMs now_ms) {
  TT_TRY(make_folders(dest));
  TT_ASSIGN(const UniqueFd lock, lock_backups(dest));
  remove_unfinished(dest);
  const fs::path folder = fs::path(dest) / folder_name(now_ms);
  const fs::path partial = folder.string() + std::string(kPartial);
  BackupWriter writer(store, partial, newest_backup(dest));
  auto done = writer.write();
  if (done) {
    if (auto renamed = rename_whole(partial, folder); !renamed) done = fail(std::move(renamed).error());
  }
  if (!done) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    return done;
  }
  done->folder = folder.string();
  return done;
}

namespace {

// Every file of `list`, and each as it was backed up.
Status copy_back(const fs::path& backup, const BackupList& list, const fs::path& to) {
  // Folders that hold nothing are made by whoever opens the store.
  for (const auto& [path, expected] : list.files) {
    TT_TRY(make_folders((to / path).parent_path().string()));
    TT_ASSIGN(const BackedUpFile copied, copy_whole(backup / path, to / path));
    if (copied.sha256 != expected.sha256) {
      return fail(
          ErrorCode::kCorruptData,
          std::format("backup {}: {} is not what was backed up; restore an older backup", backup.string(), path));
    }
  }
  return {};
}

}  // namespace

Result<BackupDone> restore_backup(const std::string& source, const std::string& data) {
  const fs::path store = fs::path(data) / "store", access = fs::path(data) / kAccessInBackup;
  std::error_code ignored;
  for (const fs::path& taken : {store, access}) {
    if (!fs::exists(taken, ignored)) continue;
    return fail(ErrorCode::kAlreadyExists,
                std::format("{} is there already; move it away, or name another folder", taken.string()));
  }
  fs::path backup = source;
  if (!fs::exists(backup / kBackupListName, ignored)) {
    const auto newest = newest_backup(backup);
    if (!newest) return fail(ErrorCode::kNotFound, std::format("{}: there is no backup in it", source));
    backup = *newest;
  }
  TT_ASSIGN(const BackupList list, read_list(backup));
  const fs::path partial = store.string() + std::string(kPartial);
  fs::remove_all(partial, ignored);
  if (Status copied = copy_back(backup, list, partial); !copied) {
    fs::remove_all(partial, ignored);
    return fail(std::move(copied).error());
  }
  BackupDone done{.folder = backup.string(), .files = list.files.size()};
  for (const auto& [path, file] : list.files) done.bytes += file.bytes;
  done.copied_files = done.files;
  done.copied_bytes = done.bytes;
  if (fs::exists(partial / kAccessInBackup, ignored)) TT_TRY(rename_whole(partial / kAccessInBackup, access));
  TT_TRY(rename_whole(partial, store));
  return done;
}

}  // namespace tintype
