#include "bench/page/open_loop.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "bench/support/http_fetcher.h"

namespace tintype::bench {

void open_loop(double per_second, double seconds, int threads, Latencies& latencies,
               const std::function<void(int thread)>& work) {
  const int count = static_cast<int>(per_second * seconds);
  const double start = now_seconds() + 0.1;
  std::atomic<int> next = 0;
  std::vector<std::jthread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (int i = next++; i < count; i = next++) {
        const double due = start + i / per_second;
        while (now_seconds() < due) {
          std::this_thread::sleep_for(std::chrono::duration<double>(std::max(0.0, due - now_seconds())));
        }
        work(t);
        latencies.add(now_seconds() - due);
      }
    });
  }
}

}  // namespace tintype::bench
