#include "tests/workers/hostile_child.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <new>

#include "codec/encode.h"
#include "codec/resize.h"
#include "tests/workers/lane_tasks.h"
#include "workers/cpu/step_runner.h"
#include "workers/sandbox/fd_message.h"
#include "workers/wire/worker_session.h"

namespace tintype::testing {
namespace {

constexpr std::string_view kMark = "EVIL:";

using Lie = std::function<void(const WorkerTask&, WorkerAnswer&)>;

DecodeResult& decoded(WorkerAnswer& answer) { return std::get<DecodeResult>(answer.steps[0].value); }
// The first and second file of ladder_task().
PlacedFile& webp(WorkerAnswer& answer) { return std::get<PlacedFile>(answer.steps[2].value); }
PlacedFile& avif(WorkerAnswer& answer) { return std::get<PlacedFile>(answer.steps[3].value); }
PlacedFile& smaller_webp(WorkerAnswer& answer) { return std::get<PlacedFile>(answer.steps[5].value); }
// Of the file that a score was asked for.
ContractResult& contract(WorkerAnswer& answer) { return *std::get<PlacedFile>(answer.steps[6].value).contract; }

// Untrue in content, well-formed in writing.
const std::map<std::string, Lie>& lying_answers() {
  static const std::map<std::string, Lie> lies = {
      {"another size", [](auto&, WorkerAnswer& a) { std::swap(webp(a), smaller_webp(a)); }},
      {"another format", [](auto&, WorkerAnswer& a) { std::swap(webp(a), avif(a)); }},
      {"a cut file", [](auto&, WorkerAnswer& a) { webp(a).bytes = 11; }},
      {"an empty file", [](auto&, WorkerAnswer& a) { webp(a).bytes = 0; }},
      {"a file of garbage", [](auto&, WorkerAnswer& a) { webp(a).offset += 64 << 10; }},
      {"a file past the end", [](auto&, WorkerAnswer& a) { webp(a).offset = 1ull << 40; }},
      {"a file over the end", [](auto& t, WorkerAnswer& a) { webp(a).offset = t.header.exchange_bytes - 4; }},
      {"a file around the end",
       [](auto&, WorkerAnswer& a) { webp(a).bytes = std::numeric_limits<std::uint64_t>::max() - 16; }},
      {"a file in the answer's place", [](auto&, WorkerAnswer& a) { webp(a).offset = 0; }},
      {"a file of any length",
       [](auto& t, WorkerAnswer& a) { webp(a).bytes = t.header.exchange_bytes - t.header.body_area_bytes; }},
      {"another quality", [](auto&, WorkerAnswer& a) { ++webp(a).quality; }},
      {"an impossible quality", [](auto&, WorkerAnswer& a) { std::get<PlacedFile>(a.steps[6].value).quality = 101; }},
      {"another effort", [](auto&, WorkerAnswer& a) { ++webp(a).effort; }},
      {"a score that nobody asked for", [](auto&, WorkerAnswer& a) { webp(a).contract = contract(a); }},
      {"no score", [](auto&, WorkerAnswer& a) { std::get<PlacedFile>(a.steps[6].value).contract.reset(); }},
      {"a score over the best", [](auto&, WorkerAnswer& a) { contract(a).score = 101; }},
      {"a score that is none",
       [](auto&, WorkerAnswer& a) { contract(a).probes[0].score = std::numeric_limits<double>::quiet_NaN(); }},
      {"a score that it did not reach",
       [](auto&, WorkerAnswer& a) {
         contract(a).end = SearchEnd::kReached;
         contract(a).score = 20;
       }},
      {"five quarters", [](auto&, WorkerAnswer& a) { contract(a).quarters = 5; }},
      {"a try of less than a quality", [](auto&, WorkerAnswer& a) { contract(a).probes[0].quarters = -1; }},
      {"a search without a try", [](auto&, WorkerAnswer& a) { contract(a).probes.clear(); }},
      {"an endless search", [](auto&, WorkerAnswer& a) { contract(a).probes.resize(100'000); }},
      {"no threads", [](auto&, WorkerAnswer& a) { webp(a).threads = 0; }},
      {"an encoder with a bell", [](auto&, WorkerAnswer& a) { webp(a).encoder = "aom\a"; }},
      {"an endless encoder", [](auto&, WorkerAnswer& a) { webp(a).encoder.assign(1 << 20, 'x'); }},
      {"a time that is none",
       [](auto&, WorkerAnswer& a) { a.steps[2].seconds = std::numeric_limits<double>::quiet_NaN(); }},
      {"a time before it began", [](auto&, WorkerAnswer& a) { a.steps[2].seconds = -1; }},
      {"an hour of work", [](auto&, WorkerAnswer& a) { a.steps[2].seconds = 3600; }},
      {"all the memory", [](auto&, WorkerAnswer& a) { a.peak_bytes = std::numeric_limits<std::uint64_t>::max(); }},
      {"too few steps", [](auto&, WorkerAnswer& a) { a.steps.pop_back(); }},
      {"too many steps", [](auto&, WorkerAnswer& a) { a.steps.emplace_back(); }},
      {"a step of another kind", [](auto&, WorkerAnswer& a) { std::swap(a.steps[1].value, a.steps[2].value); }},
      {"a picture that was not asked for", [](auto&, WorkerAnswer& a) { a.steps[1].picture = PictureShape{4, 4}; }},
      {"no picture", [](auto&, WorkerAnswer& a) { a.steps[0].picture.reset(); }},
      {"another picture", [](auto&, WorkerAnswer& a) { a.steps[0].picture = decoded(a).shape = PictureShape{4, 4}; }},
      {"two shapes", [](auto&, WorkerAnswer& a) { a.steps[0].picture = PictureShape{4, 4}; }},
      {"coefficients for pixels",
       [](auto&, WorkerAnswer& a) {
         decoded(a).shape.layout = PixelLayout::kJpegCoefficients;
         a.steps[0].picture = decoded(a).shape;
       }},
      {"coefficients for a smaller picture",
       [](auto&, WorkerAnswer& a) { a.steps[1].picture = PictureShape{4, 4, PixelLayout::kJpegCoefficients}; }},
      {"a date out of time",
       [](auto&, WorkerAnswer& a) { decoded(a).taken_at_ms = std::numeric_limits<UnixMs>::max(); }},
      {"metadata that is text", [](auto&, WorkerAnswer& a) { decoded(a).metadata_json = "<script>"; }},
      {"metadata in depth", [](auto&, WorkerAnswer& a) { decoded(a).metadata_json = R"({"a":{"b":1}})"; }},
      {"endless metadata",
       [](auto&, WorkerAnswer& a) { decoded(a).metadata_json = "{\"a\":\"" + std::string(1 << 20, 'x') + "\"}"; }},
      {"endless warnings", [](auto&, WorkerAnswer& a) { decoded(a).warnings.assign(100'000, "x"); }},
      {"a warning that forges a line", [](auto&, WorkerAnswer& a) { decoded(a).warnings = {"x\nERROR"}; }},
      {"an endless profile",
       [](auto&, WorkerAnswer& a) {
         auto embedded = std::make_shared<EmbeddedMetadata>();
         embedded->icc = Bytes(5 << 20);
         decoded(a).embedded = embedded;
       }},
      {"an error of the farm's", [](auto&, WorkerAnswer& a) { a.error = Error{ErrorCode::kDenied, "no"}; }},
      {"an error with a bell", [](auto&, WorkerAnswer& a) { a.error = Error{ErrorCode::kCorruptImage, "\a"}; }},
      {"an endless error",
       [](auto&, WorkerAnswer& a) { a.error = Error{ErrorCode::kCorruptImage, std::string(1 << 20, 'x')}; }},
  };
  return lies;
}

void send_record(int socket_fd, ByteView record) {
  if (write(socket_fd, record.data(), record.size()) < 0) _exit(9);
}

using Talk = std::function<void(const WorkerTask&, const WorkerAnswer&, WorkerSession&)>;

// Untrue in how it is said.
const std::map<std::string, Talk>& lying_talks() {
  static const std::map<std::string, Talk> talks = {
      {"a short record", [](auto&, auto&, auto& session) { send_record(session.socket_fd(), as_bytes("hi")); }},
      {"a long record",
       [](auto&, auto&, auto& session) { send_record(session.socket_fd(), as_bytes(std::string(60'000, 'x'))); }},
      {"another task's answer",
       [](auto& task, auto&, auto& session) {
         const AnswerHeader header{task.header.nonce + 1, 16};
         send_record(session.socket_fd(), bytes_of(header));
       }},
      {"an endless answer",
       [](auto& task, auto&, auto& session) {
         const AnswerHeader header{task.header.nonce, std::numeric_limits<std::uint64_t>::max()};
         send_record(session.socket_fd(), bytes_of(header));
       }},
      {"an answer of garbage",
       [](auto& task, auto&, auto& session) {
         const std::string garbage(1000, '\xa5');
         (void)!pwrite(session.exchange_fd(), garbage.data(), garbage.size(), 0);
         const AnswerHeader header{task.header.nonce, garbage.size()};
         send_record(session.socket_fd(), bytes_of(header));
       }},
      {"no answer in an answer",
       [](auto& task, auto&, auto& session) {
         const AnswerHeader header{task.header.nonce, 0};
         send_record(session.socket_fd(), bytes_of(header));
       }},
      {"two answers",
       [](auto& task, auto& answer, auto& session) {
         // One record of the socket's buffer is read before the other is there, so the second goes first.
         const AnswerHeader header{task.header.nonce, 16};
         send_record(session.socket_fd(), bytes_of(header));
         (void)session.answer(task, answer);
       }},
      {"a picture still being painted",
       [](auto& task, auto& answer, auto& session) {
         mmap(nullptr, task.header.kept_bytes[0], PROT_READ | PROT_WRITE, MAP_SHARED, task.kept[0].get(), 0);
         (void)session.answer(task, answer);
       }},
  };
  return talks;
}

WorkerAnswer fill_memory() {
  WorkerAnswer answer;
  std::vector<Bytes> hoard;
  try {
    for (;;) {
      hoard.emplace_back(16 << 20);
      std::memset(hoard.back().data(), 1, hoard.back().size());
    }
  } catch (const std::bad_alloc&) {
    hoard.clear();
    answer.error = Error{ErrorCode::kOutOfMemory, "no more"};
  }
  return answer;
}

// Deeds that end the child or never end.
void misbehave(const std::string& deed) {
  if (deed == "segfault") *reinterpret_cast<volatile int*>(8) = 1;
  if (deed == "abort") abort();
  if (deed == "exit") _exit(0);
  if (deed == "exit 3") _exit(3);
  if (deed == "spin") {
    for (volatile bool forever = true; forever;) {
    }
  }
  if (deed == "open") (void)!socket(AF_INET, SOCK_STREAM, 0);
  if (deed == "recurse") {
    std::function<int(int)> recurse = [&](int depth) {
      volatile char frame[4096] = {static_cast<char>(depth)};
      return recurse(depth + 1) + frame[0];
    };
    recurse(0);
  }
}

std::string deed_of(const WorkerTask& task) {
  const std::string_view file = as_text(task.source.view());
  const std::size_t at = file.rfind(kMark);
  return at == std::string_view::npos ? std::string() : std::string(file.substr(at + kMark.size()));
}

void paint_over(const WorkerTask& task, WorkerSession& session) {
  const std::string garbage(4096, '\x5a');
  for (int round = 0; round < 2000; ++round) {
    for (std::uint64_t at : {std::uint64_t{0}, task.header.body_area_bytes}) {
      (void)!pwrite(session.exchange_fd(), garbage.data(), garbage.size(), static_cast<off_t>(at));
    }
    if (!task.kept.empty()) (void)!pwrite(task.kept[0].get(), garbage.data(), garbage.size(), 0);
  }
}

bool do_task(const WorkerTask& task, WorkerSession& session) {
  const std::string deed = deed_of(task);
  misbehave(deed);
  if (deed == "bloat") return session.answer(task, fill_memory()).has_value();
  WorkerAnswer answer = run_steps(task, session);
  if (const auto lie = lying_answers().find(deed); lie != lying_answers().end() && !answer.error) {
    lie->second(task, answer);
  }
  if (const auto talk = lying_talks().find(deed); talk != lying_talks().end()) {
    talk->second(task, answer, session);
    return true;
  }
  if (deed == "pid") std::get<PlacedFile>(answer.steps[2].value).encoder = std::to_string(getpid());
  const bool answered = session.answer(task, answer).has_value();
  if (deed == "paint over it") paint_over(task, session);
  if (deed == "talk on") {
    usleep(20'000);
    send_record(session.socket_fd(), as_bytes("and another thing"));
  }
  if (deed == "die after") _exit(0);
  return answered;
}

}  // namespace

int hostile_child_main(int socket_fd) {
  use_one_thread_per_codec();
  WorkerSession session(socket_fd);
  for (;;) {
    const Result<WorkerTask> task = session.receive();
    if (!task || !do_task(*task, session)) return 1;
  }
}

std::string evil(std::string_view deed) { return std::string(kMark) + std::string(deed); }

const std::vector<std::string>& lies() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, lie] : lying_answers()) all.push_back(name);
    for (const auto& [name, talk] : lying_talks()) all.push_back(name);
    return all;
  }();
  return names;
}

}  // namespace tintype::testing
