#include "workers/fpga/emulation/bus_errors.h"

#include <csetjmp>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "kernels/hls/simulation/dataflow.h"

namespace tintype::emulation {
namespace {

struct BusError : std::runtime_error {
  BusError() : std::runtime_error("outside the card's memory") {}
};

// Of this thread while it runs a kernel's process.
struct Guarded {
  sigjmp_buf back;
  Guarded* before;
};
thread_local Guarded* guarded = nullptr;

struct sigaction previous;

void on_segv(int signal, siginfo_t* info, void* context) {
  if (guarded) siglongjmp(guarded->back, 1);
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction)
    return previous.sa_sigaction(signal, info, context);
  std::signal(SIGSEGV, SIG_DFL);  // and the access comes again
}

void catch_signals() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action{};
    action.sa_sigaction = on_segv;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, &previous);
  });
}

// What stands on the stack between here and the fault is left as it is: kernels own nothing that has to be released.
void guard(const std::function<void()>& process) {
  Guarded here;
  here.before = guarded;
  if (sigsetjmp(here.back, 1) != 0) {
    guarded = guarded->before;
    throw BusError();
  }
  guarded = &here;
  try {
    process();
  } catch (...) {
    guarded = here.before;
    throw;
  }
  guarded = here.before;
}

}  // namespace

bool run_on_bus(const std::function<void()>& kernel) {
  catch_signals();
  const hls_simulation::GuardedProcesses processes(guard);
  try {
    kernel();
  } catch (const BusError&) {
    return false;
  }
  return true;
}

}  // namespace tintype::emulation
