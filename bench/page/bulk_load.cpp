#include "bench/page/bulk_load.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bench/support/http_fetcher.h"

namespace tintype::bench {
namespace {

constexpr std::size_t kEnoughQueued = 12;
constexpr char kAsBulkOwner[] = "Tintype-Owner: bulk\r\n";

std::size_t queued_jobs(HttpFetcher& farm) {
  const std::string list = farm.get("/v1/jobs?state=queued&class=bulk&limit=50");
  constexpr std::string_view kMark = "\"enqueued_at\":";
  std::size_t count = 0;
  for (std::size_t at = list.find(kMark); at != list.npos; at = list.find(kMark, at + 1)) ++count;
  return count;
}

}  // namespace

BulkLoad::BulkLoad(std::uint16_t port, const std::string& dir) : port_(port) {
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    const std::string extension = entry.path().extension();
    if (extension != ".jpg" && extension != ".jpeg") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    photos_.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (photos_.empty()) std::exit((std::fprintf(stderr, "page: no JPEGs in %s\n", dir.c_str()), 1));
  feeder_ = std::jthread([this](const std::stop_token& stop) { keep_busy(stop); });
  while (uploaded_ < kEnoughQueued) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  times_empty_ = 0;
}

void BulkLoad::keep_busy(const std::stop_token& stop) {
  HttpFetcher farm(port_, 1, kAsBulkOwner);
  while (!stop.stop_requested()) {
    const std::size_t queued = queued_jobs(farm);
    if (queued == 0) ++times_empty_;
    for (std::size_t i = queued; i < kEnoughQueued && !stop.stop_requested(); ++i) {
      farm.post("/v1/photos?class=bulk", photos_[uploaded_ % photos_.size()]);
      ++uploaded_;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
}

}  // namespace tintype::bench
