// OSDs that die and that hang, under load: what was acknowledged is there afterwards, as it was; and when too
// many are gone, calls end within their deadline and say so.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <format>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/storage_client/rados/test_cluster.h"

namespace tintype::testing {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr UnixMs kNowMs = 1'750'000'000'000;

// What one photo's maker was told. The opposite of "acknowledged" is "nobody knows", not "it is not so".
struct Told {
  std::uint32_t seed = 0;
  bool created = false;
  bool committed = false;
  bool tried_to_remove = false;
  bool removed = false;
};

class Load {
 public:
  explicit Load(RadosStore& store) : store_(store) {
    for (std::uint32_t t = 0; t < 4; ++t) threads_.emplace_back([this, t] { upload(t); });
    threads_.emplace_back([this] { read(); });
  }
  ~Load() { stop(); }

  void stop() {
    stop_ = true;
    threads_.clear();
  }

  Seconds take_longest_gap() {
    std::lock_guard lock(mutex_);
    const auto gap = std::max<Seconds>(longest_gap_, std::chrono::steady_clock::now() - last_ack_);
    longest_gap_ = {};
    last_ack_ = std::chrono::steady_clock::now();
    return gap;
  }
  std::map<PhotoId, Told> told() {
    std::lock_guard lock(mutex_);
    return told_;
  }
  int wrong_reads() const { return wrong_reads_; }
  int refused() const { return refused_; }

 private:
  bool acknowledged(PhotoId id, const Status& status, bool Told::* what) {
    std::lock_guard lock(mutex_);
    if (!status) {
      ++refused_;
      return false;
    }
    const auto now = std::chrono::steady_clock::now();
    longest_gap_ = std::max<Seconds>(longest_gap_, now - last_ack_);
    last_ack_ = now;
    told_[id].*what = true;
    return true;
  }

  void upload(std::uint32_t thread) {
    for (std::uint32_t i = 0; !stop_; ++i) {
      const PhotoId id = photo_id(kNowMs + i, thread);
      const std::uint32_t seed = i * 4 + thread;
      // Chunked, and inline.
      const auto written =
          write_blob(store_.blobs(), blob_key("anna", id), pattern(seed % 3 == 0 ? 150'000 : 20'000, seed));
      if (!written) continue;
      const auto created =
          store_.index().create("anna", sample_photo("anna", id, seed % 4 == 0 ? std::format("key {}", seed) : ""));
      {
        std::lock_guard lock(mutex_);
        told_[id].seed = seed;
      }
      if (!acknowledged(id, created ? Status() : fail(created.error()), &Told::created)) continue;
      const Bytes small = pattern(5000, seed + 1);
      if (!store_.blobs().put_all(
              std::vector<BlobPut>{{blob_key("anna", id, "512"), small}, {blob_key("anna", id, "256"), small}}))
        continue;
      LightUpdate update;
      update.complete = true;
      if (!acknowledged(id, store_.index().commit_manifest("anna", id, sample_manifest(0), update), &Told::committed))
        continue;
      if (seed % 5 != 0) continue;
      {
        std::lock_guard lock(mutex_);
        told_[id].tried_to_remove = true;
      }
      acknowledged(id, store_.index().remove("anna", id), &Told::removed);
    }
  }

  void read() {
    for (std::size_t i = 0; !stop_; ++i) {
      PhotoId id;
      Told was;
      {
        std::lock_guard lock(mutex_);
        if (told_.empty()) continue;
        std::tie(id, was) = *std::next(told_.begin(), static_cast<long>(i * 7919 % told_.size()));
      }
      if (!was.created || was.tried_to_remove) continue;
      const auto photo = store_.index().get("anna", id);
      if (!photo && photo.error().code == ErrorCode::kNotFound) {
        std::lock_guard lock(mutex_);
        if (!told_[id].tried_to_remove) ++wrong_reads_;
      }
      const auto bytes = read_blob(store_.blobs(), blob_key("anna", id), 1 << 20);
      const bool differs = bytes && as_text(*bytes) != as_text(pattern(bytes->size(), was.seed));
      if (differs ||
          (!bytes && bytes.error().code != ErrorCode::kTimedOut && bytes.error().code != ErrorCode::kUnavailable))
        ++wrong_reads_;
    }
  }

