#include "bench/vp8/pictures.h"

#include <webp/encode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "codec/decode.h"
#include "codec/probe.h"
#include "codec/resize.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastMegapixels = 0.3;

void copy_plane(const std::uint8_t* from, int stride, std::size_t width, std::size_t height,
                std::vector<std::uint8_t>& to) {
  to.resize(width * height);
  for (std::size_t row = 0; row < height; ++row) {
    std::memcpy(to.data() + row * width, from + row * static_cast<std::size_t>(stride), width);
  }
}

Status fill_planes(BenchPicture& picture) {
  WebPPicture webp;
  if (!WebPPictureInit(&webp)) return fail(ErrorCode::kInternal, "libwebp is another version than its header");
  const std::unique_ptr<WebPPicture, decltype(&WebPPictureFree)> owner(&webp, WebPPictureFree);
  webp.width = static_cast<int>(picture.rgb.width);
  webp.height = static_cast<int>(picture.rgb.height);
  webp.use_argb = 0;
  if (!WebPPictureImportRGB(&webp, picture.rgb.pixels.data(), static_cast<int>(picture.rgb.stride_bytes))) {
    return fail(ErrorCode::kOutOfMemory, "libwebp has no memory for the planes");
  }
  const vp8::Picture sides = picture.planes();
  copy_plane(webp.y, webp.y_stride, sides.width, sides.height, picture.y);
  copy_plane(webp.u, webp.uv_stride, sides.chroma_width(), sides.chroma_height(), picture.u);
  copy_plane(webp.v, webp.uv_stride, sides.chroma_width(), sides.chroma_height(), picture.v);
  return {};
}

// One picture turned eight ways, or one photo in several formats, counts once.
bool is_again(const std::string& name) {
  return (name.starts_with("exif_Landscape_") && !name.starts_with("exif_Landscape_1")) ||
         (name.starts_with("seed_") && !name.starts_with("seed_p3"));
}

}  // namespace

vp8::Picture BenchPicture::planes() const {
  return {rgb.width, rgb.height, y.data(), u.data(), v.data(), rgb.width, (rgb.width + 1) / 2};
}

std::vector<fs::path> photos_of(const std::string& dir, Half half) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(dir)) {
    const std::string extension = entry.path().extension().string();
    if ((extension == ".jpg" || extension == ".png") && !is_again(entry.path().filename().string()))
      all.push_back(entry.path());
  }
  std::ranges::sort(all);
  if (half == Half::kAll) return all;
  std::vector<fs::path> chosen;
  for (std::size_t i = half == Half::kTuned ? 0 : 1; i < all.size(); i += 2) chosen.push_back(all[i]);
  return chosen;
}

Result<BenchPicture> read_picture(const fs::path& path, double most_megapixels) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  TT_ASSIGN(SourceInfo info, probe(as_bytes(bytes)));
  info.bytes = bytes.size();
  TT_ASSIGN(Decoded decoded, decode(as_bytes(bytes), info, {0, DamagedPolicy::kKeep, true}));
  Image& image = decoded.image;
  const double megapixels = double(image.width) * image.height / 1e6;
  if (image.channels != 3 || megapixels < kLeastMegapixels)
    return fail(ErrorCode::kUnsupported, "no opaque photo of 0.3 MP");
  BenchPicture picture;
  picture.name = path.filename().string();
  const double scale = std::min(1.0, std::sqrt(most_megapixels / megapixels));
  if (scale < 1) {
    TT_ASSIGN(image, resize(image, static_cast<std::uint32_t>(image.width * scale),
                            static_cast<std::uint32_t>(image.height * scale)));
  }
  picture.rgb = std::move(image);
  TT_TRY(fill_planes(picture));
  return picture;
}

}  // namespace tintype::bench
