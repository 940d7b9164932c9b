#include "codec/resize.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

namespace tintype {
namespace {

// OpenCV's view of pixels that we own. The cast is for its signature: sources are only read.
cv::Mat view_of(const Image& image) {
  return cv::Mat(static_cast<int>(image.height), static_cast<int>(image.width),
                 CV_8UC(static_cast<int>(image.channels)), const_cast<std::uint8_t*>(image.pixels.data()),
                 image.stride_bytes);
}

bool is_opaque(const Image& image) {
  for (std::uint32_t y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.row(y);
    for (std::uint32_t x = 0; x < image.width; ++x)
      if (row[4 * x + 3] != 0xFF) return false;
  }
  return true;
}

// Colour times alpha, alpha times 255, in 16 bits: averages of these weigh each pixel by what it shows.
cv::Mat premultiply(const Image& image) {
  cv::Mat weighted(static_cast<int>(image.height), static_cast<int>(image.width), CV_16UC4);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    const std::uint8_t* in = image.row(y);
    auto* out = weighted.ptr<std::uint16_t>(static_cast<int>(y));
    for (std::uint32_t x = 0; x < image.width; ++x, in += 4, out += 4) {
      const unsigned alpha = in[3];
      for (int c = 0; c < 3; ++c) out[c] = static_cast<std::uint16_t>(in[c] * alpha);
      out[3] = static_cast<std::uint16_t>(alpha * 255);
    }
  }
  return weighted;
}

void unpremultiply(const cv::Mat& weighted, Image& image) {
  for (std::uint32_t y = 0; y < image.height; ++y) {
    const auto* in = weighted.ptr<std::uint16_t>(static_cast<int>(y));
    std::uint8_t* out = image.row(y);
    for (std::uint32_t x = 0; x < image.width; ++x, in += 4, out += 4) {
      const unsigned alpha = in[3];
      for (int c = 0; c < 3; ++c)
        out[c] = alpha == 0 ? 0 : static_cast<std::uint8_t>(std::min(255u, (in[c] * 255u + alpha / 2) / alpha));
      out[3] = static_cast<std::uint8_t>((alpha + 127) / 255);
    }
  }
}

}  // namespace

Result<Image> resize(const Image& image, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0 || width > image.width || height > image.height)
    return fail(ErrorCode::kInvalidArgument, "a picture of " + std::to_string(image.width) + " x " +
                                                 std::to_string(image.height) + " pixels cannot be reduced to " +
                                                 std::to_string(width) + " x " + std::to_string(height));
  const cv::Size size(static_cast<int>(width), static_cast<int>(height));
  try {
    Image reduced = Image::allocate(width, height, image.channels);
    if (image.channels == 4 && !is_opaque(image)) {
      cv::Mat weighted;
      cv::resize(premultiply(image), weighted, size, 0, 0, cv::INTER_AREA);
      unpremultiply(weighted, reduced);
    } else {
      cv::Mat target = view_of(reduced);
      cv::resize(view_of(image), target, size, 0, 0, cv::INTER_AREA);
    }
    return reduced;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "not enough memory to resize a picture");
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem)
      return fail(ErrorCode::kOutOfMemory, "not enough memory to resize a picture");
    return fail(ErrorCode::kInternal, std::string("OpenCV cannot resize the picture: ") + error.what());
  }
}

void use_one_thread_per_codec() { cv::setNumThreads(1); }

}  // namespace tintype
