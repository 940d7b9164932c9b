#include "tests/kernels/hls/cases.h"

#include <array>
#include <format>
#include <span>

#include "kernels/hls/kernels.h"
#include "kernels/reference/jpeg_planes.h"
#include "kernels/reference/resize_rows.h"
#include "kernels/vp8/device_tables.h"
#include "tests/kernels/vp8/recording.h"

namespace tintype::test {
namespace {

template <typename T>
ToKernel to_kernel(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}
template <typename T>
FromKernel from_kernel(std::vector<T>& values) {
  return {reinterpret_cast<std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

constexpr std::uint32_t words_of(std::uint32_t samples, std::uint32_t in_a_word) {
  return (samples + in_a_word - 1) / in_a_word;
}

std::uint16_t half_of(const std::vector<std::uint64_t>& words, std::uint32_t stride, std::uint32_t x, std::uint32_t y) {
  return static_cast<std::uint16_t>(words[std::size_t{y} * stride + x / 4] >> (16 * (x % 4)));
}

// Rows of a plane as the reference takes them.
std::vector<std::vector<std::int16_t>> wide_rows(const WordPlane& plane, std::uint32_t width) {
  std::vector<std::vector<std::int16_t>> rows(plane.height, std::vector<std::int16_t>(width + kRowSlack));
  for (std::uint32_t y = 0; y < plane.height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) rows[y][x] = plane.wide(std::min(x, plane.width - 1), y);
  }
  return rows;
}

class JpegCase : public KernelCase {
 public:
  JpegCase(std::uint32_t width_blocks, std::uint32_t height_blocks, std::uint32_t scaled_size, Coefficients kind,
           std::uint32_t seed)
      : width_blocks_(width_blocks), height_blocks_(height_blocks), scaled_size_(scaled_size), quantiser_(64) {
    std::mt19937_64 random(seed);
    const bool is_extreme = kind == Coefficients::kExtremes;
    for (std::uint16_t& step : quantiser_)
      step = static_cast<std::uint16_t>(is_extreme ? 65535 - random() % 2 : 1 + random() % 120);
    coefficients_.resize(std::size_t{width_blocks} * height_blocks * 64);
    for (std::size_t i = 0; i < coefficients_.size(); ++i) {
      const int most = i % 64 == 0 ? 60 : i % 64 < 20 ? 6 : 1;
      const int likely = static_cast<int>(random() % static_cast<std::uint64_t>(2 * most + 1)) - most;
      coefficients_[i] = static_cast<std::int16_t>(is_extreme ? (random() % 2 ? 32767 : -32768) : likely);
    }
    width_ = width_blocks * scaled_size;
    expected_.resize(std::size_t{width_} * height_blocks * scaled_size);
    std::array<std::uint16_t, 64> quantiser;
    std::ranges::copy(quantiser_, quantiser.begin());
    reference::jpeg_plane({coefficients_.data(), width_blocks, height_blocks, quantiser}, scaled_size, expected_.data(),
                          width_);
    stride_ = words_of(width_, 8) + 1;
    out_.assign(std::size_t{stride_} * height_blocks * scaled_size, 0x5555555555555555);
  }

  KernelCall call() override {
    return {"jpeg_plane",
            {to_kernel(coefficients_), to_kernel(quantiser_), from_kernel(out_), width_blocks_, height_blocks_,
             scaled_size_, stride_}};
  }

  std::string difference() const override {
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      const std::size_t x = i % width_, y = i / width_;
      const auto made = static_cast<std::uint8_t>(out_[y * stride_ + x / 8] >> (8 * (x % 8)));
      if (made != expected_[i]) return std::format("sample {}, {} is {}, not {}", x, y, made, expected_[i]);
    }
    return "";
  }

 private:
  std::uint32_t width_blocks_, height_blocks_, scaled_size_, width_ = 0, stride_ = 0;
  std::vector<std::uint16_t> quantiser_;
  std::vector<std::int16_t> coefficients_;
  std::vector<std::uint64_t> out_;
  std::vector<std::uint8_t> expected_;
};

class PlaneCase : public KernelCase {
 public:
  std::string difference() const override {
    for (std::uint32_t y = 0; y < out_height_; ++y) {
      for (std::uint32_t x = 0; x < out_width_; ++x) {
        const std::uint16_t made = half_of(out_, out_stride_, x, y),
                            expected = expected_[std::size_t{y} * out_width_ + x];
        if (made != expected) return std::format("sample {}, {} is {}, not {}", x, y, made, expected);
      }
    }
    return "";
  }

