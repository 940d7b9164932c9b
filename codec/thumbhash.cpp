#include "codec/thumbhash.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "codec/resize.h"

namespace tintype {
namespace {

struct Rgba {
  double r = 0, g = 0, b = 0;  // 0 to 255
  double a = 0;                // 0 to 1
};

// Luminance, yellow against blue, red against green, alpha; each over the whole picture.
struct Channels {
  std::vector<double> l, p, q, a;
  bool has_alpha = false;
};

Rgba pixel_at(const Image& image, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t* p = image.row(y) + std::size_t{x} * image.channels;
  return {double(p[0]), double(p[1]), double(p[2]), image.channels == 4 ? p[3] / 255.0 : 1.0};
}

// What shows through a picture's transparent parts; its colours, 0 to 1, and the sum of its alphas. Here and below
// the order of operations is the author's, so that ties are rounded as his code does.
Rgba average_of(const Image& image) {
  Rgba sum;
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      const Rgba c = pixel_at(image, x, y);
      sum.r += c.a / 255 * c.r;
      sum.g += c.a / 255 * c.g;
      sum.b += c.a / 255 * c.b;
      sum.a += c.a;
    }
  }
  if (sum.a > 0) {
    sum.r /= sum.a;
    sum.g /= sum.a;
    sum.b /= sum.a;
  }
  return sum;
}

Channels split(const Image& image) {
  const Rgba average = average_of(image);
  const std::size_t pixels = std::size_t{image.width} * image.height;
  Channels out;
  out.has_alpha = average.a < static_cast<double>(pixels);
  for (auto* channel : {&out.l, &out.p, &out.q, &out.a}) channel->reserve(pixels);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      const Rgba c = pixel_at(image, x, y);
      const double r = average.r * (1 - c.a) + c.a / 255 * c.r;
      const double g = average.g * (1 - c.a) + c.a / 255 * c.g;
      const double b = average.b * (1 - c.a) + c.a / 255 * c.b;
      out.l.push_back((r + g + b) / 3);
      out.p.push_back((r + g) / 2 - b);
      out.q.push_back(r - g);
      out.a.push_back(c.a);
    }
  }
  return out;
}

struct Frequencies {
  double mean = 0;
  double scale = 0;        // of the largest
  std::vector<double> ac;  // 0 to 1, where 0.5 is none
};

std::vector<double> cosines(std::uint32_t size, int frequency) {
  std::vector<double> out(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    out[i] = std::cos(std::numbers::pi / size * frequency * (i + 0.5));
  }
  return out;
}

// The triangle of frequencies below `nx` across and `ny` down.
Frequencies transform(const std::vector<double>& channel, const Image& image, int nx, int ny) {
  Frequencies out;
  for (int cy = 0; cy < ny; ++cy) {
    const std::vector<double> fy = cosines(image.height, cy);
    for (int cx = 0; cx * ny < nx * (ny - cy); ++cx) {
      const std::vector<double> fx = cosines(image.width, cx);
      double f = 0;
      for (std::uint32_t y = 0; y < image.height; ++y) {
        for (std::uint32_t x = 0; x < image.width; ++x) f += channel[x + std::size_t{y} * image.width] * fx[x] * fy[y];
      }
      f /= static_cast<double>(channel.size());
      if (cx == 0 && cy == 0) {
        out.mean = f;
        continue;
      }
      out.ac.push_back(f);
      out.scale = std::max(out.scale, std::abs(f));
    }
  }
  if (out.scale > 0) {
    for (double& f : out.ac) f = 0.5 + 0.5 / out.scale * f;
  }
  return out;
}

std::uint32_t rounded(double value) { return static_cast<std::uint32_t>(std::floor(value + 0.5)); }

int frequencies_of(int limit, std::uint32_t side, std::uint32_t longest) {
  return std::max(1, static_cast<int>(rounded(static_cast<double>(limit) * side / longest)));
}

std::string hash_of(const Image& image) {
  const Channels channels = split(image);
  const int limit = channels.has_alpha ? 5 : 7;
  const std::uint32_t longest = std::max(image.width, image.height);
  const int lx = frequencies_of(limit, image.width, longest);
  const int ly = frequencies_of(limit, image.height, longest);
  const Frequencies l = transform(channels.l, image, std::max(3, lx), std::max(3, ly));
  const Frequencies p = transform(channels.p, image, 3, 3);
  const Frequencies q = transform(channels.q, image, 3, 3);
  const Frequencies a = channels.has_alpha ? transform(channels.a, image, 5, 5) : Frequencies{};

  const bool landscape = image.width > image.height;
  const std::uint32_t head = rounded(63 * l.mean) | rounded(31.5 + 31.5 * p.mean) << 6 |
                             rounded(31.5 + 31.5 * q.mean) << 12 | rounded(31 * l.scale) << 18 |
                             std::uint32_t{channels.has_alpha} << 23;
  const std::uint32_t tail = static_cast<std::uint32_t>(landscape ? ly : lx) | rounded(63 * p.scale) << 3 |
                             rounded(63 * q.scale) << 9 | std::uint32_t{landscape} << 15;
  std::string out;
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte & 255)); };
  for (const int shift : {0, 8, 16}) put(head >> shift);
  for (const int shift : {0, 8}) put(tail >> shift);
  if (channels.has_alpha) put(rounded(15 * a.mean) | rounded(15 * a.scale) << 4);

  std::uint32_t held = 0;
  bool half = false;
  for (const Frequencies* channel : {&l, &p, &q, &a}) {
    for (const double f : channel->ac) {
      held |= rounded(15 * f) << (half ? 4 : 0);
      if (half) put(std::exchange(held, 0));
      half = !half;
    }
  }
  if (half) put(held);
  return out;
}

}  // namespace

Result<std::string> thumbhash_of(const Image& image) {
  const std::uint32_t longest = std::max(image.width, image.height);
  if (longest <= kThumbhashSide) return hash_of(image);
  const auto reduced = [&](std::uint32_t side) {
    return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::uint64_t{side} * kThumbhashSide / longest));
  };
  TT_ASSIGN(const Image small, resize(image, reduced(image.width), reduced(image.height)));
  return hash_of(small);
}

}  // namespace tintype
