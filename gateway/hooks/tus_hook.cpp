// POST /hooks/tus: a tusd that asks before an upload, and hands over what it received.
#include <format>

#include "gateway/api.h"
#include "gateway/hooks/hook_events.h"
#include "gateway/hooks/hook_orders.h"
#include "gateway/hooks/ingests.h"
#include "gateway/parameters.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_headers.h"
#include "gateway/problem_json.h"
#include "gateway/recipes/recipe_names.h"
#include "gateway/small_body.h"

namespace tintype {
namespace {

// What tusd is to tell its own client.
Json client_answer(int status, std::string_view type, const Json& body) {
  return {{"StatusCode", status}, {"Header", {{"Content-Type", type}}}, {"Body", json_text(body)}};
}

http::Response rejected(const Error& error) {
  const Problem problem{error, {}, {}, {}};
  return json_answer(
      200,
      {{"RejectUpload", true},
       {"HTTPResponse", client_answer(http_status(error.code), "application/problem+json", to_json_value(problem))}});
}

// What the metadata say of the photo, over what the source says.
Result<UploadOrder> read_order(const Api& api, const TusdSource& source, const TusdHook& hook,
                               const std::string& trace_id) {
  HookedPhotos photos = source.photos;
  if (const auto recipe = hook.find("recipe"); !recipe.empty()) photos.recipe = recipe;
  if (const auto name = hook.find("class"); !name.empty()) {
    TT_ASSIGN(photos.job_class, word_named("class", name, parse_job_class));
  }
  TT_ASSIGN(UploadOrder order, order_for(api, photos, trace_id));
  TT_ASSIGN(order.file_name, parse_file_name(hook.find("filename")));
  if (const auto type = hook.find("filetype"); type.size() <= 255) order.content_type = type;
  return order;
}

Status check_creation(const Api& api, const TusdSource& source, const TusdHook& hook) {
  const std::uint64_t most = api.config.max_upload_bytes;
  if (!hook.size_is_deferred && hook.size > most)
    return fail(ErrorCode::kImageTooLarge,
                std::format("the upload is {} bytes; at most {} are taken", hook.size, most));
  TT_TRY(read_order(api, source, hook, ""));
  return {};
}

Result<std::variant<FetchOrder, FileSource>> source_of(const Api& api, const TusdSource& source, const TusdHook& hook) {
  if (hook.storage == "filestore" && !source.folder.empty()) {
    const std::string folder = source.folder + "/";
    if (!hook.path.starts_with(folder))
      return fail(ErrorCode::kDenied,
                  std::format("'{}' is not in {}, where tusd keeps its uploads", hook.path, source.folder));
    return FileSource{source.folder, hook.path.substr(folder.size())};
  }
  if (hook.storage == "s3store") {
    for (const S3Source& bucket : api.ingests->config().s3) {
      if (bucket.bucket != hook.bucket || !hook.key.starts_with(bucket.prefix)) continue;
      FetchOrder fetch;
      TT_ASSIGN(fetch.url, object_url(bucket, hook.key, ""));
      fetch.networks = bucket.networks;
      fetch.credentials = bucket.credentials;
      return fetch;
    }
  }
  return fail(ErrorCode::kDenied,
              std::format("uploads in a '{}' of tusd's are not named in the farm's hooks file", hook.storage));
}

Result<http::Response> take_upload(Api& api, const TusdSource& source, const TusdHook& hook,
                                   const std::string& trace_id) {
  if (hook.upload.empty()) return fail(ErrorCode::kInvalidArgument, "the hook names no upload");
  Ingest ingest;
  TT_ASSIGN(ingest.order, read_order(api, source, hook, trace_id));
  // Before its end and after it, the hook speaks of one photo. No key of a client's holds a blank.
  ingest.order.idempotency_key = "tusd " + to_hex(sha256(as_bytes(hook.upload)));
  TT_ASSIGN(ingest.source, source_of(api, source, hook));
  std::vector<Ingest> ingests;
  ingests.push_back(std::move(ingest));
  return api.ingests->answer(std::move(ingests), [](const IngestOutcomes& outcomes) {
    if (!outcomes[0]) return problem_response(outcomes[0].error());
    return json_answer(200, {{"HTTPResponse", client_answer(200, "application/json", to_json_value(*outcomes[0]))}});
  });
}

http::Response take_hook(Api& api, const std::string& trace_id, const std::string& body) {
  const auto hook = parse_tusd_hook(body);
  if (!hook) return problem_response(hook.error());
  const TusdSource& source = *api.ingests->config().tusd;
  if (hook->type == "pre-create") {
    const Status allowed = check_creation(api, source, *hook);
    return allowed ? json_answer(200, Json::object()) : rejected(allowed.error());
  }
  const bool finishes = hook->type == "pre-finish" || hook->type == "post-finish";
  if (!finishes || hook->is_partial) return json_answer(200, Json::object());
  auto answer = take_upload(api, source, *hook, trace_id);
  return answer ? std::move(*answer) : problem_response(answer.error());
}

}  // namespace

Result<http::Begun> take_tusd_hook(const Call& call) {
  if (!call.api.ingests->config().tusd)
    return fail(ErrorCode::kUnsupported, "this farm knows no tusd; name it in a hooks file (serve --hooks)");
  return collect_body(kMaxHookBytes, [&api = call.api, trace = trace_id_of(call.request.header("traceparent"))](
                                         const std::string& body) { return take_hook(api, trace, body); });
}

}  // namespace tintype
