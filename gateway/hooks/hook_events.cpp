#include "gateway/hooks/hook_events.h"

#include <algorithm>
#include <format>

#include "core/job/json_fields.h"
#include "gateway/http/target.h"

namespace tintype {
namespace {

constexpr ErrorCode kCode = ErrorCode::kInvalidArgument;
constexpr std::size_t kMaxRecords = 1000;
constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxMetadata = 64;

// "" where the field is missing or no text.
std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}
const Json& object_of(const Json& object, const char* name) {
  static const Json kNone = Json::object();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : kNone;
}

std::string without_quotes(std::string text) {
  std::erase(text, '"');
  return text;
}

// Amazon and MinIO write keys as a form does; RGW writes them as they are.
Result<std::string> decode_key(std::string_view source, const std::string& key) {
  if (source.starts_with("ceph")) return key;
  auto target = http::parse_target("/?k=" + key);
  if (!target || target->query.size() != 1 || target->segments.size() != 1)
    return fail(kCode, "an event's object key is not escaped as a form's values are");
  return *target->find("k");
}

Result<S3Event> read_event(const Json& record) {
  const Json& s3 = object_of(record, "s3");
  const Json& object = object_of(s3, "object");
  S3Event event;
  std::string name = text_of(record, "eventName");
  if (name.starts_with("s3:")) name.erase(0, 3);
  event.created = name.starts_with("ObjectCreated:");
  event.bucket = text_of(object_of(s3, "bucket"), "name");
  TT_ASSIGN(event.key, decode_key(text_of(record, "eventSource"), text_of(object, "key")));
  event.version = text_of(object, "versionId");
  event.etag = without_quotes(text_of(object, "eTag"));
  event.sequencer = text_of(object, "sequencer");
  const auto plain = [](const std::string& text) {
    return text.size() <= kMaxKeyBytes && std::ranges::none_of(text, [](char c) { return c >= 0 && c < 0x20; });
  };
  if (event.bucket.empty() || event.key.empty() || !plain(event.bucket) || !plain(event.key) || !plain(event.etag) ||
      !plain(event.sequencer) || !plain(event.version) || !http::is_utf8(event.key)) {
    return fail(kCode, "an event must name its bucket and object in plain text of at most 1024 bytes");
  }
  return event;
}

}  // namespace

Result<std::vector<S3Event>> parse_s3_events(std::string_view json) {
  TT_ASSIGN(const Json tree, parse_json_object(json, "notification", kMaxHookBytes, kCode));
  // Amazon asks with this whether anybody listens.
  if (text_of(tree, "Event") == "s3:TestEvent") return std::vector<S3Event>();
  const auto records = tree.find("Records");
  if (records == tree.end() || !records->is_array() || records->size() > kMaxRecords)
    return fail(kCode, std::format("a notification has \"Records\", at most {} of them", kMaxRecords));
  std::vector<S3Event> events;
  for (const Json& record : *records) {
    if (!record.is_object()) return fail(kCode, "a record of a notification must be an object");
    TT_ASSIGN(events.emplace_back(), read_event(record));
  }
  return events;
}

std::string_view TusdHook::find(std::string_view name) const {
  const auto found = std::ranges::find(metadata, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

Result<TusdHook> parse_tusd_hook(std::string_view json) {
  TT_ASSIGN(const Json tree, parse_json_object(json, "hook", kMaxHookBytes, kCode));
  const Json& upload = object_of(object_of(tree, "Event"), "Upload");
  const Json& storage = object_of(upload, "Storage");
  TusdHook hook;
  hook.type = text_of(tree, "Type");
  hook.upload = text_of(upload, "ID");
  hook.storage = text_of(storage, "Type");
  hook.path = text_of(storage, "Path");
  hook.bucket = text_of(storage, "Bucket");
  hook.key = text_of(storage, "Key");
  hook.size_is_deferred = upload.value("SizeIsDeferred", Json(false)) == true;
  hook.is_partial = upload.value("IsPartial", Json(false)) == true;
  if (const auto size = upload.find("Size"); size != upload.end() && size->is_number_unsigned())
    hook.size = size->get<std::uint64_t>();
  const Json& metadata = object_of(upload, "MetaData");
  if (hook.type.empty() || !upload.size() || metadata.size() > kMaxMetadata)
    return fail(kCode, "a tusd hook (version 2) has \"Type\" and \"Event\": {\"Upload\": {...}}");
  for (const auto& [name, value] : metadata.items()) {
    if (!value.is_string()) return fail(kCode, std::format("the upload's metadata '{}' must be text", name));
    hook.metadata.emplace_back(name, value.get<std::string>());
  }
  return hook;
}

}  // namespace tintype
