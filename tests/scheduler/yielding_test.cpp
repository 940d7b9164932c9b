#include "scheduler/yielding.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(Yielding, HalvesUnderPressureDownToOneAndComesBack) {
  Yielding yielding({}, 8);
  EXPECT_EQ(yielding.bulk_slots(), 8);
  EXPECT_TRUE(yielding.look({.cpu = 0.91}));
  EXPECT_EQ(yielding.bulk_slots(), 4);
  EXPECT_EQ(yielding.reason(), "cpu pressure 91 %");
  EXPECT_TRUE(yielding.look({.cpu = 0.2, .memory = 0.5}));
  EXPECT_EQ(yielding.reason(), "memory pressure 50 %");
  yielding.look({.memory = 0.5});
  EXPECT_FALSE(yielding.look({.memory = 0.5})) << "one is the least";
  EXPECT_EQ(yielding.bulk_slots(), 1);
  EXPECT_FALSE(yielding.look({.cpu = 0.6})) << "neither high nor low: as it is";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(yielding.look({.cpu = 0.1}));
  EXPECT_EQ(yielding.bulk_slots(), 8);
  EXPECT_EQ(yielding.reason(), "");
  EXPECT_FALSE(yielding.look({}));
}

TEST(Yielding, SlotsThatAreNoPowerOfTwoComeBackWhole) {
  Yielding yielding({}, 6);
  yielding.look({.io = 0.9});
  yielding.look({.io = 0.9});
  EXPECT_EQ(yielding.bulk_slots(), 1);
  for (int i = 0; i < 4; ++i) yielding.look({});
  EXPECT_EQ(yielding.bulk_slots(), 6);
}

TEST(Yielding, SwitchedOffItNeverLooks) {
  Yielding yielding({.enabled = false}, 4);
  EXPECT_FALSE(yielding.look({.cpu = 1, .memory = 1, .io = 1}));
  EXPECT_EQ(yielding.bulk_slots(), 4);
}

TEST(Yielding, MarksThatMakeNoSenseAreRefused) {
  EXPECT_FALSE(YieldingConfig{.cpu_high = 0}.validate());
  EXPECT_FALSE(YieldingConfig{.memory_high = 1.5}.validate());
  EXPECT_TRUE(YieldingConfig{}.validate());
}

}  // namespace
}  // namespace tintype
