#include "core/queue/event_log.h"

#include "core/job/json_fields.h"

namespace tintype {
namespace {

constexpr int kEventSchemaVersion = 1;
constexpr std::size_t kMaxEventBytes = 64 * 1024;
constexpr ErrorCode kBadEvent = ErrorCode::kInvalidArgument;

bool is_event_type(std::string_view type) {
  return type == "job.running" || type == "job.done" || type == "job.failed" || type == "job.cancelled";
}

}  // namespace

std::string to_json(const Event& event) {
  Json json = {
      {"schema", kEventSchemaVersion},
      {"id", event.id},
      {"type", event.type},
      {"owner", event.owner},
      {"photo", event.photo.to_string()},
      {"job", event.job.to_string()},
      {"batch", event.batch},
      {"at_ms", event.at_ms},
      {"bytes_in", event.bytes_in},
      {"bytes_out", event.bytes_out},
  };
  if (event.type == "job.failed") json["error"] = error_to_json(event.error);
  return dump_json(json);
}

Result<Event> parse_event(std::string_view text) {
  TT_ASSIGN(const Json json, parse_json_object(text, "event", kMaxEventBytes, kBadEvent));
  TT_TRY(check_schema(json, "event", kEventSchemaVersion, kBadEvent));
  FieldReader fields(json, "event", kBadEvent);
  Event event;
  fields.read("id", event.id);
  fields.read("type", event.type);
  fields.read("owner", event.owner);
  fields.read("photo", event.photo);
  fields.read("job", event.job);
  fields.read("batch", event.batch);
  fields.read_time("at_ms", event.at_ms);
  fields.read("bytes_in", event.bytes_in);
  fields.read("bytes_out", event.bytes_out);
  if (!is_event_type(event.type)) fields.refuse("type", "must be one of job.running, .done, .failed, .cancelled");
  if (event.type == "job.failed") fields.read("error", event.error);
  TT_TRY(fields.status());
  return event;
}

}  // namespace tintype
