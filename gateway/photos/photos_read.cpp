// GET /v1/photos/{id} and the bytes under it; GET /s/...
#include <charconv>
#include <format>

#include "gateway/access/gate.h"
#include "gateway/access/signed_path.h"
#include "gateway/api.h"
#include "gateway/parameters.h"
#include "gateway/photos/blob_answer.h"
#include "gateway/photos/photo_json.h"
#include "gateway/photos/picture_choice.h"
#include "gateway/photos/picture_urls.h"
#include "gateway/problem.h"

namespace tintype {
namespace {

constexpr std::string_view kForEver = "private, max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "private, no-cache";
constexpr std::string_view kVaryByCaller = "Authorization, Tintype-Owner";
constexpr std::string_view kVaryByCallerAndAccept = "Accept, Authorization, Tintype-Owner";
constexpr std::uint32_t kMaxWidth = 65'535;

bool promises_variant(const Photo& photo, std::string_view name) {
  for (const Rung& rung : photo.heavy.job.recipe.rungs) {
    if (rung.name() == name) return true;
  }
  return false;
}

using SharedPhoto = std::shared_ptr<const Photo>;

Result<SharedPhoto> find_photo(const Call& call, const std::string& owner, PhotoId id) {
  auto photo = call.api.services.index.get_shared(owner, id);
  if (!photo && photo.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, std::format("there is no photo {}", id.to_string()));
  }
  return photo;
}

Result<SharedPhoto> photo_of(const Call& call) {
  TT_ASSIGN(const PhotoId id, id_argument(call));
  return find_photo(call, call.owner, id);
}

// True if the URL names, as `v`, the revision that the photo has and keeps: then its bytes never change.
bool names_revision(const Call& call, const Photo& photo) {
  const std::string* version = call.target.find("v");
  return version && *version == std::to_string(photo.light.revision) && (photo.light.complete || photo.light.failed);
}

Result<ServedBlob> original_of(const Photo& photo) {
  TT_ASSIGN(BlobKey key, BlobKey::parse(photo.heavy.original_key));
  return ServedBlob{std::move(key), photo.heavy.sha256, original_type(photo), photo.heavy.file_name};
}

Result<ServedBlob> blob_of(const Photo& photo, const PictureChoice& choice) {
  if (!choice.variant) return original_of(photo);
  TT_ASSIGN(BlobKey key, BlobKey::parse(choice.variant->blob_key));
  return ServedBlob{std::move(key), choice.variant->sha256, format_mime(choice.variant->format), ""};
}

http::Response not_acceptable(const Photo& photo) {
  return problem_response(
      Problem{{ErrorCode::kUnsupported, std::format("there is only {} of this photo, which the request's Accept header "
                                                    "does not take",
                                                    original_type(photo))},
              406,
              {},
              {}});
}

http::Response no_such_variant(const Photo& photo, const std::string& name) {
  const bool coming = !photo.light.complete && !photo.light.failed && promises_variant(photo, name);
  return problem_response(
      Problem{{ErrorCode::kNotFound, std::format("photo {} has no variant '{}'{}", photo.light.photo.to_string(), name,
                                                 coming ? " yet; its job is not done" : "")},
              {},
              coming,
              photo.heavy.job.id});
}

// "w512" -> 512; none for a variant's name.
std::optional<std::uint32_t> width_in(std::string_view name) {
  if (!name.starts_with('w')) return {};
  std::uint32_t width = 0;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), width);
  if (error != std::errc() || end != name.data() + name.size() || name.size() < 2) return {};
  return width;
}

}  // namespace

Result<http::Begun> show_photo(const Call& call) {
  TT_ASSIGN(const auto urls, PictureUrls::wanted_by(call));
  TT_ASSIGN(const SharedPhoto shared, photo_of(call));
  const Photo& photo = *shared;
  Json json = to_json_value(photo);
  if (urls) json["url"] = urls->of(photo.light);
  return json_answer(200, json);
}

