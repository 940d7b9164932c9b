#include "cli/compress/pipeline.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "cli/http/farm_json.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kSilentStream{35};  // three of the farm's comments are missing
constexpr milliseconds kStreamAgain{1000};
constexpr milliseconds kFarmStep{50};
constexpr std::size_t kMaxEarlyEnds = 10'000;

}  // namespace

Pipeline::Pipeline(HttpEngine& engine, FarmLink& farm, Journal& journal, const OutFolder& out, StopSignals& signals,
                   ProgressView& view, PipelineOptions options)
    : engine_(engine),
      farm_(farm),
      journal_(journal),
      out_(out),
      signals_(signals),
      view_(view),
      options_(std::move(options)),
      requests_(engine, [this](const Error& why) { farm_.lost(why); }) {
  if (options_.window > 0) window_ = options_.window;
}

Pipeline::~Pipeline() {
  requests_.cancel(events_request_);
  requests_.cancel(slots_request_);
  for (const Flight& flight : flights_) requests_.cancel(flight.request);
}

Result<PipelineEnd> Pipeline::run(std::vector<PhotoItem>& items, Progress& progress) {
  progress_ = &progress;
  for (PhotoItem& item : items) {
    if (item.state == PhotoState::kToDo) waiting_.push_back(&item);
  }
  add_leftovers(items);
  while (!waiting_.empty() || !flights_.empty()) {
    if (begin_stopping()) break;
    TT_ASSIGN(const bool up, farm_.step());
    if (up) {
      if (epoch_ != farm_.epoch()) farm_came_up();
      tend_events();
      take_job_ends();
      launch();
      for (Flight& flight : flights_) {
        if (!flight.busy && flight.due <= steady_clock::now()) advance(flight);
      }
    }
    if (fatal_) return fail(*fatal_);
    std::erase_if(flights_, [](const Flight& flight) { return flight.stage == Flight::Stage::kEnded; });
    progress.in_farm = in_farm();
    progress.trouble = up ? "" : farm_.trouble();
    view_.update(progress);
    if (waiting_.empty() && flights_.empty()) break;
    engine_.poll(time_to_wait(), std::array{signals_.fd(), farm_.end_fd()});
  }
  return dropped_ || !flights_.empty() ? PipelineEnd::kInterrupted : PipelineEnd::kAllEnded;
}

// Photos that an interrupted run left in the farm and that this one will not come to.
void Pipeline::add_leftovers(const std::vector<PhotoItem>& items) {
  std::set<std::string_view> to_come;
  for (const PhotoItem& item : items) {
    // One that failed is uploaded anew: what the farm has of it is of no use.
    const JournalEntry* entry = journal_.find(item.key);
    const bool ended = entry != nullptr && (entry->done || entry->failure);
    if (item.state == PhotoState::kToDo && !ended) to_come.insert(item.key);
  }
  for (const JournalEntry* entry : journal_.in_farm()) {
    if (entry->keep || to_come.contains(entry->key)) continue;
    Flight& flight = flights_.emplace_back();
    flight.stage = Flight::Stage::kRemove;
    flight.key = entry->key;
    flight.photo_id = entry->photo_id;
  }
}

// True when there is nothing left to wait for.
bool Pipeline::begin_stopping() {
  const int stops = signals_.count();
  if (stops == 0) return false;
  if (!stop_by_) {
    stop_by_ = steady_clock::now() + options_.drain;
    const std::size_t under_way = in_farm();
    dropped_ = !waiting_.empty();
    waiting_.clear();
    view_.say(under_way == 0 ? "stopping"
                             : std::format("stopping: up to {} s for the {} under way (Ctrl-C again: at once)",
                                           options_.drain.count(), under_way));
  }
  // What has not begun to upload does not begin any more.
  const auto not_begun = [](const Flight& f) { return f.stage == Flight::Stage::kUpload && !f.busy; };
  dropped_ = std::erase_if(flights_, not_begun) > 0 || dropped_;
  // A farm that never came up has nothing of this run under way: what an earlier one left in it can wait.
  return stops > 1 || flights_.empty() || farm_.epoch() == 0 || steady_clock::now() >= *stop_by_;
}

