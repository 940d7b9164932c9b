#include "gateway/photos/picture_choice.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "gateway/http/accept.h"

namespace tintype {
namespace {

bool takes(const PictureWish& wish, ImageFormat format) {
  const http::Acceptance acceptance = http::acceptance_of(wish.accept, format_mime(format));
  return acceptance.weight > 0 && (acceptance.is_named || format != ImageFormat::kAvif);
}

// Greater is better.
std::tuple<bool, std::int64_t, double, bool> rank(const Variant& variant, const PictureWish& wish) {
  const bool wide_enough = wish.width > 0 && variant.width >= wish.width;
  const auto width = static_cast<std::int64_t>(variant.width);
  return {wide_enough, wide_enough ? -width : width,
          http::acceptance_of(wish.accept, format_mime(variant.format)).weight, variant.format == ImageFormat::kAvif};
}

const Variant* best_variant(const Photo& photo, const PictureWish& wish) {
  const Variant* best = nullptr;
  for (const Variant& variant : photo.heavy.manifest.variants) {
    if (!takes(wish, variant.format)) continue;
    if (!best || rank(variant, wish) > rank(*best, wish)) best = &variant;
  }
  return best;
}

// "256.webp" is to be about 256 wide, whatever stands in for it.
std::uint32_t width_of_name(std::string_view name) {
  std::uint32_t width = 0;
  for (const char c : name) {
    if (c < '0' || c > '9' || width > 100'000) break;
    width = width * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return width;
}

}  // namespace

PictureChoice choose_picture(const Photo& photo, const PictureWish& wish) {
  const bool settled = photo.light.complete || photo.light.failed;
  PictureWish wanted = wish;
  if (!wish.name.empty()) {
    if (const Variant* variant = photo.heavy.manifest.find(wish.name)) return {variant, settled, true};
    wanted.width = width_of_name(wish.name);
  }
  if (const Variant* variant = best_variant(photo, wanted)) return {variant, settled && wish.name.empty(), true};
  const std::string_view type = original_type(photo);
  const bool unknown = type == "application/octet-stream";
  return {nullptr, settled && wish.name.empty(), unknown || http::acceptance_of(wish.accept, type).weight > 0};
}

std::string_view original_type(const Photo& photo) {
  if (photo.light.format) return format_mime(*photo.light.format);
  for (const ImageFormat format :
       {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp, ImageFormat::kAvif, ImageFormat::kGif}) {
    if (photo.heavy.content_type == format_mime(format)) return format_mime(format);
  }
  return "application/octet-stream";
}

}  // namespace tintype
