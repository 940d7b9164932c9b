// Files and folders that survive a power cut: every change of this store outside RocksDB is made here.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype::embedded {

// error_from_errno, but a folder that may not be entered is the machine's fault (kIo), not the asker's.
Error file_error(int err, std::string_view doing);

inline constexpr mode_t kFileMode = 0640;

// All of `bytes`. Errors do not name the file.
Status write_at(int fd, std::uint64_t offset, ByteView bytes);
// Until `out` is full or the file ends; how much that was.
Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::uint8_t> out);

// Makes one folder, not durable yet. False if it was there.
Result<bool> make_folder(const std::string& path);
// Makes `path` and the folders above it, each durable. Ok if it is there.
Status make_folders(const std::string& path);

// What was renamed or unlinked in `path` stays so.
Status sync_folder(const std::string& path);

Status remove_files_in(const std::string& folder);

// The whole of a small file; kNotFound.
Result<std::string> read_small_file(const std::string& path);

Result<std::uint64_t> free_bytes_at(const std::string& path);

// A file that is written under one name and appears, whole and durable, under another.
class NewFile {
 public:
  // `path` must not exist; it is gone when this is destroyed.
  static Result<NewFile> create(std::string path);
  NewFile(NewFile&&) noexcept = default;
  ~NewFile();

  Status write(ByteView bytes);
  std::uint64_t size() const { return size_; }
  UnixMs written_at_ms() const { return written_at_ms_; }  // once flushed

  // Flushes the bytes, with `written_at_ms` as the file's time. Then publish(), once.
  Status flush(UnixMs written_at_ms);
  enum class Existing : std::uint8_t { kKeep, kReplace };
  // In the folder `folder`, as `name`. kAlreadyExists if it is there and is to be kept.
  Status publish(const std::string& folder, const std::string& name, Existing existing);

 private:
  NewFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
  UnixMs written_at_ms_ = 0;
};

}  // namespace tintype::embedded
