#include "gateway/hooks/hook_orders.h"

#include <format>

#include "core/base/digest.h"
#include "gateway/jobs/transients.h"
#include "gateway/photos/upload_headers.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

// Everything that SigV4 escapes, and no more: the URL must read as it is signed.
std::string escaped(std::string_view text, std::string_view also_plain) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c) || also_plain.contains(c);
    if (plain) {
      out.push_back(c);
    } else {
      std::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool climbs(std::string_view key) {
  while (!key.empty()) {
    const std::size_t end = std::min(key.find('/'), key.size());
    const std::string_view segment = key.substr(0, end);
    if (segment == "." || segment == "..") return true;
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return false;
}

// Names the object, not the event: a repeated event, and one sent twice with another sequencer, is the same
// photo. No key of a client's holds a blank.
std::string key_of(const S3Event& event) {
  const std::string what = std::format("{}\n{}\n{}\n{}", event.bucket, event.key, event.version,
                                       event.etag.empty() ? event.sequencer : event.etag);
  return "s3 " + to_hex(sha256(as_bytes(what)));
}

}  // namespace

Result<UploadOrder> order_for(const Api& api, const HookedPhotos& photos, const std::string& trace_id) {
  UploadOrder order;
  order.owner = photos.owner;
  TT_ASSIGN(order.recipe, recipe_named(photos.recipe, api.recipes));
  order.job_class = photos.job_class;
  order.batch = photos.batch;
  order.trace_id = trace_id;
  return order;
}

Result<FetchUrl> object_url(const S3Source& source, std::string_view key, std::string_view version) {
  if (climbs(key) || key.contains('\\'))
    return fail(ErrorCode::kDenied, std::format("the key '{}' climbs; objects like this are not fetched", key));
  std::string base = source.endpoint.text;
  while (base.ends_with('/')) base.pop_back();
  std::string url = std::format("{}/{}/{}", base, escaped(source.bucket, ""), escaped(key, "/"));
  if (!version.empty() && version != "null") url += "?versionId=" + escaped(version, "");
  return FetchUrl::parse(url);
}

Result<Ingest> order_of(const Api& api, const S3Source& source, const S3Event& event, const std::string& trace_id) {
  Ingest ingest;
  TT_ASSIGN(ingest.order, order_for(api, source.photos, trace_id));
  if (source.owner_is_first_folder) {
    ingest.order.owner = event.key.substr(0, event.key.find('/'));
    if (!is_client_owner(ingest.order.owner))
      return fail(ErrorCode::kInvalidArgument,
                  std::format("the key '{}' does not begin with an owner's name", event.key));
  }
  TT_ASSIGN(ingest.order.file_name, parse_file_name(event.key));
  ingest.order.idempotency_key = key_of(event);
  FetchOrder fetch;
  TT_ASSIGN(fetch.url, object_url(source, event.key, event.version));
  fetch.networks = source.networks;
  fetch.credentials = source.credentials;
  fetch.if_match = event.etag;
  ingest.source = std::move(fetch);
  return ingest;
}

}  // namespace tintype
