#include "codec/jpeg/spent_coefficients.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

namespace tintype {
namespace {

constexpr std::size_t kBytes = 4 << 20;

TEST(SpentCoefficients, WhatIsAheadStaysAndWhatIsBehindGoes) {
  void* memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* bytes = static_cast<unsigned char*>(memory);
  std::memset(bytes, 7, kBytes);
  SpentCoefficients spent;
  const int array = 0, other = 0;
  // It begins and goes on within pages; another array is at another place.
  spent.reads_from(&array, bytes + 100);
  spent.reads_from(&other, bytes + kBytes - 5000);
  for (std::size_t at = 100; at <= (2 << 20) + 100; at += 70'000) {
    spent.reads_from(&array, bytes + at);
    EXPECT_EQ(bytes[at], 7) << at;
  }
  EXPECT_EQ(bytes[0], 7);
  EXPECT_EQ(bytes[99], 7);
  EXPECT_EQ(bytes[8192], 0) << "kept although it was read";
  for (std::size_t at = (2 << 20) + 100; at < kBytes; ++at) ASSERT_EQ(bytes[at], 7) << at;
  // Going back gives nothing up.
  spent.reads_from(&array, bytes + 4096);
  EXPECT_EQ(bytes[3 << 20], 7);
  ::munmap(memory, kBytes);
}

}  // namespace
}  // namespace tintype
