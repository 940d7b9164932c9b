// JpegReader: libjpeg-turbo behind values. Its errors leave by longjmp, which never goes past
// jpeg_reader.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype {

struct JpegHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int components = 0;
  bool is_cmyk = false;        // CMYK or YCCK: rows come as CMYK, 4 bytes a pixel; else RGB, 3 bytes
  Bytes icc;                   // empty: none
  bool icc_is_broken = false;  // its pieces do not make a whole
  Bytes exif;                  // TIFF header first; empty: none
};

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
