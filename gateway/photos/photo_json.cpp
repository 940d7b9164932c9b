#include "gateway/photos/photo_json.h"

#include <format>

#include "core/base/signature.h"
#include "core/base/time_text.h"
#include "gateway/photos/contract_json.h"

namespace tintype {
namespace {

Json to_json_value(const Variant& variant) {
  Json json = {{"name", variant.name},
               {"width", variant.width},
               {"height", variant.height},
               {"bytes", variant.bytes},
               {"format", format_name(variant.format)},
               {"sha256", variant.sha256},
               {"encoder", variant.encoder},
               {"quality", variant.quality},
               {"effort", variant.effort},
               {"threads", variant.threads},
               {"encode_seconds", variant.encode_seconds}};
  if (variant.contract) json["contract"] = to_json_value(*variant.contract);
  return json;
}

Json to_json_value(const SourceInfo& source) {
  return {{"format", format_name(source.format)},
          {"width", source.width},
          {"height", source.height},
          {"orientation", source.orientation},
          {"channels", source.channels},
          {"bits", source.bits},
          {"has_alpha", source.has_alpha},
          {"progressive", source.progressive},
          {"frames", source.frames},
          {"bytes", source.bytes}};
}

}  // namespace

// Nothing in a row needs escaping.
void append_row(std::string& out, const LightRow& row) {
  std::format_to(std::back_inserter(out),
                 R"({{"id":"{}","uploaded_at":"{}","taken_at":"{}","width":{},"height":{},"bytes":{},"format":"{}",)"
                 R"("complete":{},"failed":{},"revision":{},"thumbhash":"{}")",
                 row.photo.to_string(), to_rfc3339(row.photo.time_ms()), to_rfc3339(row.taken_at_ms), row.width,
                 row.height, row.bytes, row.format ? format_name(*row.format) : "", row.complete, row.failed,
                 row.revision, to_base64(as_bytes(row.thumbhash)));
}

Json to_json_value(const Manifest& manifest) {
  Json variants = Json::array();
  for (const Variant& variant : manifest.variants) variants.push_back(to_json_value(variant));
  const bool committed = manifest.revision > 0;
  return {{"revision", manifest.revision},
          {"recipe", manifest.recipe_name},
          {"recipe_version", manifest.recipe_version},
          {"source", committed ? to_json_value(manifest.source) : Json(nullptr)},
          {"variants", std::move(variants)},
          {"warnings", manifest.warnings}};
}

Json to_json_value(const Photo& photo) {
  const LightRow& row = photo.light;
  Json out = {{"id", row.photo.to_string()},
              {"uploaded_at", to_rfc3339(row.photo.time_ms())},
              {"taken_at", to_rfc3339(row.taken_at_ms)},
              {"width", row.width},
              {"height", row.height},
              {"bytes", row.bytes},
              {"format", row.format ? format_name(*row.format) : ""},
              {"complete", row.complete},
              {"failed", row.failed},
              {"revision", row.revision},
              {"thumbhash", to_base64(as_bytes(row.thumbhash))}};
  const HeavyRow& heavy = photo.heavy;
  out["file_name"] = heavy.file_name;
  out["content_type"] = heavy.content_type;
  out["sha256"] = heavy.sha256;
  Json exif = Json::parse(heavy.exif_json, nullptr, false);
  out["exif"] = exif.is_object() ? std::move(exif) : Json::object();
  out["job_id"] = heavy.job.id.to_string();
  out["manifest"] = to_json_value(heavy.manifest);
  return out;
}

}  // namespace tintype
