#include "tests/codec/support/judge.h"

#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tests/codec/support/environment.h"

namespace tintype::testing {

std::optional<Image> judge(ByteView file, bool keep_alpha) {
  const cv::Mat input(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::uint8_t*>(file.data()));
  const int flags = keep_alpha ? cv::IMREAD_UNCHANGED : cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;
  const cv::Mat bgr = cv::imdecode(input, flags);
  if (bgr.empty() || bgr.depth() != CV_8U || bgr.channels() < 3) return std::nullopt;
  Image image = Image::allocate(static_cast<std::uint32_t>(bgr.cols), static_cast<std::uint32_t>(bgr.rows),
                                static_cast<std::uint32_t>(bgr.channels()));
  for (int y = 0; y < bgr.rows; ++y) {
    const auto* in = bgr.ptr<std::uint8_t>(y);
    std::uint8_t* out = image.row(static_cast<std::uint32_t>(y));
    for (int x = 0; x < bgr.cols; ++x, in += bgr.channels(), out += bgr.channels()) {
      out[0] = in[2];
      out[1] = in[1];
      out[2] = in[0];
      if (bgr.channels() == 4) out[3] = in[3];
    }
  }
  return image;
}

bool avifdec_is_there() { return std::system("command -v avifdec >/dev/null 2>&1") == 0; }

std::optional<Image> judge_avif(ByteView file, bool keep_alpha) {
  const TemporaryFolder folder;
  const std::string avif = folder.path() + "/in.avif", png = folder.path() + "/out.png";
  write_file(avif, file);
  if (std::system(("avifdec -d 8 " + avif + " " + png + " >/dev/null 2>&1").c_str()) != 0) return std::nullopt;
  return judge(read_file(png), keep_alpha);
}

}  // namespace tintype::testing
