// A PNG of one colour, written without a codec: a picture that a browser really decodes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tintype::testing {

inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

inline std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

// Up to 100 x 100 pixels: the data is one stored block.
inline std::string tiny_png(std::uint32_t width, std::uint32_t height, std::array<std::uint8_t, 3> rgb) {
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';
    for (std::uint32_t x = 0; x < width; ++x) rows.append(rgb.begin(), rgb.end());
  }
  std::uint32_t a = 1, b = 0;
  for (const char c : rows) {
    a = (a + static_cast<std::uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<std::uint16_t>(rows.size());
  std::string data = "\x78\x01\x01";
  for (const int part : {size & 255, size >> 8, ~size & 255, ~size >> 8 & 255}) data += static_cast<char>(part);
  data += rows + big_endian(b << 16 | a);
  const auto chunk = [](const std::string& type, const std::string& body) {
    return big_endian(static_cast<std::uint32_t>(body.size())) + type + body + big_endian(crc32(type + body));
  };
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR", big_endian(width) + big_endian(height) + std::string("\x08\x02\x00\x00\x00", 5)) +
         chunk("IDAT", data) + chunk("IEND", "");
}

}  // namespace tintype::testing
