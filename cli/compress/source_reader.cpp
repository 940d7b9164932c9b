#include "cli/compress/source_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace tintype {
namespace {

std::unexpected<Error> changed() {
  return fail(ErrorCode::kConflict, "the file was changed while it was being read: run the command again");
}

}  // namespace

Result<SourceReader> SourceReader::open(const SourceFile& source) {
  UniqueFd fd(::open(source.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(error_from_errno(errno, "opening the file"));
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  SourceReader reader(std::move(fd), source);
  TT_TRY(reader.check_unchanged());
  return reader;
}

Result<std::size_t> SourceReader::read(std::span<std::uint8_t> into) {
  for (;;) {
    const ssize_t got = ::read(fd_.get(), into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno(errno, "reading the file"));
    if (got == 0) return changed();
    return static_cast<std::size_t>(got);
  }
}

Status SourceReader::check_unchanged() const {
  struct stat facts{};
  if (::fstat(fd_.get(), &facts) != 0) return fail(error_from_errno(errno, "looking at the file"));
  const std::int64_t mtime_ns = std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
  if (static_cast<std::uint64_t>(facts.st_size) != source_.bytes || mtime_ns != source_.mtime_ns) return changed();
  return {};
}

}  // namespace tintype
