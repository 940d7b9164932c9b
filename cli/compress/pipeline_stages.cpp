#include <format>
#include <utility>

#include "cli/compress/pipeline.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kAskAgain{5};  // after a job that no event tells of
constexpr std::chrono::seconds kTryAgain{1};  // times the number of tries
constexpr int kMaxTries = 5;
constexpr int kMaxBreaks = 50;

}  // namespace

void Pipeline::advance(Flight& flight) {
  using Stage = Flight::Stage;
  flight.busy = true;
  switch (flight.stage) {
    case Stage::kUpload:
      return upload(flight);
    case Stage::kWork:
      return ask(flight);
    case Stage::kRead:
      return read(flight);
    case Stage::kFetch:
      return fetch(flight);
    case Stage::kRemove:
      return remove(flight);
    case Stage::kEnded:
      flight.busy = false;
  }
}

void Pipeline::upload(Flight& flight) {
  flight.request = requests_.upload(
      flight.item->source, options_.terms, journal_.idempotency_key(flight.key),
      [this, &flight](Result<Submitted> submitted) {
        flight.busy = false;
        if (!submitted) {
          // The key's photo was removed, by an end of a run that the journal missed: the next try has another
          // key.
          if (submitted.error().code == ErrorCode::kConflict) record(journal_.removed(flight.key));
          return trouble(flight, submitted.error());
        }
        flight.photo_id = std::move(submitted->photo_id);
        flight.job_id = std::move(submitted->job_id);
        if (!flight.photo_id.empty()) {
          record(journal_.submitted(flight.key, flight.item->source, flight.photo_id, flight.job_id));
        }
        if (submitted->changed) {
          return fail_photo(
              flight, {ErrorCode::kConflict, "the file was changed while it was being read: run the command again"});
        }
        flight.stage = Flight::Stage::kWork;
        const bool ended = early_ends_.erase(flight.job_id) > 0;
        flight.due = ended || submitted->existed ? SteadyTime{} : steady_clock::now() + kAskAgain;
      });
}

void Pipeline::ask(Flight& flight) {
  // Events that come while the answer is under way make the flight due at once again.
  flight.due = steady_clock::now() + kAskAgain;
  flight.request = requests_.job(flight.job_id, [this, &flight](Result<JobNews> news) {
    flight.busy = false;
    if (!news) return trouble(flight, news.error());
    if (news->state == JobState::kDone) {
      flight.stage = Flight::Stage::kRead;
      flight.due = {};
    } else if (is_final(news->state)) {
      fail_photo(flight, std::move(news->failure));
    }
  });
}

void Pipeline::read(Flight& flight) {
  flight.request = requests_.photo(flight.photo_id, [this, &flight](Result<DoneFacts> facts) {
    flight.busy = false;
    if (!facts) return trouble(flight, facts.error());
    flight.facts = *std::move(facts);
    flight.fetched = 0;
    flight.stage = Flight::Stage::kFetch;
  });
}

void Pipeline::fetch(Flight& flight) {
  if (flight.fetched == flight.facts.variants.size()) {
    flight.busy = false;
    return finish(flight);
  }
  const VariantFacts& variant = flight.facts.variants[flight.fetched];
  const std::string part = std::format("{}/{}-{}", out_.part_dir(), flight.key, variant.file_name());
  const std::string path = std::format("{}/{}/{}", out_.dir(), flight.item->source.place, variant.file_name());
  flight.request = requests_.variant(flight.photo_id, variant, part, path, [this, &flight](Status fetched) {
    flight.busy = false;
    if (!fetched) return trouble(flight, fetched.error());
    ++flight.fetched;
    flight.due = {};
  });
}

void Pipeline::remove(Flight& flight) {
  flight.request = requests_.remove(flight.photo_id, [this, &flight](Status removed) {
    flight.busy = false;
    if (!removed) return trouble(flight, removed.error());
    record(journal_.removed(flight.key));
    flight.stage = Flight::Stage::kEnded;
  });
}

void Pipeline::finish(Flight& flight) {
  PhotoItem& item = *flight.item;
  item.state = PhotoState::kDone;
  item.done = std::move(flight.facts);
  record(journal_.done(flight.key, item.source, *item.done, options_.keep));
  ++progress_->done;
  ++progress_->ended_now;
  progress_->bytes_ended += item.source.bytes;
  progress_->bytes_in += item.source.bytes;
  progress_->bytes_out += bytes_out(*item.done);
  farm_.worked();
  leave_farm(flight);
}

void Pipeline::fail_photo(Flight& flight, Error error) {
  PhotoItem& item = *flight.item;
  item.state = PhotoState::kFailed;
  item.failure = error;
  record(journal_.failed(flight.key, item.source, std::move(error)));
  ++progress_->failed;
  ++progress_->ended_now;
  progress_->bytes_ended += item.source.bytes;
  farm_.worked();
  leave_farm(flight);
}

void Pipeline::leave_farm(Flight& flight) {
  flight.tries = 0;
  flight.due = {};
  flight.stage = options_.keep || flight.photo_id.empty() ? Flight::Stage::kEnded : Flight::Stage::kRemove;
}

// A request failed: again soon, again when the farm is back, from the start, or not at all.
void Pipeline::trouble(Flight& flight, const Error& error) {
  using Stage = Flight::Stage;
  if (error.code == ErrorCode::kStorageFull) {
    fatal_ = error;
    return;
  }
  flight.due = {};
  // A connection that broke says little of the photo, unless it does so over and over.
  if (!farm_.is_up() && ++flight.breaks <= kMaxBreaks) return;

  ++flight.tries;
  flight.due = steady_clock::now() + flight.tries * kTryAgain;
  // A farm that lost its data, or a manifest that changed: the steps before are repeated.
  const bool forgotten = error.code == ErrorCode::kNotFound && flight.stage != Stage::kUpload;
  const bool damaged = error.code == ErrorCode::kCorruptData;
  if (flight.breaks <= kMaxBreaks && flight.tries <= kMaxTries && (forgotten || damaged || is_retryable(error.code))) {
    if (forgotten) flight.stage = flight.stage == Stage::kFetch ? Stage::kRead : Stage::kUpload;
    return;
  }
  if (flight.stage != Stage::kRemove) return fail_photo(flight, error);
  notes_.push_back(std::format("photo {} could not be removed from the farm ({}); the next run tries again",
                               flight.photo_id, printable(error.message)));
  flight.stage = Stage::kEnded;
}

void Pipeline::record(Status written) {
  if (!written && !fatal_) fatal_ = std::move(written).error();
}

}  // namespace tintype
