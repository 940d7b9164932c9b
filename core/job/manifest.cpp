#include "core/job/manifest.h"

#include <algorithm>

#include "core/job/contract_json.h"

namespace tintype {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kMaxJsonBytes = 4u << 20;
constexpr std::size_t kMaxItems = 4096;

Json source_to_json(const SourceInfo& source) {
  return {{"format", format_name(source.format)},
          {"width", source.width},
          {"height", source.height},
          {"orientation", source.orientation},
          {"channels", source.channels},
          {"bits", source.bits},
          {"alpha", source.has_alpha},
          {"progressive", source.progressive},
          {"frames", source.frames},
          {"bytes", source.bytes}};
}

SourceInfo read_source(FieldReader& in) {
  SourceInfo source;
  in.read_word("format", parse_format, source.format);
  in.read("width", source.width);
  in.read("height", source.height);
  in.read("orientation", source.orientation, 1, 8);
  in.read("channels", source.channels);
  in.read("bits", source.bits);
  in.read("alpha", source.has_alpha);
  in.read("progressive", source.progressive);
  in.read("frames", source.frames);
  in.read("bytes", source.bytes);
  return source;
}

Json variant_to_json(const Variant& variant) {
  Json json = {{"name", variant.name},     {"blob_key", variant.blob_key}, {"width", variant.width},
               {"height", variant.height}, {"bytes", variant.bytes},       {"format", format_name(variant.format)},
               {"sha256", variant.sha256}, {"encoder", variant.encoder},   {"quality", variant.quality},
               {"effort", variant.effort}, {"threads", variant.threads},   {"encode_seconds", variant.encode_seconds}};
  if (variant.contract) json["contract"] = contract_to_json(*variant.contract);
  return json;
}

Variant read_variant(FieldReader& in) {
  Variant variant;
  in.read("name", variant.name);
  in.read("blob_key", variant.blob_key);
  in.read("width", variant.width);
  in.read("height", variant.height);
  in.read("bytes", variant.bytes);
  in.read_word("format", parse_format, variant.format);
  in.read("sha256", variant.sha256);
  in.read("encoder", variant.encoder);
  in.read("quality", variant.quality);
  in.read("effort", variant.effort);
  in.read("threads", variant.threads);
  in.read_seconds("encode_seconds", variant.encode_seconds);
  if (in.has("contract")) in.read_object("contract", variant.contract.emplace(), read_contract);
  return variant;
}

}  // namespace

const Variant* Manifest::find(std::string_view name) const {
  const auto found = std::ranges::find(variants, name, &Variant::name);
  return found == variants.end() ? nullptr : &*found;
}

bool Manifest::is_complete_for(const Recipe& recipe) const {
  return recipe_version == recipe.version() &&
         std::ranges::all_of(recipe.rungs, [this](const Rung& rung) { return find(rung.name()) != nullptr; });
}

std::string to_json(const Manifest& manifest) {
  Json variants = Json::array();
  for (const Variant& variant : manifest.variants) variants.push_back(variant_to_json(variant));
  return dump_json({{"schema", kSchemaVersion},
                    {"revision", manifest.revision},
                    {"recipe_name", manifest.recipe_name},
                    {"recipe_version", manifest.recipe_version},
                    {"source", source_to_json(manifest.source)},
                    {"variants", std::move(variants)},
                    {"warnings", manifest.warnings},
                    {"job", manifest.job.to_string()},
                    {"committed_at_ms", manifest.committed_at_ms}});
}

Result<Manifest> parse_manifest(std::string_view json) {
  constexpr ErrorCode kCode = ErrorCode::kCorruptData;
  TT_ASSIGN(const Json tree, parse_json_object(json, "manifest", kMaxJsonBytes, kCode));
  TT_TRY(check_schema(tree, "manifest", kSchemaVersion, kCode));
  Manifest manifest;
  FieldReader in(tree, "manifest", kCode);
  in.read("revision", manifest.revision);
  in.read("recipe_name", manifest.recipe_name);
  in.read("recipe_version", manifest.recipe_version);
  in.read_object("source", manifest.source, read_source);
  in.read_objects("variants", manifest.variants, kMaxItems, read_variant);
  in.read("warnings", manifest.warnings, kMaxItems);
  in.read("job", manifest.job);
  in.read_time("committed_at_ms", manifest.committed_at_ms);
  TT_TRY(in.status());
  return manifest;
}

}  // namespace tintype
