// What commands that stay have in common: `serve`, `gateway`, `node`.
#pragma once

#include <signal.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/log.h"
#include "core/base/log_file.h"
#include "core/base/result.h"

namespace tintype {

struct LogOptions {
  std::string level = "info";   // debug, info, warning, error, off
  std::string file;             // empty: stderr
  std::string format = "text";  // or json
  std::uint64_t max_mb = 64;    // 0: one file for ever
  int keep = 5;
};

// A log, and the file that it goes to.
class ServiceLog {
 public:
  static Result<std::unique_ptr<ServiceLog>> open(const LogOptions& options);
  Logger& log() { return log_; }

 private:
  ServiceLog(LogLevel level, std::unique_ptr<LogFile> file, LogFormat format);

  std::unique_ptr<LogFile> file_;
  Logger log_;
};

// Lets this process have as many files open as its hard limit says, up to 65536: every connection takes one, and the
// usual limit, 1024, is less than the connections that a gateway takes. Past it nothing could be opened, photos
// neither.
void allow_many_open_files();

struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};
// "ADDRESS:PORT", "[v6]:PORT", ":PORT" (loopback).
Result<ListenAddress> parse_listen(std::string_view text);

// One line; appears whole or not at all.
Status write_port_file(const std::string& path, const std::string& line);

// SIGTERM and SIGINT, and SIGHUP where it means "read your files again", held back from the whole process: make it
// before the first thread.
class ServiceSignals {
 public:
  explicit ServiceSignals(bool takes_hangup);
  // Until the first signal that ends; calls `reload` at each SIGHUP. The next signal ends the process by default again.
  void wait(const std::function<void()>& reload);
  // True once one that ends has come and waits to be taken.
  bool has_ended() const;

 private:
  sigset_t ending_, awaited_;
};

}  // namespace tintype
