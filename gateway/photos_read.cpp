// GET /v1/photos, /v1/photos/{id}, and the bytes under it.
#include <format>

#include "gateway/api.h"
#include "gateway/blob_answer.h"
#include "gateway/parameters.h"
#include "gateway/photo_json.h"
#include "gateway/problem.h"

namespace tintype {
namespace {

bool promises_variant(const Photo& photo, std::string_view name) {
  for (const Rung& rung : photo.heavy.job.recipe.rungs) {
    if (rung.name() == name) return true;
  }
  return false;
}

Result<Photo> photo_of(const Call& call) {
  TT_ASSIGN(const PhotoId id, id_argument(call));
  auto photo = call.api.services.index.get(call.owner, id);
  if (!photo && photo.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, std::format("there is no photo {}", id.to_string()));
  }
  return photo;
}

}  // namespace

Result<http::Begun> list_photos(const Call& call) {
  ListQuery query;
  const std::string by = text_parameter(call, "by", "uploaded");
  if (by != "uploaded" && by != "taken") {
    return fail(ErrorCode::kInvalidArgument, std::format("by={} must be 'uploaded' or 'taken'", by));
  }
  query.by = by == "taken" ? ListOrder::kTaken : ListOrder::kUploaded;
  TT_ASSIGN(query.from_ms, time_parameter(call, "from"));
  TT_ASSIGN(query.to_ms, time_parameter(call, "to"));
  TT_ASSIGN(query.limit, limit_parameter(call));
  query.cursor = text_parameter(call, "cursor");
  TT_ASSIGN(const ListPage page, call.api.services.index.list(call.owner, query));
  Json photos = Json::array();
  for (const LightRow& row : page.rows) photos.push_back(to_json_value(row));
  return json_answer(200, {{"photos", std::move(photos)}, {"next", page.next}});
}

Result<http::Begun> show_photo(const Call& call) {
  TT_ASSIGN(const Photo photo, photo_of(call));
  return json_answer(200, to_json_value(photo));
}

Result<http::Begun> send_original(const Call& call) {
  TT_ASSIGN(const Photo photo, photo_of(call));
  TT_ASSIGN(const BlobKey key, BlobKey::parse(photo.heavy.original_key));
  const auto type = photo.light.format ? format_mime(*photo.light.format) : "application/octet-stream";
  return answer_blob(call, {key, photo.heavy.sha256, type, photo.heavy.file_name});
}

Result<http::Begun> send_variant(const Call& call) {
  TT_ASSIGN(const Photo photo, photo_of(call));
  const std::string& name = call.arguments[1];
  const Variant* variant = photo.heavy.manifest.find(name);
  if (!variant) {
    const bool coming = !photo.light.complete && !photo.light.failed && promises_variant(photo, name);
    Problem problem{
        {ErrorCode::kNotFound, std::format("photo {} has no variant '{}'{}", photo.light.photo.to_string(),
                                           name, coming ? " yet; its job is not done" : "")},
        {},
        coming,
        photo.heavy.job.id};
    return problem_response(problem);
  }
  TT_ASSIGN(const BlobKey key, BlobKey::parse(variant->blob_key));
  return answer_blob(call, {key, variant->sha256, format_mime(variant->format), ""});
}

}  // namespace tintype
