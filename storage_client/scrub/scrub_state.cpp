#include "storage_client/scrub/scrub_state.h"

#include <format>

#include "core/job/json_fields.h"

namespace tintype {
namespace {

constexpr ErrorCode kCorrupt = ErrorCode::kCorruptData;
constexpr std::size_t kMaxBytes = 4 << 20;

constexpr std::string_view kKindNames[] = {"wrong_original",  "missing_original", "wrong_variant",
                                           "missing_variant", "wrong_lists",      "orphan"};
constexpr std::string_view kEndNames[] = {"running", "done", "stopped", "failed"};
constexpr std::string_view kPhaseNames[] = {"blobs", "photos"};

template <typename T, std::size_t kCount>
Result<T> named(const std::string_view (&names)[kCount], std::string_view name) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<T>(i);
  }
  return fail(kCorrupt, std::format("{} is no such word", name));
}

struct CountField {
  const char* name;
  std::uint64_t ScrubCount::* field;
};
constexpr CountField kCounts[] = {{"blobs", &ScrubCount::blobs},
                                  {"bytes", &ScrubCount::bytes},
                                  {"photos", &ScrubCount::photos},
                                  {"owners", &ScrubCount::owners},
                                  {"wrong_originals", &ScrubCount::wrong_originals},
                                  {"missing_originals", &ScrubCount::missing_originals},
                                  {"wrong_variants", &ScrubCount::wrong_variants},
                                  {"missing_variants", &ScrubCount::missing_variants},
                                  {"wrong_lists", &ScrubCount::wrong_lists},
                                  {"orphans", &ScrubCount::orphans},
                                  {"orphan_bytes", &ScrubCount::orphan_bytes},
                                  {"jobs", &ScrubCount::jobs},
                                  {"repaired", &ScrubCount::repaired}};

ScrubCount read_count(FieldReader& in) {
  ScrubCount count;
  for (const CountField& field : kCounts) in.read(field.name, count.*field.field);
  return count;
}

ScrubFinding read_finding(FieldReader& in) {
  ScrubFinding finding;
  in.read_word("kind", +[](std::string_view name) { return named<ScrubKind>(kKindNames, name); }, finding.kind);
  in.read("owner", finding.owner);
  in.read("photo_id", finding.photo_id);
  in.read("blob", finding.blob);
  in.read("detail", finding.detail);
  in.read("repaired", finding.repaired);
  return finding;
}

}  // namespace

std::string_view scrub_kind_name(ScrubKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }
std::string_view scrub_end_name(ScrubEnd end) { return kEndNames[static_cast<std::size_t>(end)]; }

std::string to_json(const ScrubState& state) {
  Json count = Json::object();
  for (const CountField& field : kCounts) count[field.name] = state.count.*field.field;
  Json findings = Json::array();
  for (const ScrubFinding& finding : state.findings) {
    findings.push_back({{"kind", scrub_kind_name(finding.kind)},
                        {"owner", finding.owner},
                        {"photo_id", finding.photo_id},
                        {"blob", finding.blob},
                        {"detail", finding.detail},
                        {"repaired", finding.repaired}});
  }
  Json json = {{"schema", kScrubSchemaVersion},
               {"state", scrub_end_name(state.end)},
               {"runner", state.runner},
               {"repair", state.repair},
               {"bytes_a_second", state.bytes_a_second},
               {"phase", kPhaseNames[static_cast<std::size_t>(state.phase)]},
               {"cursor", state.cursor},
               {"started_at_ms", state.started_at_ms},
               {"updated_at_ms", state.updated_at_ms},
               {"ended_at_ms", state.ended_at_ms},
               {"blobs_to_see", state.blobs_to_see},
               {"bytes_to_see", state.bytes_to_see},
               {"count", std::move(count)},
               {"findings", std::move(findings)}};
  if (state.end == ScrubEnd::kFailed) json["error"] = error_to_json(state.error);
  return dump_json(json);
}

Result<ScrubState> parse_scrub_state(std::string_view text) {
  TT_ASSIGN(const Json json, parse_json_object(text, "scrub", kMaxBytes, kCorrupt));
  TT_TRY(check_schema(json, "scrub", kScrubSchemaVersion, kCorrupt));
  FieldReader in(json, "scrub", kCorrupt);
  ScrubState state;
  in.read_word("state", +[](std::string_view name) { return named<ScrubEnd>(kEndNames, name); }, state.end);
  in.read("runner", state.runner);
  in.read("repair", state.repair);
  in.read("bytes_a_second", state.bytes_a_second);
  in.read_word("phase", +[](std::string_view name) { return named<ScrubPhase>(kPhaseNames, name); }, state.phase);
  in.read("cursor", state.cursor);
  in.read_time("started_at_ms", state.started_at_ms);
  in.read_time("updated_at_ms", state.updated_at_ms);
  in.read_time("ended_at_ms", state.ended_at_ms);
  in.read("blobs_to_see", state.blobs_to_see);
  in.read("bytes_to_see", state.bytes_to_see);
  in.read_object("count", state.count, read_count);
  in.read_objects("findings", state.findings, kScrubFindingsKept, read_finding);
  if (in.has("error")) in.read("error", state.error);
  TT_TRY(in.status());
  return state;
}

}  // namespace tintype
