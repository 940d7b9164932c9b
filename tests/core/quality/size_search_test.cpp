#include "core/quality/size_search.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tintype {
namespace {

struct Ended {
  int quality = 0;
  int tries = 0;
};

template <typename Bytes>
Ended run(std::uint64_t limit, int first, Bytes bytes) {
  SizeSearch search(limit);
  const auto at = [&](int quality) { return Probe{quality, 0, static_cast<std::uint64_t>(bytes(quality)), 0}; };
  search.tell(at(first));
  Ended ended;
  while (const auto quality = search.next()) {
    search.tell(at(*quality));
    if (++ended.tries > 20) ADD_FAILURE() << "it does not end";
    if (ended.tries > 20) break;
  }
  ended.quality = search.kept();
  return ended;
}

TEST(SizeSearch, FillsTheLimitInFewTries) {
  for (const double growth : {0.01, 0.03, 0.06}) {
    const auto bytes = [&](int quality) { return 10'000 * std::exp(growth * quality); };
    for (int limit_at = 10; limit_at < 80; limit_at += 7) {
      const auto limit = static_cast<std::uint64_t>(bytes(limit_at));
      const Ended ended = run(limit, 90, bytes);
      EXPECT_LE(static_cast<std::uint64_t>(bytes(ended.quality)), limit);
      EXPECT_GT(bytes(ended.quality), 0.8 * static_cast<double>(limit)) << growth << " " << limit_at;
      EXPECT_LE(ended.tries, 5) << growth << " " << limit_at;
    }
  }
}

TEST(SizeSearch, KeepsTheSmallestWhereNothingFits) {
  const Ended ended = run(100, 90, [](int quality) { return 300 + quality; });
  EXPECT_EQ(ended.quality, 0);
}

TEST(SizeSearch, StepsAndLevelsEnd) {
  EXPECT_EQ(run(100, 90, [](int quality) { return quality < 40 ? 50 : 500; }).quality < 40, true);
  EXPECT_EQ(run(100, 1, [](int quality) { return quality == 0 ? 99 : 500; }).quality, 0);
}

}  // namespace
}  // namespace tintype
