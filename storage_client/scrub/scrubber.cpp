#include "storage_client/scrub/scrubber.h"

#include <format>

namespace tintype {
namespace {

// A runner writes every two seconds, or after one long request.
constexpr UnixMs kSilentMs = 60'000;

std::unexpected<Error> runs_elsewhere(const ScrubState& state) {
  return fail(ErrorCode::kConflict, std::format("a scrub is under way on {}", state.runner));
}

}  // namespace

Scrubber::Scrubber(std::string name, const ScrubConfig& config, const ScrubberServices& services)
    : name_(std::move(name)), config_(config), services_(services) {}

Scrubber::~Scrubber() { join(); }

void Scrubber::join() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Scrubber::is_alive(const ScrubState& state) const {
  return state.end == ScrubEnd::kRunning && services_.clock.now_ms() - state.updated_at_ms < kSilentMs;
}

Result<std::optional<Document>> Scrubber::read() {
  auto document = services_.documents.read(kScrubDocument);
  if (!document && document.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!document) return fail(document.error());
  return *std::move(document);
}

Result<ScrubState> Scrubber::start(const ScrubOrder& order) {
  const std::lock_guard starting(starts_);
  {
    const std::lock_guard lock(mutex_);
    if (running_) return fail(ErrorCode::kConflict, "a scrub is under way here");
  }
  TT_ASSIGN(const auto document, read());
  ScrubState state;
  if (document) {
    // One that cannot be read is as good as none.
    if (const auto last = parse_scrub_state(document->text)) {
      if (is_alive(*last) && last->runner != name_) return runs_elsewhere(*last);
      if (!last->is_over() && !order.afresh) state = *last;
    }
  }
  state.end = ScrubEnd::kRunning;
  state.runner = name_;
  state.repair = order.repair;
  state.bytes_a_second = order.bytes_a_second;
  state.updated_at_ms = services_.clock.now_ms();
  state.error = {};
  TT_ASSIGN(version_, services_.documents.write(kScrubDocument, to_json(state), document ? document->version : 0));
  join();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = false;
    running_ = true;
  }
  services_.log.info("scrub_started", {{"goes_on", state.started_at_ms != 0}});
  thread_ = std::thread([this, state] { run(state); });
  return state;
}

void Scrubber::run(ScrubState state) {
  Scrub({config_}, {services_.blobs, services_.index, services_.clock,
                    [this](std::chrono::milliseconds time) { return pause(time); },
                    [this](const ScrubState& now) { return keep(now); }})
      .run(state);
  services_.log.info("scrub_ended", {{"state", scrub_end_name(state.end)},
                                     {"blobs", state.count.blobs},
                                     {"found", state.count.found()},
                                     {"repaired", state.count.repaired},
                                     {"error", state.error.message}});
  const std::lock_guard lock(mutex_);
  running_ = false;
}

Status Scrubber::keep(const ScrubState& state) {
  const auto written = services_.documents.write(kScrubDocument, to_json(state), version_);
  if (written) {
    version_ = *written;
    return {};
  }
  if (written.error().code != ErrorCode::kConflict) return fail(written.error());
  // Ours, of which the answer was lost; or another process took us for dead and goes on: there must not be two.
  TT_ASSIGN(const auto document, read());
  if (!document) return fail(written.error());
  TT_ASSIGN(const ScrubState there, parse_scrub_state(document->text));
  if (there.runner != name_) return runs_elsewhere(there);
  TT_ASSIGN(version_, services_.documents.write(kScrubDocument, to_json(state), document->version));
  return {};
}

bool Scrubber::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

Status Scrubber::stop() {
  const std::lock_guard starting(starts_);
  {
    const std::lock_guard lock(mutex_);
    if (!running_) {
      // Not ours.
      const auto document = read();
      const auto last = document && *document ? parse_scrub_state((*document)->text) : fail(ErrorCode::kNotFound, "");
      if (last && is_alive(*last) && last->runner != name_) return runs_elsewhere(*last);
      return {};
    }
  }
  join();
  return {};
}

Result<ScrubState> Scrubber::state() {
  TT_ASSIGN(const auto document, read());
  if (!document) return fail(ErrorCode::kNotFound, "there has been no scrub yet; start one with tintype scrub");
  TT_ASSIGN(ScrubState state, parse_scrub_state(document->text));
  if (state.end == ScrubEnd::kRunning && !is_alive(state)) {
    state.end = ScrubEnd::kFailed;
    state.error = {
        ErrorCode::kUnavailable,
        std::format("{}, which ran it, is gone; started again, it goes on where that stopped", state.runner)};
  }
  return state;
}

}  // namespace tintype
