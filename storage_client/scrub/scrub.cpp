#include "storage_client/scrub/scrub.h"

#include <algorithm>
#include <format>

namespace tintype {
namespace {

using std::chrono::milliseconds;

constexpr int kPage = 1000;
constexpr UnixMs kKeepEveryMs = 2'000;
constexpr milliseconds kPauseForStore{2'000};
constexpr milliseconds kNoPause{0};

std::unexpected<Error> stopped() {
  return fail(ErrorCode::kCancelled, "the scrub was stopped; started again, it goes on from here");
}

bool may_pass(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimedOut;
}

}  // namespace

void Scrub::run(ScrubState& state) {
  state_ = &state;
  state.end = ScrubEnd::kRunning;
  const Status ended = run_phases();
  state.ended_at_ms = services_.clock.now_ms();
  state.end = ended                                         ? ScrubEnd::kDone
              : ended.error().code == ErrorCode::kCancelled ? ScrubEnd::kStopped
                                                            : ScrubEnd::kFailed;
  if (!ended) state.error = ended.error();
  // Whoever asks next reads it again; there is nobody to tell of an error now.
  if (!keep()) return;
}

Status Scrub::run_phases() {
  if (state_->started_at_ms == 0) {
    state_->started_at_ms = services_.clock.now_ms();
    TT_TRY(patiently(&Scrub::count_blobs));
  }
  TT_TRY(keep());
  while (state_->phase == ScrubPhase::kBlobs) {
    TT_TRY(patiently(&Scrub::check_page));
    TT_TRY(keep());
  }
  return patiently(&Scrub::check_owners);
}

Status Scrub::patiently(Step step) {
  milliseconds waited{0};
  while (true) {
    const Status done = (this->*step)();
    if (done || !may_pass(done.error()) || waited > config_.patience) return done;
    waited += kPauseForStore;
    if (!services_.pause(kPauseForStore)) return stopped();
  }
}

Status Scrub::count_blobs() {
  std::uint64_t blobs = 0, bytes = 0;
  std::string after;
  do {
    TT_ASSIGN(const BlobListing page, services_.blobs.list(after, kPage));
    blobs += page.blobs.size();
    for (const auto& [key, info] : page.blobs) bytes += info.size;
    after = page.next;
    if (!services_.pause(kNoPause)) return stopped();
  } while (!after.empty());
  state_->blobs_to_see = blobs;
  state_->bytes_to_see = bytes;
  return {};
}

// Counts come to `state_` page by page, so that one that is read again counts once.
Status Scrub::check_page() {
  TT_ASSIGN(const BlobListing page, services_.blobs.list(state_->cursor, config_.blobs_a_page));
  const ScrubCount before = state_->count;
  const std::size_t findings = state_->findings.size();
  const auto is_other = [](const auto& a, const auto& b) {
    return a.first.owner != b.first.owner || a.first.photo != b.first.photo;
  };
  for (auto from = page.blobs.begin(); from != page.blobs.end();) {
    const auto end = std::find_if(from, page.blobs.end(), [&](const auto& blob) { return is_other(*from, blob); });
    if (const Status checked = check_blobs_of({from, end}); !checked) {
      state_->count = before;
      state_->findings.resize(findings);
      return checked;
    }
    from = end;
  }
  state_->cursor = page.next;
  if (page.next.empty()) state_->phase = ScrubPhase::kPhotos;
  return {};
}

Status Scrub::check_blobs_of(std::span<const std::pair<BlobKey, BlobInfo>> blobs) {
  const std::string& owner = blobs.front().first.owner;
  const PhotoId id = blobs.front().first.photo;
  const auto photo = services_.index.get(owner, id);
  if (!photo && photo.error().code != ErrorCode::kNotFound) return fail(photo.error());
  const auto named = photo ? blobs_of(*photo) : std::vector<NamedBlob>{};
  std::set<std::string> bad;
  for (const auto& [key, info] : blobs) {
    const auto of_photo = std::ranges::find(named, key.to_string(), &NamedBlob::key);
    if (of_photo == named.end()) {
      TT_TRY(sweep(key, info));
    } else {
      TT_TRY(check_blob(*photo, *of_photo, key, bad));
    }
  }
  return bad.empty() ? Status() : make_again(owner, id, bad);
}

Status Scrub::check_blob(const Photo& photo, const NamedBlob& named, const BlobKey& key, std::set<std::string>& bad) {
  std::uint64_t bytes = 0;
  const auto digest = digest_of(services_.blobs, key, [&](ByteView piece) {
    bytes += piece.size();
    return spend(piece.size());
  });
  ++state_->count.blobs;
  state_->count.bytes += bytes;
  std::string wrong;
  if (digest) {
    if (digest->sha256 == named.sha256) return {};
    wrong = std::format("has {} bytes and another digest than the index says ({} bytes)", digest->bytes, named.bytes);
  } else if (digest.error().code == ErrorCode::kNotFound || digest.error().code == ErrorCode::kCorruptData ||
             digest.error().code == ErrorCode::kIo) {
    wrong = std::format("cannot be read: {}", digest.error().message);
  } else {
    return fail(digest.error());
  }
  // Replaced or deleted while it was read: then there is nothing wrong.
  TT_ASSIGN(const auto still, named_now(key));
  if (!still || still->sha256 != named.sha256) return {};
  if (named.is_original) {
    found(ScrubKind::kWrongOriginal, key.owner, key.photo.to_string(), named.key,
          "the original " + wrong + "; it is left as it is, restore it from a backup", false);
    return {};
  }
  if (state_->repair) bad.insert(named.key);
  found(ScrubKind::kWrongVariant, key.owner, photo.light.photo.to_string(), named.key, "the variant " + wrong,
        state_->repair);
  return {};
}

Result<std::optional<NamedBlob>> Scrub::named_now(const BlobKey& key) {
  const auto photo = services_.index.get(key.owner, key.photo);
  if (!photo && photo.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!photo) return fail(photo.error());
  for (NamedBlob& named : blobs_of(*photo)) {
    if (named.key == key.to_string()) return std::move(named);
  }
  return std::nullopt;
}

Status Scrub::sweep(const BlobKey& key, const BlobInfo& info) {
  if (services_.clock.now_ms() - info.written_at_ms <= config_.orphan_after.count()) return {};
  TT_ASSIGN(const auto named, named_now(key));
  if (named) return {};
  if (state_->repair) TT_TRY(services_.blobs.remove(key));
  state_->count.orphan_bytes += info.size;
  found(ScrubKind::kOrphan, key.owner, key.photo.to_string(), key.to_string(),
        std::format("no photo names these {} bytes", info.size), state_->repair);
  return spend(0);
}

Status Scrub::check_owners() {
  std::set<std::string> owners;
  std::string after;
  do {
    TT_ASSIGN(const BlobListing page, services_.blobs.list(after, kPage));
    for (const auto& [key, info] : page.blobs) owners.insert(key.owner);
    after = page.next;
    if (!services_.pause(kNoPause)) return stopped();
  } while (!after.empty());
  for (auto owner = owners.upper_bound(state_->cursor); owner != owners.end(); ++owner) {
    const ScrubCount before = state_->count;
    const std::size_t findings = state_->findings.size();
    Status checked = check_photos(*owner);
    if (checked) checked = check_lists(*owner);
    if (!checked) {
      state_->count = before;
      state_->findings.resize(findings);
      return checked;
    }
    ++state_->count.owners;
    state_->cursor = *owner;
    TT_TRY(keep());
  }
  return {};
}

Status Scrub::check_photos(const std::string& owner) {
  OwnerRows rows(services_.index, owner);
  while (true) {
    TT_ASSIGN(const LightRow* row, rows.peek());
    if (!row) return {};
    TT_TRY(check_presence(owner, *row));
    ++state_->count.photos;
    TT_TRY(spend(0));
    rows.next();
  }
}

Status Scrub::check_presence(const std::string& owner, const LightRow& row) {
  const auto photo = services_.index.get(owner, row.photo);
  if (!photo && photo.error().code == ErrorCode::kNotFound) return {};  // deleted meanwhile
  if (!photo) return fail(photo.error());
  std::set<std::string> bad;
  for (const NamedBlob& named : blobs_of(*photo)) {
    TT_ASSIGN(const BlobKey key, BlobKey::parse(named.key));
    const auto info = services_.blobs.stat(key);
    if (info) continue;
    if (info.error().code != ErrorCode::kNotFound) return fail(info.error());
    TT_ASSIGN(const auto still, named_now(key));
    if (!still) continue;
    const ScrubKind kind = named.is_original ? ScrubKind::kMissingOriginal : ScrubKind::kMissingVariant;
    const bool repairs = state_->repair && !named.is_original;
    if (repairs) bad.insert(named.key);
    found(kind, owner, row.photo.to_string(), named.key,
          named.is_original ? "the original is not in the store, restore it from a backup"
                            : "the variant is not in the store",
          repairs);
  }
  return bad.empty() ? Status() : make_again(owner, row.photo, bad);
}

Status Scrub::make_again(const std::string& owner, PhotoId id, const std::set<std::string>& bad) {
  const auto photo = services_.index.get(owner, id);
  if (!photo && photo.error().code == ErrorCode::kNotFound) return {};
  if (!photo) return fail(photo.error());
  Job job = photo->heavy.job;
  const UnixMs now = services_.clock.now_ms();
  if (job.deadline_ms != 0) job.deadline_ms = now + (job.deadline_ms - job.enqueued_at_ms);
  job.enqueued_at_ms = now;
  ++job.generation;
  TT_TRY(services_.index.set_job(owner, id, job));
  Manifest manifest = photo->heavy.manifest;
  std::erase_if(manifest.variants, [&](const Variant& variant) { return bad.contains(variant.blob_key); });
  manifest.revision = photo->light.revision;
  const Status dropped = services_.index.commit_manifest(owner, id, manifest, {});
  // Another job was faster, or the photo is gone: what was wrong is no longer named, or found again.
  if (!dropped && dropped.error().code != ErrorCode::kConflict && dropped.error().code != ErrorCode::kNotFound)
    return dropped;
  if (!dropped) return {};
  ++state_->count.jobs;
  for (const std::string& text : bad) {
    TT_ASSIGN(const BlobKey key, BlobKey::parse(text));
    TT_TRY(services_.blobs.remove(key));
  }
  return {};
}

void Scrub::found(ScrubKind kind, const std::string& owner, std::string photo_id, std::string blob, std::string detail,
                  bool repaired) {
  ScrubCount& count = state_->count;
  switch (kind) {
    case ScrubKind::kWrongOriginal:
      ++count.wrong_originals;
      break;
    case ScrubKind::kMissingOriginal:
      ++count.missing_originals;
      break;
    case ScrubKind::kWrongVariant:
      ++count.wrong_variants;
      break;
    case ScrubKind::kMissingVariant:
      ++count.missing_variants;
      break;
    case ScrubKind::kWrongLists:
      ++count.wrong_lists;
      break;
    case ScrubKind::kOrphan:
      ++count.orphans;
      break;
  }
  if (repaired) ++count.repaired;
  if (state_->findings.size() >= kScrubFindingsKept) return;
  state_->findings.push_back({kind, owner, std::move(photo_id), std::move(blob), std::move(detail), repaired});
}

// Sleeps until what was read would have been read at the rate asked for.
Status Scrub::spend(std::uint64_t bytes) {
  const double now = services_.clock.steady_seconds();
  milliseconds sleep{0};
  if (state_->bytes_a_second > 0) {
    spent_until_ =
        std::max(spent_until_, now) + static_cast<double>(bytes) / static_cast<double>(state_->bytes_a_second);
    sleep = milliseconds(static_cast<std::int64_t>((spent_until_ - now) * 1000));
  }
  if (!services_.pause(sleep)) return stopped();
  if (services_.clock.now_ms() - kept_at_ms_ >= kKeepEveryMs) TT_TRY(keep());
  return {};
}

Status Scrub::keep() {
  kept_at_ms_ = state_->updated_at_ms = services_.clock.now_ms();
  const Status kept = services_.keep(*state_);
  // A few seconds later it is kept again.
  if (!kept && may_pass(kept.error())) return {};
  return kept;
}

}  // namespace tintype
