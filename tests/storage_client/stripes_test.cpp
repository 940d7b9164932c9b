#include "storage_client/embedded/stripes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tintype::embedded {
namespace {

TEST(Stripes, TheLockOfAllIsAloneAndGetsItsTurnAmongHoldersThatNeverPause) {
  Stripes stripes;
  std::atomic<bool> done = false;
  std::atomic<int> holders = 0, met = 0;
  std::atomic<std::uint64_t> taken = 0;
  std::vector<std::jthread> threads;
  for (std::uint64_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (std::uint64_t number = i; !done; number += 4) {
        const auto lock = stripes.lock("anna", number);
        ++holders, ++taken;
        std::this_thread::yield();
        --holders;
      }
    });
  }
  while (taken < 100) std::this_thread::yield();
  for (int i = 0; i < 50; ++i) {
    const auto all = stripes.lock_all();
    if (holders != 0) ++met;
  }
  done = true;
  threads.clear();
  EXPECT_EQ(met, 0);
}

TEST(Stripes, HoldersOfOneNameExcludeEachOtherAndSeveralMayNameAStripeTwice) {
  Stripes stripes;
  int counted = 0;  // guarded by the stripe: the thread sanitizer sees it otherwise
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) {
          const auto lock = stripes.lock("anna", 7);
          ++counted;
        }
      });
    }
    const std::size_t stripe = Stripes::stripe_of("anna", 7);
    for (int n = 0; n < 1000; ++n) {
      const auto locks = stripes.lock_several({stripe, stripe, (stripe + 1) % 256});
      ++counted;
    }
  }
  EXPECT_EQ(counted, 5000);
}

}  // namespace
}  // namespace tintype::embedded
