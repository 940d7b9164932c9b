#include "gateway/jobs/transients.h"

#include <algorithm>
#include <format>

#include "gateway/jobs/job_cancel.h"

namespace tintype {
namespace {

// A node that was working when its job was cancelled has written its last word by then.
constexpr UnixMs kLeftoverMs = 120'000;

bool is_only_missing(const Status& status) { return status || status.error().code == ErrorCode::kNotFound; }

}  // namespace

Transients::Transients(const Config& config, const GatewayServices& services)
    : config_(config), services_(services), watch_(services.events) {}

void Transients::adopt(UploadOrder& order) const {
  order.asked_by = std::exchange(order.owner, std::string(kTransientOwner));
  order.job = SortableId::make(services_.clock.now_ms());
  // One owner's keys are nobody else's business.
  if (!order.idempotency_key.empty())
    order.idempotency_key = order.asked_by + " " + to_hex(sha256(as_bytes(order.idempotency_key)));
}

Result<std::unique_ptr<Transients::Place>> Transients::take_place() {
  auto place = std::make_unique<Place>(waiting_);
  if (++waiting_ > config_.max_waiting)
    return fail(
        ErrorCode::kQueueFull,
        std::format("{} requests wait for their variants already; come again in a moment", config_.max_waiting));
  return place;
}

void Transients::remove(PhotoId photo, JobId job, const std::string& asker) {
  const std::string owner(kTransientOwner);
  const Status cancelled = request_cancel(services_, asker, job);
  const bool ended = !cancelled && cancelled.error().code == ErrorCode::kConflict;
  if (const Status removed = services_.index.remove(owner, photo); !is_only_missing(removed))
    return warn("transient_not_removed", removed, job);  // the sweep tries again
  if (const Status removed = services_.blobs.remove_photo(owner, photo); !removed)
    warn("transient_blobs_not_removed", removed, job);
  if (ended) return warn("job_record_not_removed", services_.jobs.remove(job), job);
  const std::lock_guard lock(mutex_);
  leftovers_.push_back({job, services_.clock.now_ms()});
}

void Transients::sweep() {
  remove_expired();
  remove_leftovers();
}

void Transients::remove_expired() {
  constexpr int kPage = 256;
  ListQuery query;
  query.to_ms = services_.clock.now_ms() - config_.result_ttl.count();
  query.limit = kPage;
  const std::string owner(kTransientOwner);
  for (;;) {
    const auto page = services_.index.list(owner, query);
    if (!page) return services_.log.warning("transients_not_swept", {{"error", page.error().to_string()}});
    for (const LightRow& row : page->rows) {
      const auto photo = services_.index.get(owner, row.photo);
      if (photo) remove(row.photo, photo->heavy.job.id, photo->heavy.job.requester());
    }
    if (page->next.empty()) return;
    query.cursor = page->next;
  }
}

void Transients::remove_leftovers() {
  const UnixMs oldest = services_.clock.now_ms() - kLeftoverMs;
  std::vector<Leftover> due;
  {
    const std::lock_guard lock(mutex_);
    const auto rest = std::ranges::partition(leftovers_, [&](const Leftover& l) { return l.since_ms > oldest; });
    due.assign(rest.begin(), rest.end());
    leftovers_.erase(rest.begin(), rest.end());
  }
  for (const Leftover& leftover : due)
    warn("job_record_not_removed", services_.jobs.remove(leftover.job), leftover.job);
}

void Transients::warn(std::string_view event, const Status& status, JobId job) {
  if (!status) services_.log.warning(event, {{"job", job}, {"error", status.error().to_string()}});
}

}  // namespace tintype
