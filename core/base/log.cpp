#include "core/base/log.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
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

// The length of the UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : (lead & 0xF0) == 0xE0       ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  // Second bytes that would spell something too long, a surrogate, or past U+10FFFF.
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < (lead == 0xE0   ? 0xA0
                : lead == 0xF0 ? 0x90
                               : 0x80) ||
      second > (lead == 0xED   ? 0x9F
                : lead == 0xF4 ? 0x8F
                               : 0xBF))
    return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

void append_json(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += text[0];
    } else if (c < 0x20 || c == 0x7F) {
      line += std::format("\\u{:04x}", c);
    } else if (length == 0) {
      line += "\\ufffd";
    } else {
      line += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  line += '"';
}

std::string text_line(std::string_view time, LogLevel level, std::string_view event, Logger::Fields fields) {
  std::string line = std::format("{} {} {}", time, level_name(level), event);
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
  return line;
}

std::string json_line(std::string_view time, LogLevel level, std::string_view event, Logger::Fields fields) {
  std::string name(level_name(level));
  std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  std::string line = std::format(R"({{"time":"{}","level":"{}","event":)", time, name);
  append_json(line, event);
  for (const LogField& field : fields) {
    line += ',';
    append_json(line, field.key);
    line += ':';
    if (field.is_literal) {
      line += field.value;
    } else {
      append_json(line, field.value);
    }
  }
  return line + '}';
}

}  // namespace

void write_line(int fd, std::string_view line) {
  // A log that cannot be written has nowhere to say so.
  while (::write(fd, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

LogField::LogField(std::string_view k, double v)
    : key(k), value(std::format("{:.6g}", v)), is_literal(std::isfinite(v)) {}

void Logger::write(LogLevel level, std::string_view event, Fields fields) {
  if (!writes(level)) return;
  const std::string time = to_rfc3339(SystemClock().now_ms());
  std::string line =
      format_ == LogFormat::kJson ? json_line(time, level, event, fields) : text_line(time, level, event, fields);
  line += '\n';
  if (sink_) {
    sink_->write(line);
  } else {
    write_line(fd_, line);
  }
}

}  // namespace tintype
