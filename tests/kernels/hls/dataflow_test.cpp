// The streams of C simulation: bounded, and a deadlock is told.
#include "kernels/hls/dataflow.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace tintype {
namespace {

using hls_simulation::Deadlock;

TEST(HlsDataflow, ProcessesPassItemsInOrderThroughAStreamOfOne) {
  hls::stream<int, 1> numbers("numbers"), doubled("doubled");
  int sum = 0;
  TT_DATAFLOW(region);
  TT_PROCESS(region, for (int i = 1; i <= 2000; ++i) numbers.write(i));
  TT_PROCESS(region, for (int i = 0; i < 2000; ++i) doubled.write(2 * numbers.read()));
  TT_PROCESS(region, for (int i = 1; i <= 2000; ++i) sum += doubled.read() == 2 * i);
  TT_RUN(region);
  EXPECT_EQ(sum, 2000);
}

// A design that works with streams without bounds, as most C simulations have them, and hangs in hardware: the reader
// takes all of one stream first, while the writer fills both in turn.
TEST(HlsDataflow, AFullStreamBlocksAndTheDeadlockIsTold) {
  hls::stream<int, 4> even("even"), odd("odd");
  TT_DATAFLOW(region);
  TT_PROCESS(region, for (int i = 0; i < 20; ++i)(i % 2 ? odd : even).write(i));
  TT_PROCESS(region, for (int i = 0; i < 10; ++i) even.read(); for (int i = 0; i < 10; ++i) odd.read());
  try {
    TT_RUN(region);
    FAIL() << "ran to its end";
  } catch (const Deadlock& deadlock) {
    const std::string what = deadlock.what();
    EXPECT_NE(what.find("odd is full"), std::string::npos) << what;
    EXPECT_NE(what.find("even is empty"), std::string::npos) << what;
  }
}

TEST(HlsDataflow, AProcessThatReadsMoreThanIsWrittenIsADeadlock) {
  hls::stream<int, 4> items("items");
  TT_DATAFLOW(region);
  TT_PROCESS(region, items.write(1));
  TT_PROCESS(region, items.read(); items.read());
  EXPECT_THROW(TT_RUN(region), Deadlock);
}

TEST(HlsDataflow, WhatAProcessThrowsEndsTheOthers) {
  hls::stream<int, 1> items("items");
  TT_DATAFLOW(region);
  TT_PROCESS(region, for (;;) items.write(1));
  TT_PROCESS(region, items.read(); throw std::runtime_error("outside its memory"));
  EXPECT_THROW(TT_RUN(region), std::runtime_error);
}

}  // namespace
}  // namespace tintype
