#include "codec/avif/avif_settings.h"

namespace tintype {
namespace {

// From this speed on, 10 bits cost less than they save.
constexpr int kFirstTenBitSpeed = 8;

}  // namespace

AvifSettings avif_settings(const EncodeOptions& options) {
  AvifSettings settings;
  settings.speed = 10 - options.effort;
  settings.quality = options.quality;
  settings.depth = settings.speed >= kFirstTenBitSpeed ? 10 : 8;
  // libaom's tuning for still pictures: fewer bytes at equal quality than its default at every speed.
  settings.options.push_back({"tune", "iq"});
  return settings;
}

}  // namespace tintype
