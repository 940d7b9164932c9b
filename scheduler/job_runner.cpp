#include "scheduler/job_runner.h"

#include <algorithm>
#include <format>
#include <utility>

namespace tintype {
namespace {

constexpr std::size_t kReadPieceBytes = 1 << 20;
constexpr std::uint64_t kPackedTogetherBytes = 1 << 20;  // variants up to this go to the store in one write

// A task that takes too long counts as an attempt of its job. A store that does is none of the job's doing: the job is
// tried again for as long as that lasts.
template <typename T>
Result<T> from_store(Result<T> answer) {
  if (!answer && answer.error().code == ErrorCode::kTimedOut) answer.error().code = ErrorCode::kUnavailable;
  return answer;
}

}  // namespace

JobRunner::JobRunner(const JobRunnerConfig& config, const JobServices& services)
    : config_(config),
      services_(services),
      leases_(services.queue.ack_wait(), services.log),
      plans_(config_, services_),
      records_(config_, services_),
      settlement_(config_, services_, records_) {}

// The life of a job. Each line may fail or die; whoever gets the message next starts at the top.
void JobRunner::run(std::unique_ptr<Delivery> delivery) {
  if (!delivery->job()) return settlement_.settle_unreadable(*delivery);
  const Job job = *delivery->job();
  if (!active_.enter(job.id)) {  // redelivered while we still work on it: whoever has it will settle it
    (void)delivery->nak(services_.queue.ack_wait());
    return;
  }
  const auto lease = leases_.hold(*delivery);

  Attempt attempt;
  Result<JobRecord> record = from_store(records_.begin(job, attempt));
  Status status;
  if (!record) {
    status = fail(record.error());
    record = JobRecord{.job = job};
  } else {
    status = make_variants(job, attempt, *record);
  }
  const bool cut_short =
      !status && status.error().code == ErrorCode::kCancelled && shutting_down_ && !active_.cancel_requested(job.id);
  if (cut_short) {
    settlement_.hand_back(job, lease->settle());
  } else {
    settlement_.settle(job, lease->settle(), std::move(*record), std::move(attempt), status);
  }
  active_.leave(job.id);
}

// Fetch, probe, plan, run on lanes, store, commit.
Status JobRunner::make_variants(const Job& job, Attempt& attempt, JobRecord& record) {
  if (record.cancel_requested) return fail(ErrorCode::kCancelled, "the job was cancelled before it ran");
  TT_ASSIGN(const Photo photo, from_store(services_.index.get(job.owner, job.photo)));
  if (photo.heavy.job.generation > job.generation) {
    record.job.generation = photo.heavy.job.generation;
    return fail(ErrorCode::kCancelled, "a later generation of this job took its place");
  }
  record.bytes_in = photo.light.bytes;
  const Manifest& before = photo.heavy.manifest;
  if (before.is_complete_for(job.recipe)) {  // done before; only the ack was lost
    // Or enqueued again by who did not know of the commit: then the photo is marked for a job that has nothing left to
    // do.
    if (!photo.light.complete) {
      LightUpdate update;
      update.complete = true;
      TT_TRY(from_store(services_.index.commit_manifest(job.owner, job.photo, before, update)));
    }
    for (const Variant& variant : before.variants) record.bytes_out += variant.bytes;
    return {};
  }
  if (is_past_deadline(job, services_.clock)) {
    return fail(ErrorCode::kTimedOut, "the job's deadline had passed before it could run");
  }

  TT_ASSIGN(auto source, from_store(fetch_source(photo)));
  TT_ASSIGN(SourceInfo info, plans_.probe(job, source, attempt));
  info.bytes = source->size();
  TT_ASSIGN(const Plan plan, make_plan(job.recipe, info, config_.limits, job.job_class));
  TT_ASSIGN(Made made, plans_.run(job, info, plan, std::move(source), attempt));
  if (active_.cancel_requested(job.id)) return fail(ErrorCode::kCancelled, "the job was cancelled while it ran");
  TT_ASSIGN(const Manifest manifest, from_store(store_variants(job, photo, info, plan, made)));
  TT_TRY(from_store(commit(job, before, manifest, made)));
  for (const Variant& variant : manifest.variants) record.bytes_out += variant.bytes;
  return {};
}

Result<std::shared_ptr<const SourceBuffer>> JobRunner::fetch_source(const Photo& photo) {
  TT_ASSIGN(const BlobKey key, BlobKey::parse(photo.heavy.original_key));
  auto opened = services_.blobs.open(key);
  if (!opened) {
    if (opened.error().code != ErrorCode::kNotFound) return fail(opened.error());
    return fail(ErrorCode::kCorruptData, "the original is not in the store although the index has the photo");
  }
  BlobReader& reader = **opened;
  if (reader.size() == 0) return fail(ErrorCode::kEmptyFile, "the file has no bytes; copy it again from its source");
  Sha256Stream digest;
  TT_ASSIGN(auto source, SourceBuffer::create(reader.size(), [&](std::span<std::uint8_t> out) -> Status {
              for (std::size_t at = 0; at < out.size();) {
                const auto piece = out.subspan(at, std::min(kReadPieceBytes, out.size() - at));
                TT_ASSIGN(const std::size_t got, reader.read(at, piece));
                if (got == 0) return fail(ErrorCode::kCorruptData, "the original ends before its size");
                digest.update(piece.first(got));
                at += got;
              }
              return {};
            }));
  if (to_hex(digest.finish()) != photo.heavy.sha256) {
    return fail(ErrorCode::kCorruptData, "the original does not have the digest that it was stored with");
  }
  return source;
}

Result<Manifest> JobRunner::store_variants(const Job& job, const Photo& photo, const SourceInfo& info, const Plan& plan,
                                           Made& made) {
  const std::string attempt_id = SortableId::make(services_.clock.now_ms()).to_string();
  Manifest manifest;
  manifest.revision = photo.heavy.manifest.revision;
  manifest.recipe_name = job.recipe.name;
  manifest.recipe_version = job.recipe.version();
  manifest.source = info;
  manifest.warnings = made.decoded.warnings;
  manifest.warnings.insert(manifest.warnings.end(), plan.notes.begin(), plan.notes.end());
  manifest.job = job.id;
  manifest.committed_at_ms = services_.clock.now_ms();

  std::vector<std::string> keys(plan.encodes.size());
  std::vector<BlobPut> packed;
  for (const PlannedVariant& planned : plan.variants) {
    const std::size_t i = planned.encode;
    const PlannedEncode& encode = plan.encodes[i];
    const EncodedFile& file = made.files[i];
    if (file.contract && !file.contract->is_met()) {
      manifest.warnings.push_back(std::format("{}: {}", planned.name, explain_miss(*file.contract)));
    }
    if (keys[i].empty()) {
      const BlobKey key{job.owner, job.photo, job.generation, planned.name + "-" + attempt_id};
      keys[i] = key.to_string();
      if (file.bytes.size() <= kPackedTogetherBytes) {
        packed.push_back({key, file.bytes});
      } else {
        TT_ASSIGN(const auto writer, services_.blobs.create(key, file.bytes.size()));
        TT_TRY(writer->write(file.bytes));
        TT_TRY(writer->commit());
      }
    }
    manifest.variants.push_back({.name = planned.name,
                                 .blob_key = keys[i],
                                 .width = encode.width,
                                 .height = encode.height,
                                 .bytes = file.bytes.size(),
                                 .format = file.format,
                                 .sha256 = to_hex(sha256(file.bytes)),
                                 .encoder = file.encoder,
                                 .quality = file.quality,
                                 .effort = file.effort,
                                 .threads = file.threads,
                                 .encode_seconds = made.encode_seconds[i],
                                 .contract = file.contract});
  }
  TT_TRY(services_.blobs.put_all(packed));
  return manifest;
}

Status JobRunner::commit(const Job& job, const Manifest& before, const Manifest& manifest, const Made& made) {
  LightUpdate update;
  update.taken_at_ms = made.decoded.taken_at_ms;
  update.width = manifest.source.upright_width();
  update.height = manifest.source.upright_height();
  update.format = manifest.source.format;
  update.complete = true;
  update.failed = false;
  update.exif_json = made.decoded.metadata_json;
  for (const EncodedFile& file : made.files) {
    if (!file.thumbhash.empty()) update.thumbhash = file.thumbhash;
  }
  Status committed = services_.index.commit_manifest(job.owner, job.photo, manifest, update);
  if (committed) {
    remove_blobs(before.variants, &manifest);
    return {};
  }
  // Lost for certain: ours will never be seen. After any other error nobody knows whether it was stored, and the
  // sweeper removes what the index does not name.
  const ErrorCode code = committed.error().code;
  if (code == ErrorCode::kConflict || code == ErrorCode::kNotFound) remove_blobs(manifest.variants, nullptr);
  return committed;
}

void JobRunner::remove_blobs(const std::vector<Variant>& variants, const Manifest* keep) {
  for (const Variant& variant : variants) {
    const bool kept = keep != nullptr && std::ranges::any_of(keep->variants, [&](const Variant& other) {
                        return other.blob_key == variant.blob_key;
                      });
    const Result<BlobKey> key = BlobKey::parse(variant.blob_key);
    if (kept || !key) continue;
    if (const Status removed = services_.blobs.remove(*key); !removed) {
      services_.log.warning("blob_not_removed", {{"key", variant.blob_key}, {"cause", removed.error().message}});
    }
  }
}

void JobRunner::stop_all() {
  for (const JobId job : active_.all()) services_.dispatcher.cancel(job);
}

void JobRunner::cancel(JobId job) {
  if (active_.request_cancel(job)) services_.dispatcher.cancel(job);
}

}  // namespace tintype
