// /v1/uploads: the tus 1.0 protocol.
#include <ctime>
#include <format>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/base64.h"
#include "gateway/http/target.h"
#include "gateway/json_answer.h"
#include "gateway/parameters.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_headers.h"
#include "gateway/photos/upload_order.h"
#include "gateway/recipes/recipe_names.h"
#include "gateway/tus/tus_uploads.h"

namespace tintype {
namespace {

constexpr std::string_view kBodyType = "application/offset+octet-stream";
constexpr int kChecksumMismatch = 460;

void set_version(http::Response& response) { response.set("Tus-Resumable", std::string(kTusVersion)); }

http::Response refused(const Problem& problem) {
  http::Response response = problem_response(problem);
  set_version(response);
  return response;
}
http::Response refused(Error error, int status) { return refused(Problem{std::move(error), status, {}, {}}); }

// Errors, too, name the version.
Result<http::Begun> with_version(Result<http::Begun> begun) {
  if (!begun) return refused(Problem{begun.error(), {}, {}, {}});
  return begun;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(UnixMs at_ms) {
  const std::time_t seconds = at_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::string upload_url(const std::string& id) { return "/v1/uploads/" + id; }

void describe(http::Response& response, const TusState& state) {
  set_version(response);
  response.set("Upload-Offset", std::to_string(state.offset));
  response.set("Upload-Expires", http_date(state.upload.expires_at_ms));
  if (state.upload.photo) response.set("Tintype-Photo", state.upload.photo->to_string());
  if (state.receipt) response.set("Tintype-Job", state.receipt->job.to_string());
}

http::Response created_answer(const TusState& state) {
  http::Response response(201);
  response.set("Location", upload_url(state.id));
  describe(response, state);
  return response;
}

http::Response appended_answer(const TusState& state) {
  http::Response response(204);
  describe(response, state);
  return response;
}

// The body of a PATCH, or of a POST that makes the upload with its first bytes.
class TusSink final : public http::BodySink {
 public:
  TusSink(TusUploads& uploads, std::unique_ptr<TusUploads::Append> append, std::optional<TusState> created, Logger& log)
      : uploads_(uploads), append_(std::move(append)), created_(std::move(created)), log_(log) {}

  std::optional<http::Response> write(ByteView piece) override {
    if (const Status written = append_->write(piece); !written)
      return not_taken(refused(upload_problem(written.error(), log_)));
    return {};
  }

  http::Response finish() override {
    const auto holds = append_->check();
    if (!holds) return not_taken(refused(upload_problem(holds.error(), log_)));
    if (!*holds) {
      return not_taken(
          refused({ErrorCode::kInvalidArgument, "the bytes are not what Upload-Checksum says; send them again"},
                  kChecksumMismatch));
    }
    const auto state = append_->finish();
    if (!state) return not_taken(refused(upload_problem(state.error(), log_)));
    return created_ ? created_answer(*state) : appended_answer(*state);
  }

  void abandon(ByteView rest) override {
    if (created_) return end_what_nobody_knows();
    Status kept;
    if (!rest.empty()) kept = append_->write(rest);
    if (kept) kept = append_->keep_what_came();
    if (!kept) log_.warning("upload_progress_not_kept", {{"error", kept.error().to_string()}});
  }

 private:
  http::Response not_taken(http::Response answer) {
    if (created_) end_what_nobody_knows();
    return answer;
  }

  // Who was not told where the upload is cannot go on with it.
  void end_what_nobody_knows() {
    const Status ended = uploads_.terminate(created_->upload.owner, created_->id);
    if (ended || ended.error().code == ErrorCode::kNotFound) return;
    log_.warning("upload_not_removed", {{"upload", created_->id}, {"error", ended.error().to_string()}});
  }

  TusUploads& uploads_;
  std::unique_ptr<TusUploads::Append> append_;
  const std::optional<TusState> created_;
  Logger& log_;
};

// Null, or why this is no request of the protocol.
std::optional<http::Response> check_version(const Call& call) {
  if (call.request.header("Tus-Resumable") == kTusVersion) return {};
  http::Response response =
      refused({ErrorCode::kUnsupported, std::format("the header Tus-Resumable must say {}", kTusVersion)}, 412);
  response.set("Tus-Version", std::string(kTusVersion));
  return response;
}

Result<TusUploads*> uploads_of(const Call& call) {
  if (!call.api.tus) return fail(ErrorCode::kUnsupported, "this farm has no folder for resumable uploads");
  return call.api.tus;
}

Status apply_metadata(UploadOrder& order, std::string& recipe, const TusMetadata& metadata) {
  for (const auto& [name, value] : metadata) {
    if (name == "filename" || name == "name") {
      TT_ASSIGN(order.file_name, parse_file_name(value));
    } else if (name == "filetype" || name == "type") {
      if (value.size() > 255 || !http::is_utf8(value))
        return fail(ErrorCode::kInvalidArgument, "the metadata 'filetype' must be at most 255 bytes of text");
      order.content_type = value;
    } else if (name == "recipe") {
      recipe = value;
    } else if (name == "class") {
      TT_ASSIGN(order.job_class, word_named("class", value, parse_job_class));
    } else if (name == "batch") {
      if (!value.empty() && !is_valid_owner(value))
        return fail(ErrorCode::kInvalidArgument, "batch must be up to 64 letters, digits, '-' and '_'");
      order.batch = value;
    }
  }
  return {};
}

Result<TusUpload> read_creation(const Call& call) {
  const http::Request& request = call.request;
  TusUpload upload;
  TT_ASSIGN(upload.length, parse_tus_number("Upload-Length", request.header("Upload-Length")));
  const std::uint64_t most = call.api.config.max_upload_bytes;
  if (upload.length > most) {
    return fail(ErrorCode::kImageTooLarge,
                std::format("the upload is {} bytes; at most {} are taken", upload.length, most));
  }
  TT_ASSIGN(UploadOrder order, read_upload_order(call));
  order.content_type.clear();  // of the request, not of the photo
  upload.recipe = text_parameter(call, "recipe", "web");
  TT_ASSIGN(const TusMetadata metadata, parse_tus_metadata(request.header("Upload-Metadata")));
  TT_TRY(apply_metadata(order, upload.recipe, metadata));
  TT_TRY(recipe_named(upload.recipe, call.api.recipes));
  TT_TRY(call.api.services.blobs.takes_blobs());
  TT_ASSIGN(const std::uint64_t free, call.api.services.blobs.free_bytes());
  if (upload.length > free / 2)  // staged, then stored
    return fail(ErrorCode::kStorageFull, std::format("there is no room for {} bytes; free some space", upload.length));
  upload.owner = call.owner;
  upload.file_name = std::move(order.file_name);
  upload.content_type = std::move(order.content_type);
  upload.idempotency_key = std::move(order.idempotency_key);
  if (order.expected_sha) upload.sha256 = encode_base64(*order.expected_sha);
  upload.job_class = order.job_class;
  upload.batch = std::move(order.batch);
  upload.trace_id = std::move(order.trace_id);
  return upload;
}

Result<std::optional<TusChecksum>> read_checksum(const http::Request& request) {
  const std::string* header = request.find_header("Upload-Checksum");
  if (!header) return std::nullopt;
  TT_ASSIGN(TusChecksum checksum, parse_tus_checksum(*header));
  return std::optional(std::move(checksum));
}

Result<http::Begun> begin_creation(const Call& call) {
  TT_ASSIGN(TusUploads* const uploads, uploads_of(call));
  TT_ASSIGN(TusUpload upload, read_creation(call));
  TT_ASSIGN(const auto checksum, read_checksum(call.request));
  if (call.request.has_body() && call.request.header("Content-Type") != kBodyType)
    return refused({ErrorCode::kUnsupported, std::format("the first bytes come as {}", kBodyType)}, 415);
  if (call.request.content_length.value_or(0) > upload.length)
    return fail(ErrorCode::kImageTooLarge, std::format("the upload's length is {} bytes; more came", upload.length));
  const bool empty = upload.length == 0;
  TT_ASSIGN(TusState state, uploads->create(std::move(upload)));
  if (!call.request.has_body() && !empty) return created_answer(state);
  TT_ASSIGN(auto append, uploads->append(call.owner, state.id, 0, checksum));
  auto sink = std::make_unique<TusSink>(*uploads, std::move(append), std::move(state), call.api.services.log);
  if (!call.request.has_body()) return sink->finish();
  return std::unique_ptr<http::BodySink>(std::move(sink));
}

Result<http::Begun> begin_append(const Call& call) {
  TT_ASSIGN(TusUploads* const uploads, uploads_of(call));
  if (call.request.header("Content-Type") != kBodyType)
    return refused({ErrorCode::kUnsupported, std::format("the bytes come as {}", kBodyType)}, 415);
  TT_ASSIGN(const std::uint64_t offset, parse_tus_number("Upload-Offset", call.request.header("Upload-Offset")));
  TT_ASSIGN(const auto checksum, read_checksum(call.request));
  const std::string& id = call.arguments[0];
  auto append = uploads->append(call.owner, id, offset, checksum);
  if (!append && append.error().code == ErrorCode::kConflict) {
    http::Response response = refused(Problem{append.error(), 409, true, {}});
    if (const auto state = uploads->find(call.owner, id)) response.set("Upload-Offset", std::to_string(state->offset));
    return response;
  }
  if (!append) return fail(append.error());
  auto sink = std::make_unique<TusSink>(*uploads, std::move(*append), std::nullopt, call.api.services.log);
  if (!call.request.has_body()) return sink->finish();
  return std::unique_ptr<http::BodySink>(std::move(sink));
}

Result<http::Begun> describe_upload(const Call& call) {
  TT_ASSIGN(TusUploads* const uploads, uploads_of(call));
  TT_ASSIGN(const TusState state, uploads->find(call.owner, call.arguments[0]));
  Json body = {{"id", state.id},
               {"length", state.upload.length},
               {"offset", state.offset},
               {"expires_at", to_rfc3339(state.upload.expires_at_ms)},
               {"photo_id", state.upload.photo ? Json(state.upload.photo->to_string()) : Json(nullptr)}};
  http::Response response = json_answer(200, body);
  describe(response, state);
  response.set("Upload-Length", std::to_string(state.upload.length));
  return response;
}

Result<http::Begun> end_upload(const Call& call) {
  TT_ASSIGN(TusUploads* const uploads, uploads_of(call));
  TT_TRY(uploads->terminate(call.owner, call.arguments[0]));
  http::Response response(204);
  set_version(response);
  return response;
}

}  // namespace

Result<http::Begun> describe_tus(const Call& call) {
  http::Response response(204);
  set_version(response);
  response.set("Tus-Version", std::string(kTusVersion));
  response.set("Tus-Extension", std::string(kTusExtensions));
  response.set("Tus-Checksum-Algorithm", std::string(kTusChecksums));
  response.set("Tus-Max-Size", std::to_string(call.api.config.max_upload_bytes));
  return response;
}

Result<http::Begun> create_upload(const Call& call) {
  if (auto wrong = check_version(call)) return std::move(*wrong);
  return with_version(begin_creation(call));
}

Result<http::Begun> show_upload(const Call& call) {
  if (call.request.method == "HEAD") {
    if (auto wrong = check_version(call)) return std::move(*wrong);
  }
  return with_version(describe_upload(call));
}

Result<http::Begun> append_to_upload(const Call& call) {
  if (auto wrong = check_version(call)) return std::move(*wrong);
  return with_version(begin_append(call));
}

Result<http::Begun> terminate_upload(const Call& call) {
  if (auto wrong = check_version(call)) return std::move(*wrong);
  return with_version(end_upload(call));
}

// For clients whose HTTP library, or proxy, knows neither PATCH nor DELETE.
Result<http::Begun> override_upload(const Call& call) {
  const std::string_view method = call.request.header("X-HTTP-Method-Override");
  if (method == "PATCH") return append_to_upload(call);
  if (method == "DELETE") return terminate_upload(call);
  return refused({ErrorCode::kInvalidArgument, "a POST to an upload needs X-HTTP-Method-Override: PATCH or DELETE"},
                 400);
}

}  // namespace tintype
