#include "bench/gpu/crew.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

namespace tintype::bench {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

DecodeOptions BenchPhoto::options() const {
  return {.min_long_side_px = std::max(sizes.front().width, sizes.front().height)};
}

Result<CrewResult> run_crew(const std::vector<BenchPhoto>& photos, const std::vector<PhotoWork>& workers,
                            double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const double cpu_before = cpu_seconds();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };

  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  CrewResult result;
  Status failed;
  const auto work = [&](const PhotoWork& do_photo) {
    for (;;) {
      const std::size_t taken = next++;
      if (taken >= photos.size() && elapsed() >= seconds) return;
      const BenchPhoto& photo = photos[taken % photos.size()];
      const Status done = do_photo(photo);
      const std::lock_guard lock(mutex);
      if (!done) {
        if (failed) failed = fail(done.error().code, photo.path + ": " + done.error().message);
        return;
      }
      result.photos += 1;
      result.megapixels += photo.info.megapixels();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (const PhotoWork& worker : workers) threads.emplace_back(work, std::cref(worker));
  }
  TT_TRY(failed);
  result.wall_seconds = elapsed();
  result.cpu_seconds = cpu_seconds() - cpu_before;
  return result;
}

}  // namespace tintype::bench
