// Visitors: people who open pages of the library over HTTP: a list of 100 of a random date range, then its
// 100 thumbnails over six kept connections, as a browser loads them.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "bench/page/library.h"
#include "bench/support/http_fetcher.h"
#include "bench/support/latencies.h"

namespace tintype::bench {

// Every page another range; or one of 20, all of them opened before.
enum class Ranges : std::uint8_t { kAny, kHot };

struct PageTimes {
  Latencies pages;       // from when they were due
  Latencies lists;       // from when they were asked for
  Latencies thumbnails;  // the same
};

class Visitors {
 public:
  Visitors(std::uint16_t port, Ranges ranges);

  // Open loop, at so many pages a second.
  void visit(double pages_a_second, double seconds, PageTimes& times);

 private:
  struct Visitor {
    std::mt19937 random;
    HttpFetcher browser;
  };
  ListQuery next_range(std::mt19937& random) const;

  std::vector<ListQuery> hot_;
  std::vector<Visitor> visitors_;
};

}  // namespace tintype::bench
