// AvifSettings: what libaom is told for a recipe's quality and effort and for the picture it gets. Pure. Measured by
// `bench/run avif`; the front is in docs/avif.md.
#pragma once

#include <vector>

#include "codec/avif/picture_kind.h"
#include "codec/encode.h"

namespace tintype {

struct AvifSettings {
  struct Option {
    const char* key;
    const char* value;
  };

  int speed = 6;     // libaom's cpu-used
  int quality = 60;  // libavif's 0..100, at that speed and depth
  int depth = 8;     // bits a sample
  std::vector<Option> options;
};

// `can_be_deep`: whether 10 bits cost nothing to make of the picture (planes), or a slow conversion (RGB).
AvifSettings avif_settings(const EncodeOptions& options, PictureKind kind, bool can_be_deep);

}  // namespace tintype
