#include "tests/crash/sync_layer.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <random>
#include <string_view>

#include "tests/crash/sync_journal.h"

namespace tintype::crash {
namespace {

constexpr std::size_t kDescriptors = 1 << 16;

// Everything the layer holds. Constant at first, for calls from before main().
struct Layer {
  std::mutex mutex;
  int journal = -1;
  std::uint64_t records = 0;
  unsigned longest_sync_us = 0;
  std::array<char, PATH_MAX> folder{};
  std::array<std::uint64_t, kDescriptors> inodes{};  // by descriptor; 0: not watched
};
constinit Layer layer;

bool is_watched(const char* path) {
  const std::string_view folder(layer.folder.data());
  if (layer.journal < 0 || path == nullptr || !std::string_view(path).starts_with(folder)) return false;
  return path[folder.size()] == '\0' || path[folder.size()] == '/';
}

std::uint64_t inode_of(int fd) {
  return layer.journal >= 0 && fd >= 0 && static_cast<std::size_t>(fd) < kDescriptors
             ? layer.inodes[static_cast<std::size_t>(fd)]
             : 0;
}

// With the mutex held.
void record(RecordHead head, std::string_view path, std::string_view path2 = {}, const void* data = nullptr,
            std::size_t data_bytes = 0) {
  head.path_bytes = static_cast<std::uint32_t>(path.size());
  head.path2_bytes = static_cast<std::uint32_t>(path2.size());
  head.data_bytes = static_cast<std::uint32_t>(data_bytes);
  iovec parts[] = {{&head, sizeof head},
                   {const_cast<char*>(path.data()), path.size()},
                   {const_cast<char*>(path2.data()), path2.size()},
                   {const_cast<void*>(data), data_bytes}};
  const std::size_t total = sizeof head + path.size() + path2.size() + data_bytes;
  if (::syscall(SYS_writev, layer.journal, parts, 4) != static_cast<long>(total)) {
    std::fprintf(stderr, "sync layer: the journal cannot be written: errno %d\n", errno);
    ::_exit(70);
  }
  ++layer.records;
}

std::uint64_t inode_at(const char* path) {
  struct stat info;
  return ::stat(path, &info) == 0 ? info.st_ino : 0;
}

int open_at(int folder_fd, const char* path, int flags, mode_t mode) {
  const auto really = [&] { return static_cast<int>(::syscall(SYS_openat, folder_fd, path, flags, mode)); };
  if (!is_watched(path)) return really();
  const std::lock_guard lock(layer.mutex);
  const bool existed = ::syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
  const int fd = really();
  struct stat info;
  if (fd < 0 || ::fstat(fd, &info) != 0) return fd;
  if (static_cast<std::size_t>(fd) >= kDescriptors) ::_exit(71);
  layer.inodes[static_cast<std::size_t>(fd)] = info.st_ino;
  if (!existed) record({.kind = Kind::kCreate, .inode = info.st_ino}, path);
  if (existed && (flags & O_TRUNC) != 0) record({.kind = Kind::kTruncate, .inode = info.st_ino}, {});
  return fd;
}

// What `put` bytes of a write changed.
ssize_t record_write(int fd, const void* data, std::uint64_t offset, ssize_t put) {
  const RecordHead head{.kind = Kind::kWrite, .inode = inode_of(fd), .offset = offset};
  if (put > 0) record(head, {}, {}, data, static_cast<std::size_t>(put));
  return put;
}

int sync(int fd, long call) {
  const std::uint64_t inode = inode_of(fd);
  if (inode == 0) return static_cast<int>(::syscall(call, fd));
  std::uint64_t covered = 0;
  {
    const std::lock_guard lock(layer.mutex);
    covered = layer.records;
  }
  thread_local std::minstd_rand random{static_cast<unsigned>(::gettid())};
  if (layer.longest_sync_us > 0) {
    const timespec time{.tv_sec = 0, .tv_nsec = static_cast<long>(random() % layer.longest_sync_us) * 1000};
    ::syscall(SYS_nanosleep, &time, nullptr);
  }
  const std::lock_guard lock(layer.mutex);
  record({.kind = Kind::kSync, .inode = inode, .offset = covered}, {});
  return 0;
}

// A call that takes a path and changes what is there: done and recorded as one step. Linux makes a folder's change one
// step too, so a kill never shows half of it.
template <typename Call, typename Head>
int change_at(const char* path, const char* path2, Call call, Head head) {
  if (!is_watched(path) && !is_watched(path2)) return call();
  const std::lock_guard lock(layer.mutex);
  const int result = call();
  if (result == 0) record(head(), path, path2 == nullptr ? "" : path2);
  return result;
}

int rename_with(const char* from, const char* to, unsigned flags) {
  return change_at(
      from, to, [&] { return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags)); },
      [] { return RecordHead{.kind = Kind::kRename}; });
}

int remove_with(const char* path, int flags) {
  return change_at(
      path, nullptr, [&] { return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, flags)); },
      [] { return RecordHead{.kind = Kind::kUnlink}; });
}

int truncate_to(int fd, off_t size) {
  const std::lock_guard lock(layer.mutex);
  const int result = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
  if (result == 0 && inode_of(fd) != 0) {
    record({.kind = Kind::kTruncate, .inode = inode_of(fd), .size = static_cast<std::uint64_t>(size)}, {});
  }
  return result;
}

