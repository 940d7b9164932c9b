#include "codec/jpeg/packed_coefficients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tintype {
namespace {

constexpr std::uint32_t kAcross = 37, kRows = 40, kMostRows = 10;

using Plain = std::vector<std::int16_t>;  // every row's coefficients, after each other

void expect_rows(PackedCoefficients& packed, const Plain& plain, std::uint32_t first, std::uint32_t count) {
  PackedCoefficients::Block** rows = packed.rows(first, count, false);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int16_t* want = plain.data() + std::size_t{kAcross} * 64 * (first + i);
    ASSERT_TRUE(std::equal(want, want + std::size_t{kAcross} * 64, *rows[i])) << "row " << first + i;
  }
}

// What a scan may write: mostly small numbers, some that need two bytes, the outermost ones too.
std::int16_t coefficient(std::mt19937& random) {
  constexpr std::int16_t kEdges[] = {127, 128, -128, -129, 255, 256, -256, 1023, -1024, 32767, -32768};
  const std::uint32_t kind = random() % 100;
  if (kind < 60) return 0;
  if (kind < 97) return static_cast<std::int16_t>(static_cast<int>(random() % 255) - 127);
  return kEdges[random() % std::size(kEdges)];
}

TEST(PackedCoefficients, AreZeroAtFirst) {
  PackedCoefficients packed(kAcross, kRows, kMostRows);
  expect_rows(packed, Plain(std::size_t{kAcross} * 64 * kRows), 17, 3);
}

// Scan after scan changes some coefficients, over one row or two at a time; between them rows are looked at as
// smoothing does.
TEST(PackedCoefficients, KeepWhatEveryScanWrote) {
  std::mt19937 random(7);
  PackedCoefficients packed(kAcross, kRows, kMostRows);
  Plain plain(std::size_t{kAcross} * 64 * kRows);
  for (int scan = 0; scan < 6; ++scan) {
    const std::uint32_t count = scan % 2 != 0 ? 2 : 1;
    for (std::uint32_t first = 0; first < kRows; first += count) {
      PackedCoefficients::Block** rows = packed.rows(first, count, true);
      for (std::uint32_t i = 0; i < count; ++i) {
        for (std::size_t at = random() % 7; at < std::size_t{kAcross} * 64; at += 1 + random() % 9) {
          rows[i][at / 64][at % 64] = plain[std::size_t{kAcross} * 64 * (first + i) + at] = coefficient(random);
        }
      }
    }
    for (std::uint32_t first = 0; first + kMostRows <= kRows; first += 2) expect_rows(packed, plain, first, kMostRows);
  }
}

TEST(PackedCoefficients, RowsPastTheOutermostAreThoseAgain) {
  PackedCoefficients packed(kAcross, kRows, kMostRows);
  PackedCoefficients::Block** rows = packed.rows(20, 3, false);
  EXPECT_EQ(rows[-1], rows[0]);
  EXPECT_EQ(rows[-2], rows[0]);
  EXPECT_EQ(rows[3], rows[2]);
  EXPECT_EQ(rows[4], rows[2]);
}

TEST(PackedCoefficients, WhatIsReadOnlyIsNotKept) {
  PackedCoefficients packed(kAcross, kRows, kMostRows);
  packed.rows(3, 1, true)[0][5][0] = -700;
  packed.rows(4, 1, true)[0][5][1] = 300;
  packed.rows(3, 1, false)[0][5][0] = 1;
  packed.rows(4, 1, false)[0][5][1] = 1;
  EXPECT_EQ(packed.rows(3, 1, false)[0][5][0], -700);
  EXPECT_EQ(packed.rows(4, 1, false)[0][5][1], 300);
}

// Rows behind are given up, those ahead and the ones asked for last are whole. Large enough for pages to go.
TEST(PackedCoefficients, ReadOnceFromTopToBottom) {
  constexpr std::uint32_t kWide = 500, kTall = 60;
  PackedCoefficients packed(kWide, kTall, 2);
  for (std::uint32_t row = 0; row < kTall; ++row) {
    PackedCoefficients::Block* const blocks = packed.rows(row, 1, true)[0];
    for (std::uint32_t column = 0; column < kWide; ++column)
      blocks[column][column % 64] = static_cast<std::int16_t>(row * 11 - column);
  }
  packed.read_once();
  for (std::uint32_t first = 0; first < kTall; first += 2) {
    PackedCoefficients::Block** rows = packed.rows(first, 2, false);
    for (std::uint32_t i = 0; i < 2; ++i)
      for (std::uint32_t column = 0; column < kWide; ++column)
        ASSERT_EQ(rows[i][column][column % 64], static_cast<std::int16_t>((first + i) * 11 - column))
            << first + i << ' ' << column;
  }
  EXPECT_NE(packed.rows(0, 1, false)[0][100][36], static_cast<std::int16_t>(-100)) << "kept although it was read";
}

}  // namespace
}  // namespace tintype
