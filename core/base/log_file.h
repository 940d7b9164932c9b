// LogFile: a log that turns to a new file when it is full: FILE is the newest, FILE.1 the one before, and so on.
//
// A line is never split over two files. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

struct LogFileConfig {
  std::string path;
  std::uint64_t max_bytes = 64ull << 20;  // 0: it never turns
  int keep = 5;                           // older files than these are deleted
};

class LogFile final : public LogSink {
 public:
  // Goes on where an existing file ends.
  static Result<std::unique_ptr<LogFile>> open(const LogFileConfig& config);

  void write(std::string_view line) override;

 private:
  explicit LogFile(const LogFileConfig& config) : config_(config) {}
  Status reopen();
  void turn();

  const LogFileConfig config_;
  std::mutex mutex_;
  UniqueFd fd_;
  std::uint64_t bytes_ = 0;
};

}  // namespace tintype
