// AvifSettings: what libaom is told for a recipe's quality and effort. Pure. Measured by `bench/run avif`; the front is
// in docs/avif.md.
#pragma once

#include <vector>

#include "codec/encode.h"

namespace tintype {

struct AvifSettings {
  struct Option {
    const char* key;
    const char* value;
  };

  int speed = 6;    // libaom's cpu-used
  int quality = 60;  // libavif's 0..100
  int depth = 8;    // bits a sample, where the picture comes in planes
  std::vector<Option> options;
};

AvifSettings avif_settings(const EncodeOptions& options);

}  // namespace tintype
