// Metadata: what a file says beside its pixels, and the part of it that a policy lets through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/job/recipe.h"

namespace tintype {

struct Metadata {
  Bytes icc;                                     // an RGB profile that fits the pixels as decoded; empty: sRGB
  bool icc_is_srgb = false;                      // the profile describes sRGB: leaving it out changes nothing
  std::optional<UnixMs> taken_at_ms;             // EXIF DateTimeOriginal with OffsetTimeOriginal (UTC if none)
  std::string taken_text;                        // "2024:05:17 09:30:00" as EXIF has it; empty: none
  std::string taken_offset;                      // "+02:00"; empty: none
  std::string make, model, lens;                 // printable, up to 64 bytes each
  std::optional<double> latitude, longitude;     // degrees
  std::string exposure, aperture, focal_length;  // as text, "1/250", "f/2.8", "35 mm"; empty: none
  std::optional<int> iso;

  Metadata clone() const;
};

// EXIF bytes (TIFF header first, no "Exif\0\0") holding what `policy` keeps; empty when that is nothing.
// Orientation is never written: pixels are upright.
Bytes build_exif(const Metadata& metadata, const MetadataPolicy& policy);

// The same as a flat JSON object for the photo's heavy row; "" when nothing is kept. With gps only if the
// policy keeps it.
std::string metadata_json(const Metadata& metadata, const MetadataPolicy& policy);

// The profile to embed in a variant: empty when the policy drops it or when the profile says no more than
// sRGB, which is what a file without a profile means. Borrows from `metadata`.
ByteView icc_to_embed(const Metadata& metadata, const MetadataPolicy& policy);

// Reads a TIFF-headed EXIF block; anything odd is left out, never an error. `orientation` becomes 1..8.
void read_exif(ByteView exif, Metadata& metadata, std::uint8_t& orientation);

}  // namespace tintype
