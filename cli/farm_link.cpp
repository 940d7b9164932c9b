#include "cli/farm_link.h"

#include <algorithm>
#include <format>
#include <utility>

#include "cli/http/farm_client.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstBackoff{100};
constexpr milliseconds kLongestBackoff{3000};

}  // namespace

FarmLink FarmLink::own(HttpEngine& engine, FarmProcessConfig config) {
  FarmLink link(engine);
  link.own_config_ = std::move(config);
  return link;
}

FarmLink FarmLink::elsewhere(HttpEngine& engine, std::string url) {
  FarmLink link(engine);
  link.url_ = std::move(url);
  return link;
}

FarmLink::~FarmLink() = default;

Result<bool> FarmLink::step() {
  if (own_config_) {
    TT_ASSIGN(const bool running, step_own_process());
    if (!running) return false;
  }
  if (up_) return true;
  return step_probe();
}

// True while the process runs and has said where it listens.
Result<bool> FarmLink::step_own_process() {
  if (!process_) {
    TT_ASSIGN(process_, FarmProcess::start(*own_config_));
    away_since_ = steady_clock::now();
  }
  const Result<FarmProcess::State> state = process_->state();
  if (state && *state == FarmProcess::State::kWaitingForEarlier) {
    trouble_ = "the farm of an earlier run is still ending";
    return false;
  }
  if (state && *state == FarmProcess::State::kStarting) return false;
  if (state && *state == FarmProcess::State::kReady) {
    url_ = process_->url();
    return true;
  }
  // A farm that never came up has a cause that a restart does not mend.
  if (!state && epoch_ == 0) return fail(state.error());
  lost(state ? Error{ErrorCode::kUnavailable, "the farm ended: " + process_->how_it_ended()} : state.error());
  if (++restarts_ > kMaxFarmRestarts) {
    return fail(ErrorCode::kUnavailable,
                std::format("the farm died {} times in a row without finishing a photo ({}); its log is {}", restarts_,
                            trouble_, own_config_->log_file));
  }
  process_.reset();
  return false;
}

Result<bool> FarmLink::step_probe() {
  const auto now = steady_clock::now();
  if (!away_since_) away_since_ = now;
  if (std::exchange(probe_->answered, false)) {
    up_ = true;
    ++epoch_;
    trouble_.clear();
    away_since_.reset();
    backoff_ = kFirstBackoff;
    return true;
  }
  if (!probe_->problem.empty()) trouble_ = std::exchange(probe_->problem, {});
  const auto patience = epoch_ == 0 && !own_config_ ? kFirstContactPatience : kLostFarmPatience;
  if (now - *away_since_ > patience) return fail(given_up());
  if (probe_->pending || now < next_probe_) return false;

  probe_->pending = true;
  next_probe_ = now + backoff_;
  backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  HttpRequest request;
  request.url = url_ + "/readyz";
  request.stall_timeout = std::chrono::seconds(10);
  engine_->start(std::move(request), [probe = probe_](Result<HttpAnswer> answer) {
    probe->pending = false;
    if (!answer) {
      probe->problem = answer.error().message;
    } else if (answer->status == 200) {
      probe->answered = true;
    } else {
      probe->problem = error_of(*answer).message;
    }
  });
  return false;
}

Error FarmLink::given_up() const {
  const std::string_view remedy =
      own_config_ ? "look at its log" : "start one with `tintype serve`, or name another with --farm URL";
  return {ErrorCode::kUnavailable,
          std::format("no farm answers at {} ({}); {}", url_, trouble_.empty() ? "no answer" : trouble_, remedy)};
}

void FarmLink::lost(const Error& why) {
  if (!up_ && !trouble_.empty()) return;
  up_ = false;
  trouble_ = why.message;
  backoff_ = kFirstBackoff;
  next_probe_ = steady_clock::now();
  if (!away_since_) away_since_ = next_probe_;
}

void FarmLink::stop(int hurry_fd) {
  up_ = false;
  if (process_) process_->stop(hurry_fd);
}

}  // namespace tintype
