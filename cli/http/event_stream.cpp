#include "cli/http/event_stream.h"

#include <utility>

namespace tintype {
namespace {

constexpr std::size_t kMaxLineBytes = 1u << 20;

}  // namespace

void EventStream::feed(std::string_view piece, const std::function<void(const ServerEvent&)>& on_event) {
  for (const char c : piece) {
    const bool second_half = std::exchange(skip_newline_, false) && c == '\n';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      skip_newline_ = c == '\r';
      take_line(on_event);
    } else if (line_.size() < kMaxLineBytes) {
      line_ += c;
    }
  }
}

void EventStream::take_line(const std::function<void(const ServerEvent&)>& on_event) {
  const std::string line = std::exchange(line_, {});
  if (line.empty()) {
    if (std::exchange(has_data_, false)) {
      if (event_.type.empty()) event_.type = "message";
      on_event(event_);
    }
    event_ = {};
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == 0) return;  // a comment
  const std::string_view field = std::string_view(line).substr(0, colon);
  std::string_view value = colon == std::string::npos ? std::string_view() : std::string_view(line).substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
  } else if (field == "event") {
    event_.type = value;
  } else if (field == "id") {
    event_.id = value;
  }
}

}  // namespace tintype
