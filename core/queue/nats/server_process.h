// ServerProcess: a program kept running as our child. One thread of its own starts it, waits for its end, and
// starts it again, later after each short life.
//
// The child dies with this process, also at kill -9: PDEATHSIG goes by the thread that forked, and that thread
// lives as long as the child. It is in a process group of its own, so that Ctrl-C is ours to pass on.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/log.h"

namespace tintype {

struct ServerCommand {
  std::string program;                 // a path
  std::vector<std::string> arguments;  // without the program's name
  std::string environment;             // one more NAME=value
  int output_fd = -1;                  // its stdout and stderr
  int kept_fd = -1;                    // the one other descriptor that it inherits
};

class ServerProcess {
 public:
  // The descriptors of `command` must stay open, and `log` must outlive this.
  ServerProcess(ServerCommand command, Logger& log);
  // TERM, and KILL after 5 seconds.
  ~ServerProcess();

  // Both thread-safe. -1 while it is down.
  pid_t pid() const;
  // How often it ended.
  int ends() const;

 private:
  void run();
  pid_t start();
  // Waits for the end of `pid` and reaps it. Returns its wait status.
  int wait_for_end(pid_t pid);

  const ServerCommand command_;
  Logger& log_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  pid_t pid_ = -1;         // under mutex_; never the pid of a reaped process
  int ends_ = 0;           // under mutex_
  bool stopping_ = false;  // under mutex_
  std::thread thread_;     // last: it uses the rest
};

}  // namespace tintype
