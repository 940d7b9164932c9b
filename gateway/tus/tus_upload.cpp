#include "gateway/tus/tus_upload.h"

#include "core/job/json_fields.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxNoteBytes = 4096;
constexpr ErrorCode kCode = ErrorCode::kCorruptData;

}  // namespace

std::string to_note(const TusUpload& upload) {
  Json json = {{"owner", upload.owner},
               {"length", upload.length},
               {"offset", upload.offset},
               {"expires_at_ms", upload.expires_at_ms},
               {"file_name", upload.file_name},
               {"content_type", upload.content_type},
               {"idempotency_key", upload.idempotency_key},
               {"sha256", upload.sha256},
               {"recipe", upload.recipe},
               {"class", job_class_name(upload.job_class)},
               {"batch", upload.batch},
               {"trace_id", upload.trace_id}};
  if (upload.photo) json["photo"] = upload.photo->to_string();
  return dump_json(json);
}

Result<TusUpload> parse_note(std::string_view text) {
  TT_ASSIGN(const Json json, parse_json_object(text, "upload", kMaxNoteBytes, kCode));
  FieldReader in(json, "upload", kCode);
  TusUpload upload;
  in.read("owner", upload.owner);
  in.read("length", upload.length);
  in.read("offset", upload.offset);
  in.read_time("expires_at_ms", upload.expires_at_ms);
  in.read("file_name", upload.file_name);
  in.read("content_type", upload.content_type);
  in.read("idempotency_key", upload.idempotency_key);
  in.read("sha256", upload.sha256);
  in.read("recipe", upload.recipe);
  in.read_word("class", parse_job_class, upload.job_class);
  in.read("batch", upload.batch);
  in.read("trace_id", upload.trace_id);
  if (in.has("photo")) in.read("photo", upload.photo.emplace());
  TT_TRY(in.status());
  return upload;
}

}  // namespace tintype
