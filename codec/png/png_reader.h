// PngReader: libpng behind values. Its errors leave by longjmp, which never goes past png_reader.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "codec/image.h"
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace tintype {

struct PngHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 3;  // of the rows as they come: 4 if there is any alpha
  bool is_gray = false;        // in the file
};

// What chunks before and after the picture say.
struct PngMetadata {
  struct Cicp {
    unsigned primaries;
    unsigned transfer;
  };
  Bytes icc;
  Bytes exif;  // TIFF header first
  std::optional<Cicp> cicp;
  bool icc_is_broken = false;    // and so there is none
  bool gamma_is_absurd = false;  // and so it was not applied
};

class PngReader {
 public:
  // Borrows `file`.
  explicit PngReader(ByteView file);
  ~PngReader();
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  // The steps, in this order.
  // A picture larger than the two sides given is an error before anything is allocated for it. `tolerant`:
  // picture data are used although their checksum is wrong; had_bad_checksum() tells.
  Result<PngHeader> read_header(std::uint32_t max_width, std::uint32_t max_height, bool tolerant);
  // Every row, as 8-bit RGB(A), into `image` of the header's size; of a picture whose colours only a gAMA chunk tells,
  // on sRGB's curve. rows_read() counts those that are whole.
  Status read_image(Image& image);
  // What follows the pixels. An error only if it is the picture's own data that end or contradict themselves.
  Status read_end();

  std::uint32_t rows_read() const;
  bool had_bad_checksum() const;
  // The file ended before its end chunk.
  bool reached_end() const;
  PngMetadata metadata() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tintype
