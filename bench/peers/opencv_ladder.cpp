// A ladder as a program with OpenCV makes it: read at the smallest size that serves, area averages from size to size,
// one thread. Orders on stdin (bench/peers/ladder_line.h).
#include <algorithm>
#include <cmath>
#include <iostream>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/peers/ladder_line.h"

namespace {

using tintype::bench::LadderOrder;

// OpenCV's JPEG reader scales by 2, 4 or 8; the size must be known first, which the probe of a reading program tells.
int read_mode(const cv::Size& size, std::uint32_t long_side) {
  const auto own = static_cast<std::uint32_t>(std::max(size.width, size.height));
  if (own / 8 >= long_side) return cv::IMREAD_REDUCED_COLOR_8;
  if (own / 4 >= long_side) return cv::IMREAD_REDUCED_COLOR_4;
  if (own / 2 >= long_side) return cv::IMREAD_REDUCED_COLOR_2;
  return cv::IMREAD_COLOR;
}

// Width and height of a JPEG's frame header.
cv::Size jpeg_size(const std::string& file) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(file[i]); };
  for (std::size_t at = 2; at + 9 < file.size();) {
    const int marker = byte(at + 1);
    if (marker >= 0xC0 && marker <= 0xC2) return {byte(at + 7) << 8 | byte(at + 8), byte(at + 5) << 8 | byte(at + 6)};
    at += 2 + (byte(at + 2) << 8 | byte(at + 3));
  }
  return {};
}

bool make_ladder(const LadderOrder& order) {
  const std::string file = tintype::bench::read_whole(order.file);
  cv::Mat picture =
      cv::imdecode(std::vector<char>(file.begin(), file.end()), read_mode(jpeg_size(file), order.long_sides.front()));
  if (picture.empty()) return false;
  for (const std::uint32_t long_side : order.long_sides) {
    const double scale = static_cast<double>(long_side) / std::max(picture.cols, picture.rows);
    if (scale < 1) {
      cv::Mat smaller;
      cv::resize(picture, smaller,
                 {std::max(1, static_cast<int>(std::lround(picture.cols * scale))),
                  std::max(1, static_cast<int>(std::lround(picture.rows * scale)))},
                 0, 0, cv::INTER_AREA);
      picture = smaller;
    }
    if (!cv::imwrite(order.out(long_side), picture, {cv::IMWRITE_WEBP_QUALITY, order.quality})) return false;
  }
  return true;
}

}  // namespace

int main() {
  cv::setNumThreads(1);
  for (std::string line; std::getline(std::cin, line);) {
    const tintype::bench::CostOfAnOrder cost;
    const bool made = make_ladder(tintype::bench::parse_order(line));
    std::cout << cost.json(made ? "" : "failed") << std::endl;
  }
}
