#include "scheduler/sweeper.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/metric_names.h"

namespace tintype {

using std::chrono::milliseconds;

Sweeper::Sweeper(const SweeperConfig& config, const SweeperServices& services) : config_(config), services_(services) {}

void Sweeper::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, config_.period, [this] { return stopping_; })) {
      lock.unlock();
      sweep();
      lock.lock();
    }
  });
}

void Sweeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Sweeper::sweep() {
  sweep_incomplete();
  sweep_tombstones();
  sweep_orphans();
  sweep_dead_letters();
  if (const auto free = services_.blobs.free_bytes()) {
    services_.metrics.gauge(metric::kStoreFreeBytes).set(double(*free));
  }
}

void Sweeper::count(std::string_view action) {
  services_.metrics.counter(metric::kSweeperActions, label({{"kind", action}})).add();
}

void Sweeper::sweep_incomplete() {
  const Result<RefPage> page = services_.index.incomplete(after_incomplete_, config_.page);
  if (!page) return services_.log.warning("sweep_failed", {{"cause", page.error().message}});
  after_incomplete_ = page->next;
  if (page->refs.empty()) return;

  const Result<QueueDepth> depth = services_.queue.depth();
  if (!depth) return;
  const UnixMs lost_before = services_.clock.now_ms() - config_.requeue_idle_after.count();
  for (const PhotoRef& ref : page->refs) {
    if (ref.since_ms > lost_before) continue;
    const Status again = enqueue_again(ref, *depth);
    if (again) continue;
    const ErrorCode code = again.error().code;
    if (code == ErrorCode::kNotFound || code == ErrorCode::kConflict) continue;  // deleted, done or renewed meanwhile
    services_.log.warning("sweep_failed", {{"photo", ref.photo}, {"cause", again.error().message}});
    // The next may fare better, unless each would wait for a store or a queue that is out of reach.
    if (code == ErrorCode::kTimedOut || code == ErrorCode::kUnavailable || code == ErrorCode::kQueueFull) return;
  }
}

// Messages stay until they are settled, so that a job of before the oldest message of its class has none any more.
// Counts are a hint, and may include settled messages; one of those in front would hide for ever what was lost behind
// it.
bool Sweeper::is_lost(const Job& job, const QueueDepth& depth) const {
  const milliseconds age(services_.clock.now_ms() - job.enqueued_at_ms);
  if (age < config_.requeue_idle_after) return false;
  const auto held = std::ranges::find(depth.classes, job.job_class, &ClassDepth::job_class);
  if (held == depth.classes.end()) return false;
  if (held->oldest_at_ms == 0 || held->waiting + held->in_flight == 0) return true;
  const int patience = 1 << std::min(job.generation, 10u);
  return milliseconds(held->oldest_at_ms - job.enqueued_at_ms) > config_.requeue_passed_after * patience ||
         age >= config_.requeue_busy_after * patience;
}

Status Sweeper::enqueue_again(const PhotoRef& ref, const QueueDepth& depth) {
  TT_ASSIGN(const Photo photo, services_.index.get(ref.owner, ref.photo));
  Job job = photo.heavy.job;
  if (photo.light.complete || photo.light.failed) return {};  // since the page was read
  if (services_.is_active(job.id) || !is_lost(job, depth)) return {};
  ++job.generation;
  job.enqueued_at_ms = services_.clock.now_ms();
  // First: a queue that does not take it leaves the photo with the job that it has. What another sweeper has published
  // meanwhile is the same to the queue, and one of them renews.
  TT_TRY(services_.queue.publish(job));
  TT_TRY(services_.index.renew_job(ref.owner, ref.photo, job));
  const auto requeue = [&](JobRecord& record) {
    if (record.job.generation >= job.generation) return false;  // it runs already
    record.job = job;
    record.state = JobState::kQueued;
    record.updated_at_ms = job.enqueued_at_ms;
    return true;
  };
  const Result<JobRecord> updated = services_.jobs.update(job.id, requeue);
  if (!updated && updated.error().code == ErrorCode::kNotFound) {
    JobRecord record{.job = job};
    record.updated_at_ms = job.enqueued_at_ms;
    TT_TRY(services_.jobs.put(record));
  } else if (!updated) {
    return fail(updated.error());
  }
  count("enqueued_again");
  services_.log.info("job_enqueued_again", {{"job", job.id}, {"generation", job.generation}});
  return {};
}