int allocate(int fd, int mode, off_t offset, off_t size) {
  const std::lock_guard lock(layer.mutex);
  const int result = static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, size));
  struct stat info;
  if (result != 0 || inode_of(fd) == 0 || ::fstat(fd, &info) != 0) return result;
  const RecordHead head{.kind = Kind::kZero,
                        .inode = inode_of(fd),
                        .offset = static_cast<std::uint64_t>(offset),
                        .size = static_cast<std::uint64_t>(size)};
  if ((mode & FALLOC_FL_PUNCH_HOLE) != 0) record(head, {});
  if (mode == 0)
    record({.kind = Kind::kTruncate, .inode = head.inode, .size = static_cast<std::uint64_t>(info.st_size)}, {});
  return result;
}

}  // namespace

void watch(const std::string& folder, const std::string& journal, unsigned longest_sync_us) {
  const std::lock_guard lock(layer.mutex);
  folder.copy(layer.folder.data(), layer.folder.size() - 1);
  layer.longest_sync_us = longest_sync_us;
  layer.journal = static_cast<int>(
      ::syscall(SYS_openat, AT_FDCWD, journal.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (layer.journal < 0) ::_exit(72);
}

}  // namespace tintype::crash

using namespace tintype::crash;  // NOLINT: the functions below are libc's

extern "C" {

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_at(AT_FDCWD, path, flags, mode);
}
int __open64_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int openat64(int folder_fd, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_at(folder_fd, path, flags, mode);
}

int close(int fd) {
  if (inode_of(fd) != 0) {
    const std::lock_guard lock(layer.mutex);
    layer.inodes[static_cast<std::size_t>(fd)] = 0;
    return static_cast<int>(::syscall(SYS_close, fd));
  }
  return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* data, size_t size) {
  if (inode_of(fd) == 0) return ::syscall(SYS_write, fd, data, size);
  const std::lock_guard lock(layer.mutex);
  const ssize_t put = ::syscall(SYS_write, fd, data, size);
  // Where it went is known afterwards, O_APPEND or not.
  const off_t end = ::lseek(fd, 0, SEEK_CUR);
  return record_write(fd, data, static_cast<std::uint64_t>(end - (put > 0 ? put : 0)), put);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  if (inode_of(fd) == 0) return ::syscall(SYS_pwrite64, fd, data, size, offset);
  const std::lock_guard lock(layer.mutex);
  const ssize_t put = ::syscall(SYS_pwrite64, fd, data, size, offset);
  return record_write(fd, data, static_cast<std::uint64_t>(offset), put);
}

int fsync(int fd) { return sync(fd, SYS_fsync); }
int fdatasync(int fd) { return sync(fd, SYS_fdatasync); }

int truncate64(const char* path, off64_t size) noexcept {
  return change_at(
      path, nullptr, [&] { return static_cast<int>(::syscall(SYS_truncate, path, size)); },
      [&] {
        return RecordHead{.kind = Kind::kTruncate, .inode = inode_at(path), .size = static_cast<std::uint64_t>(size)};
      });
}
int ftruncate64(int fd, off64_t size) noexcept { return truncate_to(fd, size); }
int fallocate64(int fd, int mode, off64_t offset, off64_t size) { return allocate(fd, mode, offset, size); }

int rename(const char* from, const char* to) noexcept { return rename_with(from, to, 0); }
int renameat2(int, const char* from, int, const char* to, unsigned flags) noexcept {
  return rename_with(from, to, flags);
}
int unlink(const char* path) noexcept { return remove_with(path, 0); }
int rmdir(const char* path) noexcept { return remove_with(path, AT_REMOVEDIR); }

int link(const char* from, const char* to) noexcept {
  return change_at(
      from, to, [&] { return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)); },
      [] { return RecordHead{.kind = Kind::kLink}; });
}

int mkdir(const char* path, mode_t mode) noexcept {
  return change_at(
      path, nullptr, [&] { return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode)); },
      [&] { return RecordHead{.kind = Kind::kMakeFolder, .inode = inode_at(path)}; });
}

int futimens(int fd, const timespec times[2]) noexcept {
  const std::lock_guard lock(layer.mutex);
  const int result = static_cast<int>(::syscall(SYS_utimensat, fd, nullptr, times, 0));
  if (result == 0 && inode_of(fd) != 0 && times != nullptr) {
    const auto ns =
        static_cast<std::uint64_t>(times[1].tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(times[1].tv_nsec);
    record({.kind = Kind::kTime, .inode = inode_of(fd), .offset = ns}, {});
  }
  return result;
}

// The same functions under their names for programs built without 64-bit file offsets, such as Debian's RocksDB.
int tintype_open(const char*, int, ...) __asm__("open") __attribute__((alias("open64"), nonnull(1)));
int tintype_open_2(const char*, int) __asm__("__open_2") __attribute__((alias("__open64_2")));
int tintype_openat(int, const char*, int, ...) __asm__("openat") __attribute__((alias("openat64"), nonnull(2)));
ssize_t tintype_pwrite(int, const void*, size_t, off64_t) __asm__("pwrite") __attribute__((alias("pwrite64")));
int tintype_ftruncate(int, off64_t) __asm__("ftruncate") __attribute__((alias("ftruncate64")));
int tintype_fallocate(int, int, off64_t, off64_t) __asm__("fallocate") __attribute__((alias("fallocate64")));

}  // extern "C"
