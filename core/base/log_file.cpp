#include "core/base/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <format>

namespace tintype {

Result<std::unique_ptr<LogFile>> LogFile::open(const LogFileConfig& config) {
  if (config.keep < 1) return fail(ErrorCode::kInvalidArgument, "at least one older log file has to be kept");
  std::unique_ptr<LogFile> file(new LogFile(config));
  TT_TRY(file->reopen());
  return file;
}

Status LogFile::reopen() {
  UniqueFd fd(::open(config_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0)
    return fail(error_from_errno(errno, "opening the log file " + config_.path));
  fd_ = std::move(fd);
  bytes_ = static_cast<std::uint64_t>(info.st_size);
  return {};
}

void LogFile::turn() {
  for (int i = config_.keep; i > 0; --i) {
    const std::string older = std::format("{}.{}", config_.path, i);
    const std::string newer = i == 1 ? config_.path : std::format("{}.{}", config_.path, i - 1);
    ::rename(newer.c_str(), older.c_str());
  }
  // If there can be no new file the old one, under its new name, goes on.
  if (!reopen()) bytes_ = 0;
}

void LogFile::write(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (config_.max_bytes > 0 && bytes_ > 0 && bytes_ + line.size() > config_.max_bytes) turn();
  write_line(fd_.get(), line);
  bytes_ += line.size();
}

}  // namespace tintype
