// BaselineScan: the entropy-coded part of a baseline JPEG, to be walked code by code from any bit on: for measuring,
// not for decoding. Source: ITU-T T.81, annexes B and F.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"

namespace tintype::bench {

class BaselineScan {
 public:
  // Nothing when the file is no baseline JPEG of one scan. What lies behind its first `most_bytes` of codes is left
  // out.
  static std::optional<BaselineScan> read(ByteView file, std::size_t most_bytes);

  // Where a decoder is: the next code's first bit, which block of the MCU it is in, and which coefficient comes next.
  struct Place {
    std::uint64_t bit = 0;
    std::uint32_t block = 0;
    std::uint32_t coefficient = 0;
    bool operator==(const Place&) const = default;
  };
  // Takes one code and the bits behind it. What is no code costs one bit, and a new MCU is guessed.
  void advance(Place& place) const;

  std::uint64_t bits() const { return 8 * std::uint64_t{codes_.size() - kSlack}; }
  bool has_restarts() const { return has_restarts_; }

 private:
  static constexpr std::size_t kSlack = 4;  // bytes behind the last code, so that a look ahead stays inside

  struct Code {
    std::uint8_t length = 0;  // 0: none
    std::uint8_t symbol = 0;
  };
  using CodeTable = std::vector<Code>;  // by the next 16 bits
  struct Block {
    std::uint8_t dc = 0, ac = 0;  // tables
  };
  struct Component {
    std::uint8_t id = 0, blocks = 0;
  };

  bool read_tables(ByteView segment);
  bool read_frame(ByteView segment);
  bool read_scan_header(ByteView segment);
  bool take_codes(ByteView rest, std::size_t most_bytes);
  std::uint32_t next_16(std::uint64_t bit) const;

  std::array<std::array<CodeTable, 4>, 2> tables_;  // DC, AC
  std::vector<Component> components_;
  std::vector<Block> blocks_;  // of an MCU
  bool has_restarts_ = false;
  std::vector<std::uint8_t> codes_;
};

}  // namespace tintype::bench
