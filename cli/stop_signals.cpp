#include "cli/stop_signals.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <utility>

namespace tintype {

Result<StopSignals> StopSignals::create() {
  sigset_t signals, before;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail(error_from_errno(errno, "listening for Ctrl-C"));
  ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  return StopSignals(std::move(fd), before);
}

StopSignals::StopSignals(StopSignals&& other) noexcept
    : fd_(std::move(other.fd_)), before_(other.before_), count_(other.count_) {}

StopSignals::~StopSignals() {
  if (!fd_) return;
  count();  // what came is handled: unblocking must not end the process now
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int StopSignals::count() {
  signalfd_siginfo signal{};
  while (::read(fd_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) ++count_;
  return count_;
}

}  // namespace tintype
