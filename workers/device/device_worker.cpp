// The device process's own side.

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "workers/device/device_arguments.h"
#include "workers/device/device_process.h"
#include "workers/sandbox/fd_message.h"
#include "workers/sandbox/spawn.h"
#include "workers/shared_memory.h"
#include "workers/wire/session_wire.h"
#include "workers/wire/worker_session.h"

namespace tintype {
namespace {

constexpr int kDone = 0, kFailed = 1, kDeviceLost = 3;  // exit statuses
constexpr double kSecondsARate = 2;

Status say(const DeviceReport& report, std::span<const int> fds = {}) {
  ByteWriter out;
  write_report(report, out);
  return send_message(kSpawnedSocketFd, out.written(), fds);
}

// At once, whatever other threads do: a driver may hold them for ever, and its exit handlers too.
[[noreturn]] void leave(int status) { _exit(status); }

// Whoever started this process is gone, or has no more use for it.
void leave_with_parent() {
  std::thread([] {
    pollfd parent{kSpawnedSocketFd, POLLRDHUP, 0};
    while (poll(&parent, 1, -1) <= 0 || (parent.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0) {
    }
    leave(kDone);
  }).detach();
}

// One session's tasks.
class SessionWork {
 public:
  SessionWork(int socket_fd, DeviceSession& session) : talk_(socket_fd), session_(session) {}

  void serve() {
    for (;;) {
      const Result<WorkerTask> task = talk_.receive();
      if (!task) return;
      if (!talk_.answer(*task, answer(*task))) return;
    }
  }

 private:
  WorkerAnswer answer(const WorkerTask& task) {
    try {
      Result<WorkerAnswer> answered = run(task);
      if (answered) return *std::move(answered);
      return failed(answered.error());
    } catch (const std::bad_alloc&) {
      return failed({ErrorCode::kOutOfMemory, "the device's process has not enough memory for the task"});
    } catch (const std::exception& error) {
      return failed({ErrorCode::kInternal, std::string("a device's engine threw: ") + error.what()});
    }
  }

  static WorkerAnswer failed(const Error& error) {
    if (error.code == ErrorCode::kWorkerCrashed) {
      (void)say(error);
      leave(kDeviceLost);
    }
    const bool is_answer = error.code == ErrorCode::kOutOfMemory || error.code == ErrorCode::kInvalidArgument ||
                           error.code == ErrorCode::kUnsupported;
    WorkerAnswer answer;
    answer.error = Error{is_answer ? error.code : ErrorCode::kInternal, clean_text(error.message)};
    return answer;
  }

  Result<WorkerAnswer> run(const WorkerTask& task) {
    std::vector<Mapping> memories;
    std::vector<EngineInput> inputs;
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
      const PictureShape& shape = task.work.inputs[i];
      TT_ASSIGN(Mapping memory, Mapping::map(task.inputs[i].get(), shape.bytes(), Mapping::Access::kRead));
      memories.push_back(std::move(memory));
      inputs.push_back({shape, memories.back().view()});
    }
    TT_ASSIGN(const std::vector<EngineStepResult> results,
              session_.run({task.work.steps, inputs, task.work.keep_pictures}));
    if (results.size() != task.work.steps.size()) return fail(ErrorCode::kInternal, "an engine left out a step");
    WorkerAnswer answer;
    for (std::size_t i = 0; i < results.size(); ++i) {
      TT_ASSIGN(AnsweredStep step, hand_over(task, i, results[i]));
      answer.steps.push_back(std::move(step));
    }
    return answer;
  }

  Result<AnsweredStep> hand_over(const WorkerTask& task, std::size_t index, const EngineStepResult& result) {
    AnsweredStep step;
    step.seconds = result.seconds;
    if (result.file) {
      TT_ASSIGN(PlacedFile placed, talk_.put_file(result.file->bytes));
      placed.format = result.file->format;
      placed.quality = result.file->quality;
      placed.effort = result.file->effort;
      placed.encoder = clean_text(result.file->encoder);
      placed.threads = result.file->threads;
      placed.thumbhash = result.file->thumbhash;
      step.value = std::move(placed);
    }
    const auto& keeps = task.work.keep_pictures;
    const auto kept = std::ranges::find(keeps, index);
    if (kept == keeps.end()) return step;
    if (!result.picture) return fail(ErrorCode::kInternal, "an engine left out a picture");
    const auto place = static_cast<std::size_t>(kept - keeps.begin());
    const Planes& planes = *result.picture;
    const PictureShape shape{planes.width(), planes.height(),
                             planes.chroma() == Chroma::kFull ? PixelLayout::kYcc444 : PixelLayout::kYcc420};
    if (planes.view().size() > task.header.kept_bytes[place]) {
      return fail(ErrorCode::kInternal, "a picture is larger than its header said");
    }
    TT_TRY(write_exactly(task.kept[place].get(), planes.view(), 0));
    step.picture = shape;
    return step;
  }

  WorkerSession talk_;
  DeviceSession& session_;
};

Status serve(DeviceEngine& engine) {
  std::vector<std::unique_ptr<DeviceSession>> sessions;
  std::vector<UniqueFd> ours, theirs;
  std::vector<int> fds;
  for (int i = 0; i < engine.info().sessions; ++i) {
    TT_ASSIGN(std::unique_ptr<DeviceSession> session, engine.open_session());
    sessions.push_back(std::move(session));
    TT_ASSIGN(SocketPair sockets, make_socket_pair());
    ours.push_back(std::move(sockets.ours));
    fds.push_back(sockets.theirs.get());
    theirs.push_back(std::move(sockets.theirs));
  }
  TT_TRY(say(engine.info(), fds));
  theirs.clear();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    threads.emplace_back([&, i] {
      SessionWork(ours[i].get(), *sessions[i]).serve();
      leave(kFailed);  // else the lane would wait for answers that nobody gives
    });
  }
  return {};
}

Status open_and_serve(const EngineKind& kind, const DeviceArguments& arguments) {
  if (arguments.purpose == DevicePurpose::kList) {
    TT_ASSIGN(DeviceList list, kind.list(arguments.spec));
    return say(std::move(list));
  }
  const auto tell = [](const std::string& step) { (void)say(SelfTestStep{step}); };
  const bool is_test = arguments.purpose == DevicePurpose::kSelfTest;
  if (is_test) tell("opening it, and building what it was not built for before");
  TT_ASSIGN(const std::unique_ptr<DeviceEngine> engine, kind.open(arguments.spec));
  return is_test ? say(run_self_test(*engine, kSecondsARate, tell)) : serve(*engine);
}

Status work(const DeviceArguments& arguments, std::span<const EngineKind> kinds) {
  const auto kind = std::ranges::find(kinds, arguments.spec.engine, &EngineKind::name);
  if (kind == kinds.end()) {
    return fail(ErrorCode::kUnsupported, "this program has no engine \"" + arguments.spec.engine + "\"");
  }
  try {
    return open_and_serve(*kind, arguments);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "not enough memory to open the device");
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal, std::string("opening the device threw: ") + error.what());
  }
}

}  // namespace

void run_device_worker_if_asked(int argc, char** argv, std::span<const EngineKind> kinds) {
  if (argc < 2 || std::string_view(argv[1]) != kDeviceWorkerArgument) return;
  const std::optional<DeviceArguments> arguments = read_arguments({argv + 1, static_cast<std::size_t>(argc - 1)});
  if (!arguments) leave(kFailed);
  prctl(PR_SET_NAME, "tintype-device", 0, 0, 0);
  leave_with_parent();
  const Status done = work(*arguments, kinds);
  if (!done) (void)say(done.error());
  leave(done ? kDone : kFailed);
}

}  // namespace tintype
