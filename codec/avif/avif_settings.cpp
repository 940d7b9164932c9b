#include "codec/avif/avif_settings.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tintype {
namespace {

constexpr int kSlowestSpeed = 10;
// Up to this speed libaom's search makes up for what 8 bits lose.
constexpr int kFirstDeepSpeed = 8;
constexpr int kThoroughSpeed = 5;
constexpr int kHastySpeed = 9;
// At this speed alone libaom takes photographs of quiet colours for screens, and palettes for their blocks cost two to
// four times the bytes; slower ones weigh them, faster ones do without.
constexpr int kSpeedOfBadPalettes = 8;

// The quality to give libavif so that a picture comes out as good as it does at speed 6 and 8 bits with 44 and with 60:
// equal means of SSIMULACRA2, near 73 and 82. Between and beyond, straight lines to 0 and 100.
constexpr double kLowAnchor = 44;
constexpr double kHighAnchor = 60;
struct QualityRow {
  int speed;
  int depth;
  double at_low;
  double at_high;
};
constexpr QualityRow kQualities[] = {
    {5, 8, 43.6, 58.9},  {6, 8, 44, 60},     {7, 8, 44.9, 60.9},  {8, 8, 54.8, 70.7},
    {8, 10, 53.6, 68.2}, {9, 8, 55.7, 71.4}, {9, 10, 54.5, 69.0},
};

double between(double value, double low, double high, double at_low, double at_high) {
  return at_low + (value - low) * (at_high - at_low) / (high - low);
}

int quality_at(int speed, int depth, int quality) {
  const int known_speed = std::clamp(speed, kThoroughSpeed, kHastySpeed);
  const auto* row = std::ranges::find_if(
      kQualities, [&](const QualityRow& entry) { return entry.speed == known_speed && entry.depth == depth; });
  const double wanted = quality;
  const double given = wanted < kLowAnchor    ? between(wanted, 0, kLowAnchor, 0, row->at_low)
                       : wanted < kHighAnchor ? between(wanted, kLowAnchor, kHighAnchor, row->at_low, row->at_high)
                                              : between(wanted, kHighAnchor, 100, row->at_high, 100);
  return static_cast<int>(std::lround(given));
}

// libavif's qualities are steps of a quantiser of 64. What lies between two is the upper one with a part of what
// tune=iq adds taken back: its finer chroma is worth half a point of SSIMULACRA2, its sharpness one or two, and bytes
// in proportion.
void go_back(int quarters, AvifSettings& settings) {
  if (quarters != 2) settings.options.push_back({"enable-chroma-deltaq", "0"});
  if (quarters >= 2) settings.options.push_back({"sharpness", "0"});
}

}  // namespace

AvifSettings avif_settings(const EncodeOptions& options, PictureKind kind, bool can_be_deep) {
  AvifSettings settings;
  settings.speed = kSlowestSpeed - options.effort;
  // libaom's tuning for still pictures: fewer bytes at equal quality than its default at every speed.
  settings.options.push_back({"tune", "iq"});
  if (options.quarters > 0) go_back(4 - options.quarters, settings);
  const bool is_textured =
      kind == PictureKind::kTextured || kind == PictureKind::kSlanted || kind == PictureKind::kDense;
  const bool has_edges = kind == PictureKind::kText || kind == PictureKind::kSlanted;
  // For who is in haste, slanted edges are worth the slower search, but not 10 bits as well: a third of its time.
  const bool is_shallow = settings.speed == kHastySpeed && kind == PictureKind::kSlanted;
  if (settings.speed == kHastySpeed && has_edges) settings.speed = kHastySpeed - 1;
  if (settings.speed == kThoroughSpeed && is_textured) {
    settings.options.push_back({"enable-rect-partitions", "0"});
    if (kind == PictureKind::kDense) settings.speed = kThoroughSpeed + 1;
  }
  if (settings.speed == kSpeedOfBadPalettes && kind != PictureKind::kText) {
    settings.options.push_back({"enable-palette", "0"});
  }
  settings.depth = can_be_deep && settings.speed >= kFirstDeepSpeed && !is_shallow ? 10 : 8;
  settings.quality = quality_at(settings.speed, settings.depth, options.quality + (options.quarters > 0 ? 1 : 0));
  return settings;
}

}  // namespace tintype
