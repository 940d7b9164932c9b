#include "codec/metadata.h"

#include <nlohmann/json.hpp>

namespace tintype {

Metadata Metadata::clone() const {
  Metadata copy;
  copy.icc = Bytes::copy_of(icc);
  copy.icc_is_srgb = icc_is_srgb;
  copy.taken_at_ms = taken_at_ms;
  copy.taken_text = taken_text;
  copy.taken_offset = taken_offset;
  copy.make = make;
  copy.model = model;
  copy.lens = lens;
  copy.latitude = latitude;
  copy.longitude = longitude;
  copy.exposure = exposure;
  copy.aperture = aperture;
  copy.focal_length = focal_length;
  copy.iso = iso;
  return copy;
}

std::string metadata_json(const Metadata& metadata, const MetadataPolicy& policy) {
  nlohmann::ordered_json json;
  const auto put = [&](const char* key, const auto& value) {
    if (value) json[key] = *value;
  };
  const auto put_text = [&](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  if (policy.date) {
    put("taken_at_ms", metadata.taken_at_ms);
    put_text("taken", metadata.taken_text);
    put_text("taken_offset", metadata.taken_offset);
  }
  if (policy.camera) {
    put_text("make", metadata.make);
    put_text("model", metadata.model);
    put_text("lens", metadata.lens);
    put_text("exposure", metadata.exposure);
    put_text("aperture", metadata.aperture);
    put_text("focal_length", metadata.focal_length);
    put("iso", metadata.iso);
  }
  if (policy.gps) {
    put("latitude", metadata.latitude);
    put("longitude", metadata.longitude);
  }
  // Texts are ASCII as read_exif() leaves them; a caller's own need not be.
  return json.empty() ? "" : json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

ByteView icc_to_embed(const Metadata& metadata, const MetadataPolicy& policy) {
  if (!policy.colour_profile || metadata.icc_is_srgb) return {};
  return metadata.icc;
}

}  // namespace tintype
