// GET /v1/store/...: the whole store, owner by owner, for `tintype migrate`.
#include <format>

#include "core/job/job_record.h"
#include "gateway/api.h"
#include "gateway/json_answer.h"
#include "gateway/parameters.h"
#include "gateway/photos/blob_answer.h"
#include "storage_client/row_text.h"

namespace tintype {
namespace {

Result<BlobKey> key_of(const Call& call) {
  const auto& at = call.arguments;
  return BlobKey::parse(std::format("{}/{}/{}/{}", at[0], at[1], at[2], at[3]));
}

http::Response json_as_it_is(std::string text) {
  http::Response response(200, "application/json", std::move(text));
  response.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<http::Begun> export_blobs(const Call& call) {
  TT_ASSIGN(const int limit, limit_parameter(call));
  TT_ASSIGN(const BlobListing page, call.api.services.blobs.list(text_parameter(call, "cursor"), limit));
  Json blobs = Json::array();
  for (const auto& [key, info] : page.blobs)
    blobs.push_back({{"key", key.to_string()}, {"bytes", info.size}, {"written_at_ms", info.written_at_ms}});
  return json_answer(200, {{"blobs", std::move(blobs)}, {"next", page.next}});
}

Result<http::Begun> export_blob_info(const Call& call) {
  TT_ASSIGN(const BlobKey key, key_of(call));
  TT_ASSIGN(const BlobInfo info, call.api.services.blobs.stat(key));
  return json_answer(200, {{"key", key.to_string()}, {"bytes", info.size}, {"written_at_ms", info.written_at_ms}});
}

Result<http::Begun> export_blob(const Call& call) {
  TT_ASSIGN(const BlobKey key, key_of(call));
  // A key is written once: it names its bytes.
  const std::string text = key.to_string();
  return answer_blob(call, {.key = key,
                            .sha256 = to_hex(sha256(as_bytes(text))),
                            .content_type = "application/octet-stream",
                            .file_name = ""});
}

Result<http::Begun> export_photos(const Call& call) {
  ListQuery query;
  TT_ASSIGN(query.limit, limit_parameter(call));
  query.cursor = text_parameter(call, "cursor");
  TT_ASSIGN(const ListPage page, call.api.services.index.list(call.arguments[0], query));
  return json_as_it_is(to_text(page));
}

Result<http::Begun> export_photo(const Call& call) {
  TT_ASSIGN(const PhotoId photo, id_argument(call, 1));
  TT_ASSIGN(const Photo row, call.api.services.index.get(call.arguments[0], photo));
  return json_as_it_is(to_text(row));
}

Result<http::Begun> export_jobs(const Call& call) {
  JobQuery query;
  TT_ASSIGN(query.limit, limit_parameter(call));
  query.cursor = text_parameter(call, "cursor");
  TT_ASSIGN(const JobPage page, call.api.services.jobs.list(query));
  Json records = Json::array();
  for (const JobRecord& record : page.records) records.push_back(to_json(record));
  return json_answer(200, {{"records", std::move(records)}, {"next", page.next}});
}

}  // namespace tintype
