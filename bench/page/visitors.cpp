#include "bench/page/visitors.h"

#include <cstdio>
#include <cstdlib>
#include <format>

#include "bench/page/open_loop.h"

namespace tintype::bench {
namespace {

constexpr int kVisitors = 12;  // at once; more wait, and their time counts
constexpr int kConnections = 6;
constexpr int kHotRanges = 20;
constexpr std::size_t kIdLength = 13;

std::string list_target(const ListQuery& query) {
  return std::format("/v1/photos?from={}&to={}&limit=100", *query.from_ms, *query.to_ms);
}

std::vector<std::string> thumbnails_in(const std::string& list) {
  constexpr std::string_view kMark = "\"id\":\"";
  std::vector<std::string> targets;
  for (std::size_t at = list.find(kMark); at != list.npos; at = list.find(kMark, at + 1)) {
    targets.push_back("/v1/photos/" + list.substr(at + kMark.size(), kIdLength) + "/variants/256.webp");
  }
  if (targets.size() != 100) std::exit((std::fprintf(stderr, "page: a list of %zu\n", targets.size()), 1));
  return targets;
}

}  // namespace

Visitors::Visitors(std::uint16_t port, Ranges ranges) {
  std::random_device seeds;
  for (int i = 0; i < kVisitors; ++i) visitors_.push_back({std::mt19937(seeds()), HttpFetcher(port, kConnections)});
  if (ranges == Ranges::kAny) return;
  HttpFetcher& browser = visitors_.front().browser;
  for (int i = 0; i < kHotRanges; ++i) {
    hot_.push_back(random_range(visitors_.front().random));
    browser.get_all(thumbnails_in(browser.get(list_target(hot_.back()))));
  }
}

ListQuery Visitors::next_range(std::mt19937& random) const {
  return hot_.empty() ? random_range(random) : hot_[random() % hot_.size()];
}

void Visitors::visit(double pages_a_second, double seconds, PageTimes& times) {
  open_loop(pages_a_second, seconds, kVisitors, times.pages, [&](int thread) {
    auto& [random, browser] = visitors_[static_cast<std::size_t>(thread)];
    const double start = now_seconds();
    const auto targets = thumbnails_in(browser.get(list_target(next_range(random))));
    times.lists.add(now_seconds() - start);
    browser.get_all(targets, [&](double taken) { times.thumbnails.add(taken); });
  });
}

}  // namespace tintype::bench
