#include "storage_client/staging_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>

#include "core/base/unique_fd.h"
#include "storage_client/embedded/files.h"

namespace tintype {
namespace {

using embedded::file_error;
using embedded::NewFile;

constexpr std::string_view kNoteSuffix = ".note";
constexpr std::string_view kBytesSuffix = ".bytes";
constexpr std::string_view kNewSuffix = ".new";

Result<UniqueFd> open_file(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, embedded::kFileMode));
  if (!fd) return fail(file_error(errno, "opening " + path));
  return fd;
}

Status unlink_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail(file_error(errno, "removing " + path));
}

}  // namespace

Result<std::unique_ptr<StagingFolder>> StagingFolder::open(const std::string& dir, std::uint64_t min_free_bytes) {
  TT_TRY(embedded::make_folders(dir));
  std::error_code error;
  for (std::filesystem::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
    std::filesystem::path note = it->path();
    note.replace_extension(kNoteSuffix);
    // The note comes first and goes last, but a power cut may keep the later of two removals.
    const bool orphan = it->path().extension() == kBytesSuffix && !std::filesystem::exists(note);
    if (orphan || it->path().extension() == kNewSuffix) TT_TRY(unlink_file(it->path().string()));
  }
  if (error) return fail(file_error(error.value(), "reading the folder " + dir));
  return std::unique_ptr<StagingFolder>(new StagingFolder(dir, min_free_bytes));
}

StagingFolder::StagingFolder(std::string dir, std::uint64_t min_free_bytes)
    : dir_(std::move(dir)),
      min_free_bytes_(min_free_bytes),
      watermark_(min_free_bytes, min_free_bytes + min_free_bytes / 4) {}

Status StagingFolder::check_space(std::uint64_t bytes) {
  TT_ASSIGN(const std::uint64_t free, embedded::free_bytes_at(dir_));
  if (watermark_.allows(free, bytes)) return {};
  return fail(ErrorCode::kStorageFull,
              std::format("{}: {} MB free, {} MB are kept free; come again when there is space", dir_, free >> 20,
                          min_free_bytes_ >> 20));
}

Status StagingFolder::create(const std::string& name, const std::string& note) {
  if (::access(note_path(name).c_str(), F_OK) == 0)
    return fail(ErrorCode::kAlreadyExists, std::format("{} exists already", note_path(name)));
  return replace_note(name, note);
}

Result<std::string> StagingFolder::read_note(const std::string& name) {
  return embedded::read_small_file(note_path(name));
}

Status StagingFolder::replace_note(const std::string& name, const std::string& note) {
  const std::string path = note_path(name) + std::string(kNewSuffix);
  TT_TRY(unlink_file(path));
  TT_ASSIGN(NewFile file, NewFile::create(path));
  TT_TRY(file.write(as_bytes(note)));
  TT_TRY(file.flush(0));
  return file.publish(dir_, name + std::string(kNoteSuffix), NewFile::Existing::kReplace);
}

Result<std::uint64_t> StagingFolder::size(const std::string& name) {
  struct stat info;
  if (::stat(bytes_path(name).c_str(), &info) == 0) return static_cast<std::uint64_t>(info.st_size);
  if (errno == ENOENT) return 0;
  return fail(file_error(errno, "reading " + bytes_path(name)));
}

Status StagingFolder::write_at(const std::string& name, std::uint64_t offset, ByteView bytes) {
  TT_TRY(check_space(bytes.size()));
  TT_ASSIGN(const UniqueFd fd, open_file(bytes_path(name), O_WRONLY | O_CREAT));
  if (const Status written = embedded::write_at(fd.get(), offset, bytes); !written)
    return fail(written.error().code, std::format("{}: {}", bytes_path(name), written.error().message));
  return {};
}

Status StagingFolder::sync(const std::string& name) {
  TT_ASSIGN(const UniqueFd fd, open_file(bytes_path(name), O_WRONLY | O_CREAT));
  if (::fsync(fd.get()) != 0) return fail(file_error(errno, "flushing " + bytes_path(name)));
  return embedded::sync_folder(dir_);
}

Status StagingFolder::truncate(const std::string& name, std::uint64_t size) {
  TT_ASSIGN(const UniqueFd fd, open_file(bytes_path(name), O_WRONLY | O_CREAT));
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0)
    return fail(file_error(errno, "shortening " + bytes_path(name)));
  return {};
}

Result<std::size_t> StagingFolder::read_at(const std::string& name, std::uint64_t offset, std::span<std::uint8_t> out) {
  TT_ASSIGN(const UniqueFd fd, open_file(bytes_path(name), O_RDONLY));
  return embedded::read_at(fd.get(), offset, out);
}

Status StagingFolder::remove_bytes(const std::string& name) { return unlink_file(bytes_path(name)); }

// The note last: as long as it is there, remove() is asked for again.
Status StagingFolder::remove(const std::string& name) {
  TT_TRY(remove_bytes(name));
  return unlink_file(note_path(name));
}

Result<std::vector<std::string>> StagingFolder::names() {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator it(dir_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == kNoteSuffix) out.push_back(it->path().stem().string());
  }
  if (error) return fail(file_error(error.value(), "reading the folder " + dir_));
  return out;
}

}  // namespace tintype