  RadosStore& store_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> wrong_reads_ = 0;
  std::atomic<int> refused_ = 0;
  std::mutex mutex_;
  std::map<PhotoId, Told> told_;
  Seconds longest_gap_{};
  std::chrono::steady_clock::time_point last_ack_ = std::chrono::steady_clock::now();
  std::vector<std::jthread> threads_;
};

// Everything that was told, read back by a store that has seen nothing of it.
void check(const RadosStoreConfig& config, const Clock& clock, const std::map<PhotoId, Told>& told) {
  const auto store = open_store(config, clock);
  std::set<PhotoId> listed;
  ListQuery query;
  query.limit = 1000;
  do {
    const auto page = store->index().list("anna", query);
    ASSERT_TRUE(page) << page.error().to_string();
    for (const LightRow& row : page->rows) EXPECT_TRUE(listed.insert(row.photo).second);
    query.cursor = page->next;
  } while (!query.cursor.empty());
  int lost = 0, unlisted = 0, back = 0, uncommitted = 0, differing = 0, acknowledged = 0;
  for (const auto& [id, was] : told) {
    if (!was.created) continue;
    ++acknowledged;
    const auto photo = store->index().get("anna", id);
    if (was.removed) {
      back += photo || listed.contains(id);
    } else if (!was.tried_to_remove) {
      lost += !photo;
      unlisted += !listed.contains(id);
      uncommitted += was.committed && photo && photo->heavy.manifest.revision != 1;
    }
    const auto original = read_blob(store->blobs(), blob_key("anna", id), 1 << 20);
    differing += !original || as_text(*original) != as_text(pattern(original->size(), was.seed));
    if (!was.committed) continue;
    const auto small = read_blob(store->blobs(), blob_key("anna", id, "512"), 1 << 20);
    differing += !small || as_text(*small) != as_text(pattern(5000, was.seed + 1));
  }
  std::printf(
      "  %d photos acknowledged: %d lost, %d not listed, %d deleted and back, %d commits lost, %d blobs that "
      "differ\n",
      acknowledged, lost, unlisted, back, uncommitted, differing);
  EXPECT_GT(acknowledged, 100);
  EXPECT_EQ(lost + unlisted + back + uncommitted + differing, 0);
}

class RadosFault : public ::testing::TestWithParam<int> {};

TEST_P(RadosFault, OfOneOsdLosesNothing) {
  const bool hangs = GetParam() == SIGSTOP;
  SystemClock clock;
  RadosStoreConfig config = test_cluster().config();
  config.attempt_timeout_s = 3;
  config.split_above_keys = 800;  // objects are split meanwhile
  const auto store = open_store(config, clock);
  std::map<PhotoId, Told> told;
  {
    Load load(*store);
    std::this_thread::sleep_for(std::chrono::seconds(3));
    // The others' turn comes in the fleet's suite, tests/cluster.
    const char* osd = "osd.1";
    load.take_longest_gap();
    test_cluster().signal(osd, GetParam());
    std::this_thread::sleep_for(std::chrono::seconds(hangs ? 10 : 6));
    const Seconds gap = load.take_longest_gap();
    if (hangs) {
      test_cluster().signal(osd, SIGCONT);
    } else {
      test_cluster().start(osd);
    }
    EXPECT_TRUE(test_cluster().wait_until_whole(90));
    std::printf("  %s %s: longest time without an acknowledgement %.1f s, while it came back %.1f s\n", osd,
                hangs ? "stopped" : "killed", gap.count(), load.take_longest_gap().count());
    EXPECT_LT(gap.count(), 20);
    load.stop();
    EXPECT_EQ(load.wrong_reads(), 0);
    std::printf("  %d calls were refused\n", load.refused());
    told = load.told();
  }
  check(config, clock, told);
}

INSTANTIATE_TEST_SUITE_P(Signals, RadosFault, ::testing::Values(SIGKILL, SIGSTOP),
                         [](const auto& signal) { return signal.param == SIGSTOP ? "stop" : "kill"; });

TEST(RadosOutage, TwoOfThreeOsdsDownRefusesInTimeAndEndsByItself) {
  SystemClock clock;
  RadosStoreConfig config = test_cluster().config();
  const auto patient = open_store(config, clock);
  config.attempt_timeout_s = 1;
  config.call_deadline_ms = 3000;
  const auto store = open_store(config, clock);
  const PhotoId before = photo_id(kNowMs);
  const Bytes bytes = pattern(150'000);
  ASSERT_TRUE(write_blob(patient->blobs(), blob_key("anna", before), bytes));
  ASSERT_TRUE(patient->index().create("anna", sample_photo("anna", before)));
  test_cluster().signal("osd.1", SIGKILL);
  test_cluster().signal("osd.2", SIGKILL);
  ASSERT_TRUE(test_cluster().wait_until_up(1, 60));

  double longest_s = 0;
  int answered = 0;
  const auto refused = [&](const auto& call) {
    const auto began = std::chrono::steady_clock::now();
    const auto result = call();
    longest_s = std::max(longest_s, Seconds(std::chrono::steady_clock::now() - began).count());
    if (result) {
      ++answered;
    } else {
      EXPECT_TRUE(result.error().code == ErrorCode::kTimedOut || result.error().code == ErrorCode::kUnavailable)
          << result.error().to_string();
    }
  };
  refused([&] { return store->index().create("anna", sample_photo("anna", photo_id(kNowMs, 1), "k")); });
  refused([&] { return write_blob(store->blobs(), blob_key("anna", photo_id(kNowMs, 1)), bytes); });
  refused([&] { return store->blobs().put_all(std::vector<BlobPut>{{blob_key("anna", before, "a"), bytes}}); });
  refused([&] { return store->index().remove("anna", before); });
  refused([&] { return store->jobs().put(sample_record(photo_id(kNowMs, 5))); });
  EXPECT_EQ(answered, 0) << "a write with one replica of three";
  // Below min_size a placement group answers no reads either: they end in time too, or answer right.
  refused([&] { return store->index().get("anna", before); });
  refused([&] { return read_blob(store->blobs(), blob_key("anna", before), 1 << 20); });
  std::printf("  longest call %.1f s, of a deadline of 3 s; %d reads answered\n", longest_s, answered);
  EXPECT_LT(longest_s, 10);

  test_cluster().start("osd.1");
  test_cluster().start("osd.2");
  ASSERT_TRUE(test_cluster().wait_until_whole(120));
  // The same store, not opened again.
  auto created = store->index().create("anna", sample_photo("anna", photo_id(kNowMs, 9)));
  for (int tries = 0; !created && tries < 10; ++tries)
    created = store->index().create("anna", sample_photo("anna", photo_id(kNowMs, 9)));
  EXPECT_TRUE(created) << created.error().to_string();
  const auto read = read_blob(store->blobs(), blob_key("anna", before), 1 << 20);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(as_text(*read), as_text(bytes));
  EXPECT_TRUE(store->index().owns_blobs("anna", before));
}

// Of more OSDs than replicas, two that are gone leave some placement groups with two replicas: what is in those is read
// and written meanwhile, the rest is refused in time.
TEST(RadosOutage, WhatHasKeptTwoReplicasIsReadAndWrittenMeanwhile) {
  const SideCluster side(5);
  ASSERT_TRUE(side.cluster.wait_until_up(5, 60));
  ASSERT_TRUE(side.cluster.wait_until_whole(90));
  SystemClock clock;
  RadosStoreConfig config = side.cluster.config();
  // A busy machine takes its time before all is well, too.
  const auto patient = open_store(config, clock);
  config.attempt_timeout_s = 1;
  config.call_deadline_ms = 3000;
  const auto store = open_store(config, clock);
  constexpr int kOwners = 32;
  const Bytes bytes = pattern(20'000);
  const auto owner = [](int i) { return std::format("owner{}", i); };
  for (int i = 0; i < kOwners; ++i) {
    ASSERT_TRUE(write_blob(patient->blobs(), blob_key(owner(i), photo_id(kNowMs, i)), bytes));
    ASSERT_TRUE(patient->index().create(owner(i), sample_photo(owner(i), photo_id(kNowMs, i))));
  }
  side.cluster.signal("osd.3", SIGKILL);
  side.cluster.signal("osd.4", SIGKILL);
  ASSERT_TRUE(side.cluster.wait_until_up(3, 60));

  std::atomic<int> lists = 0, blobs = 0, writes = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kOwners; ++i) {
      threads.emplace_back([&, i] {
        const auto began = std::chrono::steady_clock::now();
        const auto page = store->index().list(owner(i), {});
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        EXPECT_LT(took.count(), 3.8) << "three attempts of a second, not a fourth in the last moment";
        if (page) {
          EXPECT_EQ(page->rows.size(), 1u);
          ++lists;
        }
        if (const auto read = read_blob(store->blobs(), blob_key(owner(i), photo_id(kNowMs, i)), 1 << 20)) {
          EXPECT_EQ(as_text(*read), as_text(bytes));
          ++blobs;
        }
        writes += store->blobs()
                      .put_all(std::vector<BlobPut>{{blob_key(owner(i), photo_id(kNowMs, i), "a"), bytes}})
                      .has_value();
      });
    }
  }
  std::printf("  of %d: %d lists and %d blobs read, %d blobs written\n", kOwners, lists.load(), blobs.load(),
              writes.load());
  // Each placement group has lost two of three with a chance of 3 in 10.
  EXPECT_GT(lists, 0);
  EXPECT_LT(lists, kOwners);
  EXPECT_GT(blobs, 0);
  EXPECT_GT(writes, 0);
}

}  // namespace
}  // namespace tintype::testing
