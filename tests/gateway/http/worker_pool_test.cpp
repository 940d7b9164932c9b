#include "gateway/http/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

namespace tintype::http {
namespace {

TEST(WorkerPool, RunsEverythingBeforeItStops) {
  std::atomic<int> ran = 0;
  WorkerPool pool(3);
  for (int i = 0; i < 1000; ++i) pool.post([&] { ++ran; });
  pool.stop();
  EXPECT_EQ(ran, 1000);
}

TEST(WorkerPool, RunsLatecomersInTheirPostersThread) {
  WorkerPool pool(1);
  pool.stop();
  std::thread::id ran_in;
  pool.post([&] { ran_in = std::this_thread::get_id(); });
  EXPECT_EQ(ran_in, std::this_thread::get_id());
}

TEST(WorkerPool, TasksMayPostTasks) {
  std::atomic<int> ran = 0;
  WorkerPool pool(2);
  for (int i = 0; i < 100; ++i) {
    pool.post([&] {
      ++ran;
      pool.post([&] { ++ran; });
    });
  }
  while (ran < 200) std::this_thread::yield();
  pool.stop();
  EXPECT_EQ(ran, 200);
}

}  // namespace
}  // namespace tintype::http
