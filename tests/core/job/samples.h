// Filled-in values that the tests of core/job share.
#pragma once

#include "core/job/job.h"
#include "core/job/job_record.h"
#include "core/job/manifest.h"

namespace tintype {

inline Job sample_job() {
  Job job;
  job.id = SortableId{0x0123456789abcdef};
  job.generation = 3;
  job.job_class = JobClass::kBulk;
  job.owner = "anna_B-7";
  job.photo = SortableId{0xfedcba9876543210};
  job.recipe = builtin_recipes().front();
  job.batch = "holiday-2026";
  job.trace_id = "0af7651916cd43dd8448eb211c80319c";
  job.enqueued_at_ms = 1'795'334'961'123;
  job.deadline_ms = 1'795'338'561'123;
  return job;
}

inline bool same_job(const Job& a, const Job& b) {
  return a.id == b.id && a.generation == b.generation && a.job_class == b.job_class && a.owner == b.owner &&
         a.photo == b.photo && a.recipe == b.recipe && a.batch == b.batch && a.trace_id == b.trace_id &&
         a.enqueued_at_ms == b.enqueued_at_ms && a.deadline_ms == b.deadline_ms;
}

inline SourceInfo sample_source(std::uint32_t width, std::uint32_t height, std::uint8_t orientation = 1) {
  SourceInfo source;
  source.width = width;
  source.height = height;
  source.orientation = orientation;
  source.bytes = 1'000'000;
  return source;
}

inline Manifest sample_manifest() {
  Manifest manifest;
  manifest.revision = ~0ull;
  manifest.recipe_name = "web";
  manifest.recipe_version = builtin_recipes().front().version();
  manifest.source = sample_source(4032, 3024, 6);
  manifest.source.has_alpha = true;
  manifest.source.progressive = true;
  manifest.source.frames = 7;
  for (const Rung& rung : builtin_recipes().front().rungs) {
    Variant variant;
    variant.name = rung.name();
    variant.blob_key = "anna/0000000000001/0/" + rung.name() + ".1";
    variant.width = rung.long_side_px;
    variant.height = rung.long_side_px * 3 / 4;
    variant.bytes = 5'000'000'000;
    variant.format = rung.format;
    variant.sha256 = std::string(64, 'a');
    variant.encoder = "libwebp 1.5.0";
    variant.quality = rung.quality;
    variant.effort = rung.effort;
    variant.encode_seconds = 0.1234567890123;
    manifest.variants.push_back(variant);
  }
  manifest.variants[1].contract = ContractResult{.target = {.score = 72.5, .below = 0.5, .max_probes = 4},
                                                 .end = SearchEnd::kSourceSmaller,
                                                 .score = 71.25,
                                                 .quarters = 2,
                                                 .probes = {{60, 70.5, 1234, 0.25}, {61, 71.25, 1300, 0.26, 2}},
                                                 .share = 0.25,
                                                 .seconds = 0.75,
                                                 .encode_seconds = 0.2,
                                                 .rival_bytes = 1500};
  manifest.warnings = {"the EXIF block is cut off", "line\nbreak \"quoted\" grün"};
  manifest.job = SortableId{77};
  manifest.committed_at_ms = 1'795'334'961'123;
  return manifest;
}

inline JobRecord sample_record() {
  JobRecord record;
  record.job = sample_job();
  record.state = JobState::kFailed;
  Decision decision;
  decision.task = "probe";
  decision.candidates = {{"cpu", 0.25, 1.5, ""}, {"opencl", 0, 0, "does not take GIF"}};
  decision.chosen = "cpu";
  decision.reason = "it ends first";
  decision.waited_seconds = 0.5;
  decision.worked_seconds = 1.75;
  decision.outcome = "worker_crashed";
  Attempt attempt;
  attempt.number = 2;
  attempt.node = "node-a";
  attempt.started_at_ms = 1'795'334'961'200;
  attempt.ended_at_ms = 1'795'334'963'200;
  attempt.error = Error{ErrorCode::kWorkerCrashed, "signal 11"};
  attempt.decisions = {decision};
  record.attempts = {attempt};
  record.failure = Error{ErrorCode::kTruncatedImage, "the data ends early"};
  record.bytes_in = 1ull << 60;
  record.bytes_out = 12;
  record.updated_at_ms = 1'795'334'963'300;
  record.cancel_requested = true;
  return record;
}

}  // namespace tintype
