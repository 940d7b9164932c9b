#include "codec/jpeg/packed_coefficients.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace tintype {
namespace {

// Fewer bytes are not worth the call.
constexpr std::size_t kLeastReleased = 256 << 10;

// Gives the whole pages within back to the system.
void release_pages(std::uint8_t* begin, std::uint8_t* end) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const std::uintptr_t to = reinterpret_cast<std::uintptr_t>(end) / page * page;
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

// All bits of every coefficient but the first, which has a high byte in any case.
constexpr std::array<std::uint16_t, 64> kAllButFirst = [] {
  std::array<std::uint16_t, 64> bits{};
  bits.fill(0xFFFF);
  bits[0] = 0;
  return bits;
}();

// The loops over a block are such that compilers make vectors of them.

// Whether a coefficient but the first needs more than its low byte.
bool put_low_bytes(const std::int16_t* __restrict block, std::uint8_t* __restrict low) {
  std::uint16_t beyond = 0;
  for (int k = 0; k < 64; ++k) {
    const auto bits = static_cast<std::uint16_t>(block[k]);
    low[k] = static_cast<std::uint8_t>(bits);
    beyond = static_cast<std::uint16_t>(
        beyond | static_cast<std::uint16_t>((bits & kAllButFirst[static_cast<std::size_t>(k)]) + 128));
  }
  return beyond > 0xFF;
}

void put_high_bytes(const std::int16_t* __restrict block, std::int8_t* __restrict high) {
  for (int k = 0; k < 64; ++k) high[k] = static_cast<std::int8_t>(block[k] >> 8);
}

void take_low_bytes(const std::uint8_t* __restrict low, std::int16_t* __restrict block) {
  for (int k = 0; k < 64; ++k) block[k] = static_cast<std::int8_t>(low[k]);
}

void take_high_bytes(const std::int8_t* __restrict high, std::int16_t* __restrict block) {
  for (int k = 0; k < 64; ++k)
    block[k] = static_cast<std::int16_t>(high[k] * 256 + static_cast<std::uint8_t>(block[k]));
}

}  // namespace

PackedCoefficients::PackedCoefficients(std::uint32_t blocks_across, std::uint32_t block_rows, std::uint32_t most_rows)
    : blocks_across_(blocks_across),
      most_rows_(most_rows),
      low_(row_bytes() * block_rows),
      packed_(block_rows),
      open_samples_(sizeof(Block) * blocks_across * most_rows),
      open_(most_rows),
      pointers_(most_rows + 2 * kSpare) {}

PackedCoefficients::Block* PackedCoefficients::blocks(std::uint32_t slot) {
  return reinterpret_cast<Block*>(open_samples_.data()) + std::size_t{blocks_across_} * slot;
}

void PackedCoefficients::pack(std::uint32_t slot) {
  OpenRow& open = open_[slot];
  if (open.row == OpenRow::kNone || !open.is_written) return;
  PackedRow& packed = packed_[open.row];
  const Block* from = blocks(slot);
  std::uint8_t* low = low_bytes(open.row);
  auto* first_high = reinterpret_cast<std::int8_t*>(low + std::size_t{64} * blocks_across_);
  packed.is_zero = false;
  packed.far_blocks.clear();
  for (std::uint32_t column = 0; column < blocks_across_; ++column, low += 64) {
    const Block& block = from[column];
    first_high[column] = static_cast<std::int8_t>(block[0] >> 8);
    if (put_low_bytes(block, low)) put_high_bytes(block, packed.far_blocks.emplace_back(column).high.data());
  }
  open.is_written = false;
}

void PackedCoefficients::unpack(std::uint32_t slot) {
  const std::uint32_t row = open_[slot].row;
  const PackedRow& packed = packed_[row];
  Block* to = blocks(slot);
  if (packed.is_zero) {
    std::fill_n(reinterpret_cast<std::int16_t*>(to), std::size_t{64} * blocks_across_, std::int16_t{0});
    return;
  }
  const std::uint8_t* low = low_bytes(row);
  const auto* first_high = reinterpret_cast<const std::int8_t*>(low + std::size_t{64} * blocks_across_);
  // Rows are far apart in time: the one that takes this one's place is fetched into the cache while libjpeg decodes.
  const std::uint8_t* next = row + count_ < block_rows() ? low_bytes(row + count_) : low;
  for (std::uint32_t column = 0; column < blocks_across_; ++column, low += 64, next += 64) {
    Block& block = to[column];
    __builtin_prefetch(next);
    take_low_bytes(low, block);
    block[0] = static_cast<std::int16_t>(first_high[column] * 256 + low[0]);
  }
  for (const FarBlock& far_block : packed.far_blocks) {
    take_high_bytes(far_block.high.data(), to[far_block.column]);
  }
}

PackedCoefficients::Block** PackedCoefficients::rows(std::uint32_t first, std::uint32_t count, bool writable) {
  // As few slots as rows, so that they stay in the cache.
  if (count != count_) {
    for (std::uint32_t slot = 0; slot < count_; ++slot) pack(slot);
    std::ranges::fill(open_, OpenRow{});
    count_ = count;
  }
  for (std::uint32_t row = first; row < first + count; ++row) {
    const std::uint32_t slot = row % count;
    OpenRow& open = open_[slot];
    if (open.row != row) {
      pack(slot);
      open.row = row;
      unpack(slot);
    }
    open.is_written |= writable;
    pointers_[kSpare + row - first] = blocks(slot);
  }
  const auto begin = pointers_.begin() + kSpare, end = begin + count;
  std::fill(pointers_.begin(), begin, *begin);
  std::fill_n(end, kSpare, *(end - 1));
  if (reads_once_) let_go_before(first);
  return pointers_.data() + kSpare;
}

void PackedCoefficients::let_go_before(std::uint32_t row) {
  if (row <= first_kept_ || row_bytes() * (row - first_kept_) < kLeastReleased) return;
  release_pages(low_bytes(first_kept_), low_bytes(row));
  for (; first_kept_ < row; ++first_kept_) packed_[first_kept_].far_blocks = {};
}

}  // namespace tintype
