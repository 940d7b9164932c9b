// EventStream: takes a server-sent event stream (text/event-stream) apart, in whatever pieces it comes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tintype {

struct ServerEvent {
  std::string id;
  std::string type;  // "message" if the stream names none
  std::string data;  // lines joined by "\n"
};

class EventStream {
 public:
  // Calls `on_event` for each event that is whole with this piece. Lines beyond 1 MiB are cut.
  void feed(std::string_view piece, const std::function<void(const ServerEvent&)>& on_event);

 private:
  void take_line(const std::function<void(const ServerEvent&)>& on_event);

  std::string line_;
  bool skip_newline_ = false;  // the line before ended in "\r"
  bool has_data_ = false;
  ServerEvent event_;
};

}  // namespace tintype
