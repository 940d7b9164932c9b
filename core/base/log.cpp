#include "core/base/log.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>

#include "core/base/time_text.h"

namespace tintype {
namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kWarning:
      return "WARNING";
    case LogLevel::kError:
      return "ERROR";
    case LogLevel::kOff:
      break;
  }
  return "OFF";
}

// The C1 control characters, two bytes each in UTF-8, steer a terminal as ESC does.
bool is_c1_control(std::string_view text, std::size_t i) {
  if (static_cast<unsigned char>(text[i]) != 0xC2 || i + 1 >= text.size()) return false;
  const auto next = static_cast<unsigned char>(text[i + 1]);
  return next >= 0x80 && next <= 0x9F;
}

bool is_plain(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (c <= 0x20 || c == 0x7F || c == '"' || c == '\\' || c == '=' || is_c1_control(value, i)) return false;
  }
  return !value.empty();
}

void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += value[i];
    } else if (c == '\n') {
      line += "\\n";
    } else if (c == '\t') {
      line += "\\t";
    } else if (c < 0x20 || c == 0x7F) {
      line += std::format("\\x{:02x}", c);
    } else if (is_c1_control(value, i)) {
      line += std::format("\\x{:02x}", static_cast<unsigned char>(value[++i]));
    } else {
      line += value[i];
    }
  }
  line += '"';
}

}  // namespace

LogField::LogField(std::string_view k, double v) : key(k), value(std::format("{:.6g}", v)) {}

void Logger::write(LogLevel level, std::string_view event, Fields fields) {
  if (level < level_ || level_ == LogLevel::kOff) return;
  std::string line = std::format("{} {} {}", to_rfc3339(SystemClock().now_ms()), level_name(level), event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    if (is_plain(field.value)) {
      line += field.value;
    } else {
      append_quoted(line, field.value);
    }
  }
  line += '\n';
  // A log that cannot be written has nowhere to say so.
  while (::write(fd_, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace tintype
