#include "bench/page/index_operations.h"

#include <deque>
#include <format>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

#include "bench/page/library.h"
#include "bench/page/open_loop.h"
#include "bench/support/http_fetcher.h"

namespace tintype::bench {
namespace {

constexpr double kASecond = 500;
constexpr double kSeconds = 30;
constexpr int kCallers = 12;

// Photos that were made during the measuring, in the order of their lives.
class Fresh {
 public:
  int next_number() {
    const std::lock_guard lock(mutex_);
    return next_++;
  }
  void made(int number) { put(made_, number); }
  void committed(int number) { put(committed_, number); }
  std::optional<int> one_to_commit() { return take(made_); }
  std::optional<int> one_to_remove() { return take(committed_); }

 private:
  void put(std::deque<int>& queue, int number) {
    const std::lock_guard lock(mutex_);
    queue.push_back(number);
  }
  std::optional<int> take(std::deque<int>& queue) {
    const std::lock_guard lock(mutex_);
    if (queue.empty()) return {};
    const int number = queue.front();
    queue.pop_front();
    return number;
  }

  std::mutex mutex_;
  int next_ = kPhotos;
  std::deque<int> made_, committed_;
};

// Does one write.
void write_something(PhotoIndex& index, Fresh& fresh, std::uint_fast32_t dice) {
  if (dice % 3 == 0) {
    if (const auto number = fresh.one_to_commit()) {
      const Photo photo = photo_number(*number);
      must(index.commit_manifest(kOwner, photo.light.photo, manifest_of(photo), done()));
      return fresh.committed(*number);
    }
  } else if (dice % 3 == 1) {
    if (const auto number = fresh.one_to_remove()) return must(index.remove(kOwner, photo_number(*number).light.photo));
  }
  const int number = fresh.next_number();
  must(index.create(kOwner, photo_number(number)));
  fresh.made(number);
}

}  // namespace

void measure_index(BenchReport& report, EmbeddedStore& store) {
  Latencies all, lists, photos, writes;
  Fresh fresh;
  std::vector<std::mt19937> randoms;
  for (int t = 0; t < kCallers; ++t) randoms.emplace_back(t);
  PhotoIndex& index = store.index();
  open_loop(kASecond, kSeconds, kCallers, all, [&](int thread) {
    std::mt19937& random = randoms[static_cast<std::size_t>(thread)];
    const auto dice = random() % 100;
    Latencies& kind = dice < 50 ? lists : dice < 80 ? photos : writes;
    const double start = now_seconds();
    if (dice < 50) {
      must(index.list(kOwner, random_range(random)));
    } else if (dice < 80) {
      must(index.get(kOwner, photo_number(static_cast<int>(random() % kPhotos)).light.photo));
    } else {
      write_something(index, fresh, random());
    }
    kind.add(now_seconds() - start);
  });
  Table table = Latencies::table();
  lists.add_row_to(table, "list of 100");
  photos.add_row_to(table, "one photo");
  writes.add_row_to(table, "create, commit or remove, on the disk");
  all.add_row_to(table, "all, from when they were due");
  report.table(std::format("Index operations, {:.0f} a second, a fifth of them writes", kASecond), table);
  report.figure("index_p999_ms", all.within_ms(0.999), "ms",
                "99.9 % of mixed index operations, from when they were due");
  report.figure("index_list_p999_ms", lists.within_ms(0.999), "ms", "99.9 % of lists of 100 among them");
  report.figure("index_write_p999_ms", writes.within_ms(0.999), "ms", "99.9 % of writes among them");
}

}  // namespace tintype::bench