Result<http::Begun> send_original(const Call& call) {
  TT_ASSIGN(const SharedPhoto shared, photo_of(call));
  const Photo& photo = *shared;
  TT_ASSIGN(ServedBlob blob, original_of(photo));
  blob.content_type = photo.light.format ? format_mime(*photo.light.format) : "application/octet-stream";
  // Its bytes are the upload's, but its type is not known before it was probed.
  if (photo.light.format && names_revision(call, photo)) blob.cache_control = kForEver;
  return answer_blob(call, blob);
}

Result<http::Begun> send_variant(const Call& call) {
  TT_ASSIGN(const SharedPhoto shared, photo_of(call));
  const Photo& photo = *shared;
  const std::string& name = call.arguments[1];
  const std::string instead = text_parameter(call, "or", "nothing");
  if (instead != "nothing" && instead != "nearest") {
    return fail(ErrorCode::kInvalidArgument, std::format("or={} must be 'nearest' or 'nothing'", instead));
  }
  const PictureChoice choice = choose_picture(photo, {call.request.header("Accept"), 0, name});
  const bool is_it = choice.variant && choice.variant->name == name;
  if (!is_it && (instead == "nothing" || !promises_variant(photo, name))) return no_such_variant(photo, name);
  if (!choice.is_acceptable) return not_acceptable(photo);
  TT_ASSIGN(ServedBlob blob, blob_of(photo, choice));
  if (!is_it) blob.vary = kVaryByCallerAndAccept;
  if (is_it && names_revision(call, photo)) blob.cache_control = kForEver;
  return answer_blob(call, blob);
}

Result<http::Begun> send_picture(const Call& call) {
  TT_ASSIGN(const std::uint64_t width, number_parameter(call, "w", 1, kMaxWidth, 0));
  TT_ASSIGN(const SharedPhoto shared, photo_of(call));
  const Photo& photo = *shared;
  const PictureChoice choice =
      choose_picture(photo, {call.request.header("Accept"), static_cast<std::uint32_t>(width), ""});
  if (!choice.is_acceptable) return not_acceptable(photo);
  TT_ASSIGN(ServedBlob blob, blob_of(photo, choice));
  blob.vary = kVaryByCallerAndAccept;
  if (names_revision(call, photo)) blob.cache_control = kForEver;
  return answer_blob(call, blob);
}

Result<http::Begun> send_signed_picture(const Call& call) {
  const UnixMs now_ms = call.api.services.clock.now_ms();
  const auto book = call.api.gate.book();
  if (!book) return fail(ErrorCode::kDenied, "this farm has no keys, so no URL is signed by one");
  const auto& part = call.arguments;
  TT_ASSIGN(const SignedPicture picture,
            check_signed_path(*book, {part[0], part[1], part[2], part[3], part[4], part[5], part[6]}, now_ms));
  TT_ASSIGN(const SharedPhoto shared, find_photo(call, picture.owner, picture.photo));
  const Photo& photo = *shared;

  const bool original = picture.name == "original";
  const std::optional<std::uint32_t> width = width_in(picture.name);
  PictureChoice choice;
  if (original) {
    choice.is_final = photo.light.format.has_value();
  } else {
    choice = choose_picture(photo, {call.request.header("Accept"), width.value_or(0), width ? "" : picture.name});
  }
  if (!choice.is_acceptable) return not_acceptable(photo);
  TT_ASSIGN(ServedBlob blob, blob_of(photo, choice));

  const std::int64_t left_s = picture.expires_s - now_ms / 1000;
  const bool is_final = choice.is_final && (original || picture.revision == photo.light.revision);
  const std::string cache_control =
      is_final ? std::format("public, max-age={}, immutable", left_s) : "public, no-cache";
  blob.cache_control = cache_control;
  blob.vary = width || !is_final ? "Accept" : "";
  TT_ASSIGN(http::Begun begun, answer_blob(call, blob));
  // Whoever has the URL may show the picture, on a page of any origin.
  if (auto* response = std::get_if<http::Response>(&begun)) {
    response->set("Access-Control-Allow-Origin", "*");
    response->set("Cross-Origin-Resource-Policy", "cross-origin");
  }
  return begun;
}

}  // namespace tintype