 protected:
  void set_out(std::uint32_t width, std::uint32_t height) {
    out_width_ = width;
    out_height_ = height;
    out_stride_ = words_of(width, 4) + 1;
    out_.assign(std::size_t{out_stride_} * height, 0x5555555555555555);
  }

  std::uint32_t out_width_ = 0, out_height_ = 0, out_stride_ = 0;
  std::vector<std::uint64_t> out_;
  std::vector<std::uint16_t> expected_;
};

class HalveCase : public PlaneCase {
 public:
  explicit HalveCase(WordPlane plane) : plane_(std::move(plane)) {
    set_out((plane_.width + 1) / 2, (plane_.height + 1) / 2);
    const auto rows = wide_rows(plane_, 2 * out_width_);
    std::vector<std::int16_t> halved(out_width_ + kRowSlack);
    for (std::uint32_t y = 0; y < out_height_; ++y) {
      const auto& lower = rows[std::min(2 * y + 1, plane_.height - 1)];
      reference::halve_rows(rows[2 * y].data(), lower.data(), out_width_, halved.data());
      expected_.insert(expected_.end(), halved.begin(), halved.begin() + out_width_);
    }
  }

  KernelCall call() override {
    return {"halve_plane",
            {to_kernel(plane_.words), from_kernel(out_), plane_.width, plane_.height, plane_.stride,
             std::uint32_t{plane_.is_8_bit}, out_stride_}};
  }

 private:
  WordPlane plane_;
};

class ResizeCase : public PlaneCase {
 public:
  ResizeCase(WordPlane plane, const ResizeAxis& down, const ResizeAxis& across)
      : plane_(std::move(plane)),
        down_(make_resize_taps(down)),
        across_(make_resize_taps(across)),
        is_mirrored_(down.mirrored) {
    set_out(across_.out_samples, down_.out_samples);
    const auto rows = wide_rows(plane_, plane_.width);
    std::vector<std::int16_t> mixed(plane_.width + kRowSlack);
    std::vector<std::uint16_t> fine(out_width_ + kRowSlack);
    for (std::uint32_t y = 0; y < out_height_; ++y) {
      std::vector<const std::int16_t*> window;
      for (std::uint32_t k = 0; k < down_.count; ++k) window.push_back(rows[down_.first[y] + k].data());
      reference::mix_rows(window.data(), down_.weights_of(y), down_.count, plane_.width, mixed.data());
      reference::filter_row(mixed.data(), across_, fine.data());
      expected_.insert(expected_.end(), fine.begin(), fine.begin() + out_width_);
    }
  }

  KernelCall call() override {
    return {"resize_plane",
            {to_kernel(plane_.words), to_kernel(down_.first), to_kernel(down_.weights), to_kernel(across_.first),
             to_kernel(across_.weights), from_kernel(out_), plane_.width, plane_.height, plane_.stride,
             std::uint32_t{plane_.is_8_bit}, down_.count, down_.stride, across_.count, across_.stride, out_width_,
             out_height_, out_stride_, std::uint32_t{is_mirrored_}}};
  }

