// GET, POST and DELETE /v1/scrub
#include <algorithm>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/operations/scrub_json.h"
#include "gateway/parameters.h"
#include "storage_client/scrub/scrubber.h"

namespace tintype {
namespace {

constexpr std::uint64_t kMaxMegabytesASecond = 1'000'000;

Result<Scrubber*> scrubber_of(const Call& call) {
  if (Scrubber* scrubber = call.api.services.scrubber) return scrubber;
  return fail(ErrorCode::kUnsupported, "this farm's store has no scrub");
}

Json time_or_null(UnixMs time_ms) { return time_ms == 0 ? Json(nullptr) : Json(to_rfc3339(time_ms)); }

Result<bool> flag_parameter(const Call& call, std::string_view name, bool fallback) {
  const std::string word = text_parameter(call, name, fallback ? "true" : "false");
  if (word == "true" || word == "false") return word == "true";
  return fail(ErrorCode::kInvalidArgument, std::string(name) + " must be true or false");
}

}  // namespace

Json to_json_value(const ScrubState& state, bool with_findings) {
  const ScrubCount& count = state.count;
  Json json = {{"state", scrub_end_name(state.end)},
               {"runner", state.runner},
               {"repair", state.repair},
               {"megabytes_a_second", state.bytes_a_second / 1'000'000},
               {"started_at", time_or_null(state.started_at_ms)},
               {"updated_at", time_or_null(state.updated_at_ms)},
               {"ended_at", state.end == ScrubEnd::kRunning ? Json(nullptr) : time_or_null(state.ended_at_ms)},
               {"checking", state.phase == ScrubPhase::kBlobs ? "blobs" : "lists"},
               {"blobs", count.blobs},
               {"bytes", count.bytes},
               {"blobs_to_see", std::max(state.blobs_to_see, count.blobs)},
               {"bytes_to_see", std::max(state.bytes_to_see, count.bytes)},
               {"photos", count.photos},
               {"owners", count.owners},
               {"found", count.found()},
               {"repaired", count.repaired},
               {"wrong_originals", count.wrong_originals},
               {"missing_originals", count.missing_originals},
               {"wrong_variants", count.wrong_variants},
               {"missing_variants", count.missing_variants},
               {"wrong_lists", count.wrong_lists},
               {"orphans", count.orphans},
               {"orphan_bytes", count.orphan_bytes},
               {"jobs", count.jobs},
               {"error", state.end == ScrubEnd::kFailed ? to_json_value(state.error) : Json(nullptr)}};
  if (!with_findings) return json;
  Json findings = Json::array();
  for (const ScrubFinding& finding : state.findings) {
    findings.push_back({{"kind", scrub_kind_name(finding.kind)},
                        {"owner", finding.owner},
                        {"photo_id", finding.photo_id},
                        {"blob", finding.blob},
                        {"detail", finding.detail},
                        {"repaired", finding.repaired}});
  }
  json["findings"] = std::move(findings);
  return json;
}

Result<http::Begun> start_scrub(const Call& call) {
  TT_ASSIGN(Scrubber * scrubber, scrubber_of(call));
  ScrubOrder order;
  TT_ASSIGN(const std::uint64_t rate, number_parameter(call, "rate_mb", 0, kMaxMegabytesASecond, 50));
  order.bytes_a_second = rate * 1'000'000;
  TT_ASSIGN(order.repair, flag_parameter(call, "repair", true));
  TT_ASSIGN(order.afresh, flag_parameter(call, "afresh", false));
  TT_ASSIGN(const ScrubState state, scrubber->start(order));
  return json_answer(202, to_json_value(state, false));
}

Result<http::Begun> show_scrub(const Call& call) {
  TT_ASSIGN(Scrubber * scrubber, scrubber_of(call));
  TT_ASSIGN(const ScrubState state, scrubber->state());
  return json_answer(200, to_json_value(state, true));
}

Result<http::Begun> stop_scrub(const Call& call) {
  TT_ASSIGN(Scrubber * scrubber, scrubber_of(call));
  TT_TRY(scrubber->stop());
  return http::Response(204);
}

}  // namespace tintype
