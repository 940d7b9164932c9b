// PackedCoefficients: a component's blocks while the scans of a progressive JPEG add to them, at about half their size.
//
// libjpeg would hold two bytes for every sample of the picture, which at 13 megapixels of 4:4:4 is 78 MB. All but a few
// coefficients fit into one byte, so rows of blocks that nobody works on are kept as their coefficients' low bytes, and
// the high bytes only of the blocks that need them. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/base/bytes.h"

namespace tintype {

class PackedCoefficients {
 public:
  using Block = std::int16_t[64];

  // All coefficients are zero. `most_rows` is how many rows of blocks are worked on at a time.
  PackedCoefficients(std::uint32_t blocks_across, std::uint32_t block_rows, std::uint32_t most_rows);

  // Rows first .. first + count, until the next call; count is 1 to `most_rows`. What is written to them stays if
  // `writable`. The outermost rows come kSpare times more: libjpeg-turbo 2.1 reads past them where it smooths a picture
  // whose scans are missing. Throws std::bad_alloc.
  static constexpr std::uint32_t kSpare = 2;
  Block** rows(std::uint32_t first, std::uint32_t count, bool writable);

  // From now on rows are only asked for from top to bottom: memory of those before goes back to the system.
  void read_once() { reads_once_ = true; }

  std::uint32_t block_rows() const { return static_cast<std::uint32_t>(packed_.size()); }
  std::uint32_t most_rows() const { return most_rows_; }

 private:
  // High bytes of the coefficients of a block; that of the first one is with every block's low bytes.
  struct FarBlock {
    std::uint32_t column = 0;
    std::array<std::int8_t, 64> high{};
  };
  struct PackedRow {
    bool is_zero = true;
    std::vector<FarBlock> far_blocks;  // by column
  };
  // One of the rows that are worked on.
  struct OpenRow {
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t row = kNone;
    bool is_written = false;
  };

  std::uint8_t* low_bytes(std::uint32_t row) { return low_.data() + row_bytes() * row; }
  std::size_t row_bytes() const { return std::size_t{65} * blocks_across_; }  // 64 low bytes a block, and a high one
  Block* blocks(std::uint32_t slot);
  void pack(std::uint32_t slot);
  void unpack(std::uint32_t slot);
  void let_go_before(std::uint32_t row);

  const std::uint32_t blocks_across_;
  const std::uint32_t most_rows_;
  Bytes low_;
  std::vector<PackedRow> packed_;
  Bytes open_samples_;
  std::vector<OpenRow> open_;  // row y is the y % count-th
  std::vector<Block*> pointers_;
  std::uint32_t count_ = 0;
  bool reads_once_ = false;
  std::uint32_t first_kept_ = 0;
};

}  // namespace tintype