 private:
  WordPlane plane_;
  ResizeTaps down_, across_;
  bool is_mirrored_;
};

class Vp8Case : public KernelCase {
 public:
  Vp8Case(Planes420 planes, const vp8::Settings& settings)
      : planes_(std::move(planes)),
        expected_(record(planes_, settings)),
        tables_{device_tables(expected_.tables)},
        made_(expected_.macroblocks.size()) {}

  KernelCall call() override {
    return {"vp8_macroblocks",
            {to_kernel(planes_.y), to_kernel(planes_.u), to_kernel(planes_.v), to_kernel(tables_),
             to_kernel(expected_.segments), from_kernel(made_), planes_.width, planes_.height,
             static_cast<std::uint32_t>(expected_.credit), static_cast<std::uint32_t>(expected_.credit_share),
             static_cast<std::uint32_t>(expected_.tables.depth.levels),
             static_cast<std::uint32_t>(expected_.tables.depth.patience)}};
  }

  std::string difference() const override {
    const std::uint32_t columns = planes_.picture().macroblock_columns();
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const std::string what = test::difference(made_[i], expected_.macroblocks[i]);
      if (!what.empty()) return std::format("macroblock {}, {}: {}", i % columns, i / columns, what);
    }
    return "";
  }

 private:
  Planes420 planes_;
  Recording expected_;
  std::vector<Vp8DeviceTables> tables_;
  std::vector<Vp8DeviceMacroblock> made_;
};

}  // namespace

std::int16_t WordPlane::wide(std::uint32_t x, std::uint32_t y) const {
  if (!is_8_bit) return static_cast<std::int16_t>(half_of(words, stride, x, y));
  const std::uint64_t word = words[std::size_t{y} * stride + x / 8];
  return static_cast<std::int16_t>(static_cast<std::uint8_t>(word >> (8 * (x % 8))) << 7);
}

WordPlane make_plane(std::uint32_t width, std::uint32_t height, bool is_8_bit, Samples samples, std::uint32_t seed) {
  std::mt19937_64 random(seed);
  WordPlane plane{width, height, words_of(width, is_8_bit ? 8 : 4) + seed % 2, is_8_bit, {}};
  plane.words.resize(std::size_t{plane.stride} * height);
  for (std::uint64_t& word : plane.words) {
    if (is_8_bit) {
      word = random();
      if (samples == Samples::kExtremes) word = (word & 0x0101010101010101) * 0xff;
      continue;
    }
    word = 0;
    for (int s = 0; s < 4; ++s) {
      const std::uint64_t value = samples == Samples::kExtremes ? random() % 2 * 32640 : random() % 32641;
      word |= value << (16 * s);
    }
  }
  return plane;
}

WordPlane plane_of(const std::vector<std::uint8_t>& samples, std::uint32_t width, std::uint32_t height) {
  WordPlane plane{width, height, words_of(width, 8), true, {}};
  plane.words.resize(std::size_t{plane.stride} * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      plane.words[std::size_t{y} * plane.stride + x / 8] |= std::uint64_t{samples[std::size_t{y} * width + x]}
                                                            << (8 * (x % 8));
    }
  }
  return plane;
}

std::unique_ptr<KernelCase> jpeg_case(std::uint32_t width_blocks, std::uint32_t height_blocks,
                                      std::uint32_t scaled_size, Coefficients coefficients, std::uint32_t seed) {
  return std::make_unique<JpegCase>(width_blocks, height_blocks, scaled_size, coefficients, seed);
}

std::unique_ptr<KernelCase> halve_case(WordPlane plane) { return std::make_unique<HalveCase>(std::move(plane)); }

std::unique_ptr<KernelCase> resize_case(WordPlane plane, const ResizeAxis& down, const ResizeAxis& across) {
  return std::make_unique<ResizeCase>(std::move(plane), down, across);
}

std::unique_ptr<KernelCase> vp8_case(Planes420 planes, const vp8::Settings& settings) {
  return std::make_unique<Vp8Case>(std::move(planes), settings);
}

}  // namespace tintype::test
