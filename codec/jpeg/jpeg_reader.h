// JpegReader: libjpeg-turbo behind values. Its errors leave by longjmp, which never goes past
// jpeg_reader.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codec/planar/plane_ladder.h"
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype {

struct JpegHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int components = 0;
  bool is_cmyk = false;        // CMYK or YCCK: rows come as CMYK, 4 bytes a pixel; else RGB, 3 bytes
  bool is_ycc = false;         // Y'CbCr, or gray: planes() are the picture's own
  Bytes icc;                   // empty: none
  bool icc_is_broken = false;  // its pieces do not make a whole
  Bytes exif;                  // TIFF header first; empty: none
};

inline constexpr const char* kBrokenJpegProfile =
    "the colour profile is left out and sRGB assumed: its pieces do not make a whole";

// The largest reduction, 8, 4, 2 or 1, that leaves the long side at least `min_long_side_px`; 0: 1.
int choose_jpeg_scale(const JpegHeader& header, std::uint32_t min_long_side_px);

class JpegReader {
 public:
  // Borrows `file`.
  explicit JpegReader(ByteView file);
  ~JpegReader();
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  // The steps, in this order.
  Result<JpegHeader> read_header();
  // Decoding at 1/scale (1, 2, 4 or 8): reads every scan of a progressive file. Sets output_width() and
  // _height().
  Status start(int scale);
  // The next `count` rows, `stride_bytes` apart. rows_read() counts them, also when it fails on the way.
  Status read_rows(std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count);
  // Instead of start() and read_rows(), for files that are `is_ycc`: the components as they are stored, each decoded at
  // 1/scale or, where it has fewer samples than luma, at what comes nearest to luma's size.
  Status start_planes(int scale);
  int components() const;
  PlaneSource plane(int component) const;
  // The next rows of every component; rows_read() counts those of luma.
  Status read_strip();
  // How many of a component, those behind the plane's end included, and the rows themselves, until the next strip.
  std::uint32_t strip_rows(std::size_t component) const;
  const std::uint8_t* strip_row(std::size_t component, std::uint32_t row) const;
  // Instead of those: undoes nothing but the entropy coding. plane() is then what the coefficients become at 1/scale.
  Status read_coefficients(int scale);
  struct BlockGrid {
    std::uint32_t width_blocks = 0;
    std::uint32_t height_blocks = 0;
    std::uint32_t scaled_size = 0;              // samples a block's side, at 1/scale
    std::array<std::uint16_t, 64> quantiser{};  // in rows of rising frequency, as the coefficients
  };
  BlockGrid blocks(int component) const;
  // `out` has 64 coefficients for each block of the row. A component's rows from top to bottom, each once.
  Status copy_block_row(int component, std::uint32_t row, std::span<std::int16_t> out);
  // To the end marker, past which nothing is read. What is wrong there cannot harm the pixels: a warning.
  void finish();

  std::uint32_t output_width() const;
  std::uint32_t output_height() const;
  std::uint32_t rows_read() const;

  // What libjpeg passed over so far: kTruncatedImage if the data ended inside the picture, kCorruptImage if
  // they contradict themselves; ok for what does no harm.
  Status damage() const;
  // That harmless rest, in words; nothing where damage() is an error.
  std::vector<std::string> warnings() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tintype
