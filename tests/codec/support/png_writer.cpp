#include "tests/codec/support/png_writer.h"

#include <png.h>

#include <cstring>
#include <string_view>
#include <vector>

namespace tintype::testing {
namespace {

int png_colour_type(PngColour colour) {
  switch (colour) {
    case PngColour::kRgb:
      return PNG_COLOR_TYPE_RGB;
    case PngColour::kRgba:
      return PNG_COLOR_TYPE_RGBA;
    case PngColour::kGray:
      return PNG_COLOR_TYPE_GRAY;
    case PngColour::kGrayAlpha:
      return PNG_COLOR_TYPE_GRAY_ALPHA;
    case PngColour::kPalette:
      return PNG_COLOR_TYPE_PALETTE;
  }
  return -1;
}

// The samples of one pixel as the colour type has them, 8 bits each.
void append_samples(const std::uint8_t* pixel, PngColour colour, std::vector<std::uint8_t>& out) {
  switch (colour) {
    case PngColour::kRgb:
      out.insert(out.end(), pixel, pixel + 3);
      return;
    case PngColour::kRgba:
      out.insert(out.end(), pixel, pixel + 4);
      return;
    case PngColour::kGray:
      out.push_back(pixel[0]);
      return;
    case PngColour::kGrayAlpha:
      out.insert(out.end(), {pixel[0], pixel[3]});
      return;
    case PngColour::kPalette:
      out.push_back(static_cast<std::uint8_t>(pixel[0] / 51 * 36 + pixel[1] / 51 * 6 + pixel[2] / 51));
      return;
  }
}

std::vector<std::uint8_t> pack(const std::vector<std::uint8_t>& samples, int bits) {
  std::vector<std::uint8_t> row;
  if (bits == 16) {
    for (const std::uint8_t sample : samples) row.insert(row.end(), {sample, sample});
    return row;
  }
  if (bits == 8) return samples;
  row.resize((samples.size() * static_cast<std::size_t>(bits) + 7) / 8);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t bit = i * static_cast<std::size_t>(bits);
    row[bit / 8] |= static_cast<std::uint8_t>(samples[i] >> (8 - bits) << (8 - bits - static_cast<int>(bit % 8)));
  }
  return row;
}

}  // namespace

Bytes write_png(const Image& image, const PngKind& kind) {
  std::vector<std::uint8_t> file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp p, png_bytep bytes, std::size_t count) {
        auto& out = *static_cast<std::vector<std::uint8_t>*>(png_get_io_ptr(p));
        out.insert(out.end(), bytes, bytes + count);
      },
      nullptr);
  png_set_IHDR(png, info, image.width, image.height, kind.bits, png_colour_type(kind.colour),
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (kind.colour == PngColour::kPalette) {
    std::vector<png_color> palette;
    for (int i = 0; i < 216; ++i)
      palette.push_back({static_cast<png_byte>(i / 36 * 51), static_cast<png_byte>(i / 6 % 6 * 51),
                         static_cast<png_byte>(i % 6 * 51)});
    png_set_PLTE(png, info, palette.data(), 216);
  }
  if (kind.transparent_colour) {
    png_byte first_entry = 0;
    png_color_16 colour{};
    const std::uint8_t* pixel = image.row(0);
    colour.red = pixel[0];
    colour.green = pixel[1];
    colour.blue = pixel[2];
    colour.gray = pixel[0];
    png_set_tRNS(png, info, kind.colour == PngColour::kPalette ? &first_entry : nullptr, 1, &colour);
  }
  if (!kind.icc.empty())
    png_set_iCCP(png, info, "test", PNG_COMPRESSION_TYPE_BASE, kind.icc.data(), static_cast<unsigned>(kind.icc.size()));
  if (!kind.exif.empty())
    png_set_eXIf_1(png, info, static_cast<unsigned>(kind.exif.size()), const_cast<png_bytep>(kind.exif.data()));
  if (kind.gamma) png_set_gAMA(png, info, *kind.gamma);
  if (kind.cicp_primaries)
    png_set_cICP(png, info, static_cast<png_byte>(*kind.cicp_primaries), static_cast<png_byte>(*kind.cicp_transfer), 0,
                 1);
  png_write_info(png, info);
  const int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; ++pass)
    for (std::uint32_t y = 0; y < image.height; ++y) {
      std::vector<std::uint8_t> samples;
      for (std::uint32_t x = 0; x < image.width; ++x)
        append_samples(image.row(y) + std::size_t{x} * image.channels, kind.colour, samples);
      png_write_row(png, pack(samples, kind.bits).data());
    }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return Bytes::copy_of(file);
}

Bytes with_png_chunk(ByteView png, const char (&type)[5], ByteView data, const char (&before)[5]) {
  const auto big_endian = [](std::vector<std::uint8_t>& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
  };
  std::vector<std::uint8_t> chunk;
  big_endian(chunk, static_cast<std::uint32_t>(data.size()));
  chunk.insert(chunk.end(), type, type + 4);
  chunk.insert(chunk.end(), data.begin(), data.end());
  std::uint32_t crc = 0xFFFFFFFF;  // PNG (ISO/IEC 15948), annex D
  for (std::size_t i = 4; i < chunk.size(); ++i) {
    crc ^= chunk[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  big_endian(chunk, ~crc);
  const std::size_t at = as_text(png).find(std::string_view(before, 4)) - 4;
  std::vector<std::uint8_t> file(png.begin(), png.begin() + static_cast<std::ptrdiff_t>(at));
  file.insert(file.end(), chunk.begin(), chunk.end());
  file.insert(file.end(), png.begin() + static_cast<std::ptrdiff_t>(at), png.end());
  return Bytes::copy_of(file);
}

}  // namespace tintype::testing