std::size_t Pipeline::in_farm() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      flights_, [](const Flight& f) { return f.stage == Flight::Stage::kUpload || f.stage == Flight::Stage::kWork; }));
}

void Pipeline::launch() {
  const auto window = static_cast<std::size_t>(window_);
  // The second bound: variants that come in slower than they are made must not pile up as open flights.
  for (std::size_t open = in_farm(); open < window && flights_.size() < 2 * window + 8 && !waiting_.empty(); ++open) {
    Flight& flight = flights_.emplace_back();
    flight.item = waiting_.front();
    flight.key = flight.item->key;
    waiting_.pop_front();
    const JournalEntry* entry = journal_.find(flight.key);
    if (entry == nullptr || entry->photo_id.empty() || entry->done || entry->failure) continue;
    // An interrupted run has uploaded it: its job may have ended meanwhile.
    flight.photo_id = entry->photo_id;
    flight.job_id = entry->job_id;
    flight.stage = Flight::Stage::kWork;
  }
}

void Pipeline::farm_came_up() {
  epoch_ = farm_.epoch();
  requests_.set_url(farm_.url());
  requests_.cancel(std::exchange(events_request_, 0));
  events_live_ = false;
  events_due_ = {};
  for (Flight& flight : flights_) {
    if (!flight.busy) flight.due = {};
  }
  if (options_.window > 0) return;
  slots_request_ = requests_.slots([this](Result<int> slots) {
    if (slots && *slots > 0) window_ = 2 * *slots + 2;
  });
}

void Pipeline::tend_events() {
  const auto now = steady_clock::now();
  if (events_request_ != 0 && now - events_heard_ > kSilentStream) {
    requests_.cancel(std::exchange(events_request_, 0));
    events_due_ = now;
  }
  if (events_request_ != 0 || now < events_due_) return;
  events_live_ = false;
  events_heard_ = now;
  events_request_ = requests_.events(
      journal_.batch(),
      [this] {
        events_heard_ = steady_clock::now();
        if (std::exchange(events_live_, true)) return;
        // What ended before the stream began is not told: ask.
        for (Flight& flight : flights_) {
          if (flight.stage == Flight::Stage::kWork) flight.due = {};
        }
      },
      [this](const ServerEvent& event) {
        if (event.type == "job.running") return;
        const std::string job = text_at(Json::parse(event.data, nullptr, false), "job");
        if (!job.empty()) job_ends_.push_back({job, event.type == "job.done"});
      },
      [this](const Status&) {
        events_request_ = 0;
        events_due_ = steady_clock::now() + kStreamAgain;
      });
}

void Pipeline::take_job_ends() {
  for (const JobEnd& end : std::exchange(job_ends_, {})) {
    const auto flight = std::ranges::find(flights_, end.job_id, &Flight::job_id);
    if (flight == flights_.end()) {
      if (early_ends_.size() >= kMaxEarlyEnds) early_ends_.clear();
      early_ends_.insert(end.job_id);
    } else if (flight->stage == Flight::Stage::kWork) {
      if (end.done && !flight->busy) flight->stage = Flight::Stage::kRead;
      flight->due = {};
    }
  }
}

milliseconds Pipeline::time_to_wait() const {
  milliseconds wait = farm_.is_up() ? view_.pace() : kFarmStep;
  const auto now = steady_clock::now();
  for (const Flight& flight : flights_) {
    if (!flight.busy && farm_.is_up()) wait = std::min(wait, std::chrono::ceil<milliseconds>(flight.due - now));
  }
  return std::max(wait, milliseconds(0));
}

}  // namespace tintype
