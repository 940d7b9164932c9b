// FarmProcess: `tintype serve` as a child of this process, for as long as a command needs a farm of its own.
//
// The child leads a process group of its own (Ctrl-C at the terminal reaches only us, who stop it in order),
// dies with the thread that started it (PDEATHSIG), and writes its log to a file. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

struct FarmProcessConfig {
  std::string program = "/proc/self/exe";
  std::string data_dir;                 // absolute; made if absent
  std::string log_file;                 // appended to
  std::string port_file;                // removed first
  std::vector<std::string> more_words;  // for its command line
  std::string pid_file;                 // names the child, so that the next run can wait for one that outlives us
  std::chrono::milliseconds start_timeout{60'000};
  std::chrono::milliseconds stop_timeout{20'000};  // after TERM; then KILL

  Status validate() const;
};

class FarmProcess {
 public:
  // Never blocks: the child is ready some time later, as state() tells. It is started at once, or, where an
  // interrupted run left a farm on the same data folder, by the state() that finds that one ended or stop_timeout over.
  static Result<std::unique_ptr<FarmProcess>> start(const FarmProcessConfig& config);
  ~FarmProcess();  // stop()

  FarmProcess(const FarmProcess&) = delete;
  FarmProcess& operator=(const FarmProcess&) = delete;

  enum class State { kWaitingForEarlier, kStarting, kReady, kEnded };
  // Never blocks. kUnavailable, with the end of its log, when it ended before it was ready or was not ready
  // in time.
  Result<State> state();
  // "http://127.0.0.1:PORT" once ready.
  const std::string& url() const { return url_; }
  // How it ended, once it has: "exit status 1", "signal 9 (Killed)".
  const std::string& how_it_ended() const { return how_it_ended_; }
  // Readable when it has ended; -1 before it was started.
  int end_fd() const { return pidfd_.get(); }
  pid_t pid() const { return pid_; }

  // TERM, waits, KILL after stop_timeout or once `hurry_fd` can be read. Nothing happens if it has ended.
  void stop(int hurry_fd = -1);
  void kill();

 private:
  explicit FarmProcess(FarmProcessConfig config);
  Status spawn();
  bool waits_for_earlier() const;
  bool reap(bool wait);

  FarmProcessConfig config_;
  pid_t earlier_ = 0;  // of a farm on our data folder whose end is waited for
  std::chrono::steady_clock::time_point earlier_ends_by_;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::string url_;
  std::string how_it_ended_;
  std::chrono::steady_clock::time_point start_by_;
};

}  // namespace tintype
