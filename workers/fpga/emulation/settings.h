// What the emulated cards are and what goes wrong with them: TINTYPE_FPGA_EMULATION, read when a card is opened.
//
//   cards=2,delay_us=500,hang=3     two cards; a call takes up to 0.5 ms more; the third call on a card never ends
#pragma once

#include <cstdint>
#include <string_view>

namespace tintype::emulation {

// Faults name the call they strike, counted from 1 on each card since it was first opened; 0 is none.
struct Settings {
  std::uint64_t cards = 1;
  std::uint64_t memory_mb = 2048;  // a card
  std::uint64_t delay_us = 0;      // the most that a call takes longer, by chance
  std::uint64_t seed = 1;
  std::uint64_t hang = 0;
  std::uint64_t error = 0;
  std::uint64_t flip = 0;  // one wrong bit in all that the call made
  std::uint64_t lose = 0;  // the card is gone
  std::uint64_t faulty_card = 0;
  std::uint64_t faulty_kernel =
      0;                      // 0: calls of every kernel are counted; 1, 2, 3: only of that one of kernel_signatures()
  std::uint64_t faults = 1;   // how many calls in a row
  std::uint64_t no_room = 0;  // this allocation on a card fails, counted likewise
  std::uint64_t busy = 0;     // 1: another process has the cards
};

// `text` may be empty. False if it says something unknown.
bool parse_settings(std::string_view text, Settings& out);

}  // namespace tintype::emulation
