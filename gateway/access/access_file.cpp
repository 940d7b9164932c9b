#include "gateway/access/access_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <format>

#include "core/base/bytes.h"
#include "core/base/unique_fd.h"

namespace tintype {
namespace {

constexpr off_t kMaxBookBytes = 64 << 20;

std::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  return fail(error_from_errno(errno, std::format("{} {}", doing, path)));
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return failed("writing", path);
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

Status sync_folder(const std::string& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return failed("syncing", folder);
  return {};
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_mode == b.st_mode;
}

}  // namespace

Result<AccessBook> AccessFile::read() const {
  const UniqueFd fd(::open(path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failed("opening", path());
  struct stat facts{};
  if (::fstat(fd.get(), &facts) != 0) return failed("reading", path());
  if ((facts.st_mode & 077) != 0) {
    return fail(ErrorCode::kDenied,
                std::format("others may read {}, which holds the keys; chmod 600 it, then `tintype token rotate-keys`",
                            path()));
  }
  if (facts.st_size > kMaxBookBytes) {
    return fail(ErrorCode::kCorruptData, std::format("{} is over {} bytes", path(), kMaxBookBytes));
  }
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  for (std::size_t have = 0; have < text.size();) {
    const ssize_t size = ::read(fd.get(), text.data() + have, text.size() - have);
    if (size <= 0) return failed("reading", path());
    have += static_cast<std::size_t>(size);
  }
  auto book = parse_access_book(text);
  if (!book) {
    return fail(book.error().code,
                std::format("{} cannot be used: {}; restore it from a backup, or remove it and make all tokens anew",
                            path(), book.error().message));
  }
  return book;
}

Status AccessFile::change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return failed("making", folder_);
  const std::string lock_path = folder_ + "/lock";
  const UniqueFd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return failed("locking", lock_path);

  TT_ASSIGN(const AccessBook book, edited(read(), now_ms, edit));

  const std::string partial = path() + ".partial";
  ::unlink(partial.c_str());
  {
    const UniqueFd file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return failed("writing", partial);
    TT_TRY(write_all(file.get(), to_json(book), partial));
    if (::fsync(file.get()) != 0) return failed("writing", partial);
  }
  if (::rename(partial.c_str(), path().c_str()) != 0) return failed("writing", path());
  return sync_folder(folder_);
}

std::shared_ptr<const AccessBook> LiveAccessBook::now() {
  struct stat facts{};
  if (::stat(file_.path().c_str(), &facts) != 0) facts = {};
  const std::lock_guard lock(mutex_);
  if (same_file(facts, seen_)) return book_;
  auto book = file_.read();
  seen_ = facts;
  book_ = book ? std::make_shared<const AccessBook>(std::move(*book)) : nullptr;
  if (!book && book.error().code != ErrorCode::kNotFound) {
    log_.error("access_book_unreadable", {{"error", book.error().to_string()}});
  }
  return book_;
}

}  // namespace tintype
