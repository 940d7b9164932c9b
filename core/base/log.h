// Logger: one line an event, key=value or JSON, to a descriptor or a LogSink.
//
//   log.info("job_done", {{"job", id}, {"ms", 132}});
//   2026-11-22T08:09:21.123Z INFO job_done job=01jd... ms=132
//   {"time":"2026-11-22T08:09:21.123Z","level":"info","event":"job_done","job":"01jd...","ms":132}
//
// Values with spaces, quotes or control characters are quoted and escaped, so a hostile file name cannot forge
// a line. Thread-safe; a line is written with one write(2).
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/unique_fd.h"

namespace tintype {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

// Takes whole lines. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(std::string_view line) = 0;
};

// To a descriptor, with one write(2).
void write_line(int fd, std::string_view line);

struct LogField {
  std::string_view key;
  std::string value;
  bool is_literal = false;  // a number or a boolean: JSON does not quote it

  LogField(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), is_literal(true) {}
  LogField(std::string_view k, SortableId v) : key(k), value(v.to_string()) {}
  LogField(std::string_view k, double v);
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(std::to_string(v)), is_literal(true) {}
};

class Logger {
 public:
  // Writes to `fd`, which must stay open; it is not closed.
  explicit Logger(LogLevel level, int fd = 2, LogFormat format = LogFormat::kText)
      : level_(level), format_(format), fd_(fd) {}
  // `sink` must outlive it.
  Logger(LogLevel level, LogSink& sink, LogFormat format) : level_(level), format_(format), sink_(&sink) {}

  // Whether a line of that level goes anywhere: for lines that cost something to put together.
  bool writes(LogLevel level) const { return level >= level_ && level_ != LogLevel::kOff; }

  using Fields = std::initializer_list<LogField>;
  void debug(std::string_view event, Fields fields = {}) { write(LogLevel::kDebug, event, fields); }
  void info(std::string_view event, Fields fields = {}) { write(LogLevel::kInfo, event, fields); }
  void warning(std::string_view event, Fields fields = {}) { write(LogLevel::kWarning, event, fields); }
  void error(std::string_view event, Fields fields = {}) { write(LogLevel::kError, event, fields); }

 private:
  void write(LogLevel level, std::string_view event, Fields fields);

  LogLevel level_;
  LogFormat format_;
  int fd_ = -1;
  LogSink* sink_ = nullptr;
};

}  // namespace tintype
