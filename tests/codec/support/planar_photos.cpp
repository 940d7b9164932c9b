#include "tests/codec/support/planar_photos.h"

#include "codec/jpeg/jpeg_coefficients.h"
#include "codec/probe.h"
#include "tests/codec/support/environment.h"

namespace tintype::testing {

int for_each_planar_photo(
    double most_megapixels,
    const std::function<bool(const std::string& path, ByteView file, const SourceInfo& info)>& look) {
  const std::vector<std::string> files = files_of("TINTYPE_PHOTOS");
  if (files.empty()) return -1;
  int looked_at = 0;
  for (const std::string& path : files) {
    const Bytes file = read_file(path);
    const auto info = probe(file.view());
    if (!info || info->format != ImageFormat::kJpeg || info->megapixels() > most_megapixels) continue;
    const auto jpeg = decode_jpeg_coefficients(file.view(), *info, {});
    if (!jpeg || !jpeg->has_value()) continue;
    ++looked_at;
    if (!look(path, file.view(), *info)) break;
  }
  return looked_at;
}

}  // namespace tintype::testing