// Twice for each: soon, for what the deleting request could not remove; and when no job that may have been running
// can write any more, after which the tombstone goes.
void Sweeper::sweep_tombstones() {
  const UnixMs now = services_.clock.now_ms();
  const UnixMs soon = now - config_.delete_soon_after.count();
  const UnixMs late = now - config_.orphan_after.count();

  // Oldest first: what may be purged is at the front.
  for (const PhotoRef& ref : page_of_tombstones("").refs) {
    if (ref.since_ms > late) break;
    if (remove_rest_of(ref) && services_.index.purge(ref.owner, ref.photo)) count("purged");
  }

  const RefPage page = page_of_tombstones(after_tombstone_);
  for (const PhotoRef& ref : page.refs) {
    if (ref.since_ms > soon) return;
    if (ref.since_ms <= tombstones_seen_until_) continue;
    remove_rest_of(ref);
  }
  if (!page.next.empty()) {
    after_tombstone_ = page.next;
  } else if (!page.refs.empty()) {
    tombstones_seen_until_ = page.refs.back().since_ms;
  }
}

RefPage Sweeper::page_of_tombstones(const std::string& after) {
  Result<RefPage> page = services_.index.tombstones(after, config_.page);
  if (page) return std::move(*page);
  services_.log.warning("sweep_failed", {{"cause", page.error().message}});
  return {};
}

bool Sweeper::remove_rest_of(const PhotoRef& ref) {
  Status removed = services_.blobs.remove_photo(ref.owner, ref.photo);
  if (removed && ref.job != JobId{}) removed = services_.jobs.remove(ref.job);
  if (!removed) services_.log.warning("sweep_failed", {{"photo", ref.photo}, {"cause", removed.error().message}});
  return removed.has_value();
}

// Of deleted photos: a letter holds the photo's id, its owner and its recipe.
void Sweeper::sweep_dead_letters() {
  const auto letters = services_.queue.dead_letters(after_dead_letter_, config_.dead_letters);
  if (!letters) return;  // the queue is down: there is nothing to read them from
  if (letters->empty()) after_dead_letter_ = 0;
  for (const DeadLetter& letter : *letters) {
    after_dead_letter_ = letter.sequence;
    if (!letter.job) continue;
    const Result<bool> exists = services_.index.owns_blobs(letter.job->owner, letter.job->photo);
    if (!exists || *exists) continue;  // when in doubt, keep
    if (services_.queue.remove_dead_letter(letter.sequence)) {
      count("dead_letter_removed");
      services_.log.info("dead_letter_removed", {{"sequence", letter.sequence}, {"job", letter.job->id}});
    }
  }
}

void Sweeper::add_up(const BlobListing& listing) {
  blobs_ += listing.blobs.size();
  for (const auto& [key, info] : listing.blobs) blob_bytes_ += info.size;
  if (!listing.next.empty()) return;
  services_.metrics.gauge(metric::kStoreBlobs).set(static_cast<double>(std::exchange(blobs_, 0)));
  services_.metrics.gauge(metric::kStoreBlobBytes).set(static_cast<double>(std::exchange(blob_bytes_, 0)));
}

void Sweeper::sweep_orphans() {
  const Result<BlobListing> listing = services_.blobs.list(after_blob_, config_.page);
  if (!listing) return services_.log.warning("sweep_failed", {{"cause", listing.error().message}});
  after_blob_ = listing->next;
  add_up(*listing);
  const UnixMs oldest_alive = services_.clock.now_ms() - config_.orphan_after.count();

  // Blobs come in key order, so a photo's are neighbours: one look at the index serves them all.
  std::optional<std::pair<std::string, PhotoId>> looked_at;
  std::optional<Photo> photo;
  for (const auto& [key, info] : listing->blobs) {
    if (info.written_at_ms > oldest_alive) continue;
    if (const auto owner = std::pair(key.owner, key.photo); looked_at != owner) {
      Result<Photo> found = services_.index.get(key.owner, key.photo);
      if (!found && found.error().code != ErrorCode::kNotFound) continue;  // when in doubt, keep
      looked_at = owner;
      photo = found ? std::optional(std::move(*found)) : std::nullopt;
    }
    const std::string text = key.to_string();
    const bool named = photo && (photo->heavy.original_key == text ||
                                 std::ranges::any_of(photo->heavy.manifest.variants,
                                                     [&](const Variant& variant) { return variant.blob_key == text; }));
    if (named) continue;
    if (services_.blobs.remove(key)) {
      count("orphan_removed");
      services_.log.info("orphan_removed", {{"key", text}});
    }
  }
}

}  // namespace tintype
