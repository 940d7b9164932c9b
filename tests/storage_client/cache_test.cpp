// The caches before a store: what they save it, and that nobody is told old news.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <semaphore>
#include <thread>

#include "core/base/metric_names.h"
#include "storage_client/cache/bounded_cache.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "storage_client/failing_store.h"
#include "storage_client/memory/memory_store.h"

namespace tintype {
namespace {

Photo photo_made_at(UnixMs at_ms) {
  Photo photo;
  photo.light.photo = SortableId::make(at_ms);
  photo.light.taken_at_ms = at_ms;
  photo.heavy.sha256 = std::string(64, '0');
  photo.heavy.original_key = BlobKey{"anna", photo.light.photo, 0, "original"}.to_string();
  photo.heavy.job.id = SortableId::make(at_ms);
  photo.heavy.job.owner = "anna";
  photo.heavy.job.photo = photo.light.photo;
  photo.heavy.job.recipe = builtin_recipes()[0];
  return photo;
}

class Caches : public testing::Test {
 protected:
  SystemClock clock;
  Metrics metrics;
  MemoryStore store = make_memory_store(clock);
  // How often the store behind the caches was read.
  std::atomic<int> lists = 0, gets = 0, opens = 0;
  std::unique_ptr<PhotoIndex> counted_index = make_failing(*store.index, [this](std::string_view method) {
    if (method == "list") ++lists;
    if (method == "get") ++gets;
    return InjectedFault::kNone;
  });
  std::unique_ptr<BlobStore> counted_blobs = make_failing(*store.blobs, [this](std::string_view method) {
    if (method == "open") ++opens;
    return InjectedFault::kNone;
  });
  std::unique_ptr<PhotoIndex> index = make_cached(*counted_index, CachedIndexConfig{}, metrics);
  std::unique_ptr<BlobStore> blobs = make_cached(*counted_blobs, CachedBlobsConfig{}, metrics);

  Photo put_photo() {
    Photo photo = photo_made_at(clock.now_ms());
    EXPECT_TRUE(index->create("anna", photo));
    return photo;
  }
  static void in_threads(int count, const std::function<void()>& work) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work);
  }
};

TEST_F(Caches, TenThousandReadersOfOneUserCostTheStoreOneReadOfAKind) {
  const Photo photo = put_photo();
  ASSERT_TRUE(index->set_failed("anna", photo.light.photo));  // forgets what create() filled
  const BlobKey key{"anna", photo.light.photo, 0, "256.webp-1"};
  const BlobPut put{key, as_bytes("thumbnail")};
  ASSERT_TRUE(store.blobs->put_all({&put, 1}));
  in_threads(8, [&] {
    for (int i = 0; i < 1250; ++i) {
      EXPECT_EQ(index->list("anna", {})->rows.size(), 1u);
      EXPECT_TRUE(index->get("anna", photo.light.photo));
      EXPECT_EQ((*blobs->open(key))->size(), 9u);
    }
  });
  EXPECT_EQ(lists, 1);
  EXPECT_EQ(gets, 1);
  EXPECT_EQ(opens, 1);
  EXPECT_EQ(metrics.counter(metric::kCacheHits, label({{"cache", "blobs"}})).value(), 9999);
}

TEST_F(Caches, AreFilledByWrites) {
  const Photo photo = put_photo();
  EXPECT_TRUE(index->get("anna", photo.light.photo));
  EXPECT_EQ(gets, 0);
  const BlobKey key{"anna", photo.light.photo, 0, "256.webp-1"};
  const BlobPut put{key, as_bytes("thumbnail")};
  ASSERT_TRUE(blobs->put_all({&put, 1}));
  const auto reader = blobs->open(key);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->whole());
  EXPECT_EQ(as_text(*(*reader)->whole()), "thumbnail");
  EXPECT_EQ(opens, 0);
}

TEST_F(Caches, EveryWriteIsSeenAtOnce) {
  const Photo photo = put_photo();
  const PhotoId id = photo.light.photo;
  const auto row = [&] { return index->list("anna", {})->rows.at(0); };
  EXPECT_FALSE(row().complete);
  LightUpdate update;
  update.complete = true;
  update.thumbhash = "hash";
  ASSERT_TRUE(index->commit_manifest("anna", id, Manifest{}, update));
  EXPECT_TRUE(row().complete);
  EXPECT_EQ(row().revision, 1u);
  EXPECT_EQ(index->get("anna", id)->light.thumbhash, "hash");
  ASSERT_TRUE(index->set_job("anna", id, photo.heavy.job));
  EXPECT_FALSE(row().complete);
  EXPECT_FALSE(index->get("anna", id)->light.complete);
  ASSERT_TRUE(index->set_failed("anna", id));
  EXPECT_TRUE(row().failed);
  put_photo();
  EXPECT_EQ(index->list("anna", {})->rows.size(), 2u);
  ASSERT_TRUE(index->remove("anna", id));
  EXPECT_EQ(index->list("anna", {})->rows.size(), 1u);
  EXPECT_EQ(index->get("anna", id).error().code, ErrorCode::kNotFound);
}

TEST_F(Caches, RemovedBlobsAreGone) {
  const PhotoId photo = SortableId::make(1);
  const BlobKey one{"anna", photo, 0, "a"}, two{"anna", photo, 0, "b"};
  for (const BlobKey& key : {one, two}) {
    const BlobPut put{key, as_bytes("bytes")};
    ASSERT_TRUE(blobs->put_all({&put, 1}));
  }
  ASSERT_TRUE(blobs->remove(one));
  EXPECT_EQ(blobs->open(one).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(blobs->open(two));
  ASSERT_TRUE(blobs->remove_photo("anna", photo));
  EXPECT_EQ(blobs->open(two).error().code, ErrorCode::kNotFound);
}

TEST_F(Caches, AWriteThatMayHaveHappenedIsSeen) {
  const Photo photo = put_photo();
  const auto lying = make_failing(*store.index, [](std::string_view method) {
    return method == "set_failed" ? InjectedFault::kAfter : InjectedFault::kNone;
  });
  const auto cached = make_cached(*lying, CachedIndexConfig{}, metrics);
  EXPECT_FALSE(cached->list("anna", {})->rows.at(0).failed);
  EXPECT_FALSE(cached->get("anna", photo.light.photo)->light.failed);
  EXPECT_FALSE(cached->set_failed("anna", photo.light.photo));
  EXPECT_TRUE(cached->list("anna", {})->rows.at(0).failed);
  EXPECT_TRUE(cached->get("anna", photo.light.photo)->light.failed);
}

TEST_F(Caches, LargeBlobsAreReadThrough) {
  const std::string large(300'000, 'x');
  const BlobKey key{"anna", SortableId::make(1), 0, "2048.webp-1"};
  const BlobPut put{key, as_bytes(large)};
  ASSERT_TRUE(blobs->put_all({&put, 1}));
  for (int i = 1; i <= 2; ++i) {
    const auto reader = blobs->open(key);
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->size(), large.size());
    EXPECT_FALSE((*reader)->whole());
    EXPECT_EQ(opens, i);
  }
}

// Writers count up; a reader that starts after a write was acknowledged must never see less.
TEST_F(Caches, NobodyIsToldOldNews) {
  const Photo photo = put_photo();
  const PhotoId id = photo.light.photo;
  std::atomic<std::uint64_t> acknowledged = 0;
  std::atomic<bool> stop = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&, i] {
      while (!stop) {
        const std::uint64_t floor = acknowledged;
        const std::uint64_t seen =
            i % 2 == 0 ? index->get("anna", id)->light.revision : index->list("anna", {})->rows.at(0).revision;
        EXPECT_GE(seen, floor);
      }
    });
  }
  for (std::uint64_t revision = 0; revision < 3000; ++revision) {
    Manifest manifest;
    manifest.revision = revision;
    ASSERT_TRUE(index->commit_manifest("anna", id, manifest, {}));
    acknowledged = revision + 1;
  }
  stop = true;
}

TEST(BoundedCaches, StayWithinTheirBytesAndKeepWhatIsUsed) {
  Counter hits, misses;
  BoundedCache<std::string> cache(10'000, hits, misses);
  const auto load = [](std::size_t bytes) {
    return [bytes]() -> Result<BoundedCache<std::string>::Loaded> {
      return BoundedCache<std::string>::Loaded{std::make_shared<const std::string>("v"), bytes};
    };
  };
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(cache.get("g", std::to_string(i), load(800)));
    ASSERT_TRUE(cache.get("g", "0", load(800)));
    EXPECT_LE(cache.bytes(), 10'000u);
  }
  EXPECT_EQ(misses.value(), 100) << "what is used all the time is never pushed out";
  ASSERT_TRUE(cache.get("g", "huge", load(20'000)));
  EXPECT_NE(cache.find("g", "0"), nullptr);
  EXPECT_EQ(cache.find("g", "huge"), nullptr);
  cache.bump("g");
  EXPECT_EQ(cache.find("g", "0"), nullptr);
}

TEST(BoundedCaches, OneLoadServesAllWhoWaitAndItsErrorIsNotKept) {
  Counter hits, misses;
  BoundedCache<std::string> cache(10'000, hits, misses);
  std::atomic<int> loads = 0;
  std::atomic<int> failures = 0;
  const auto slow = [&]() -> Result<BoundedCache<std::string>::Loaded> {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (++loads == 1) return fail(ErrorCode::kIo, "no");
    return BoundedCache<std::string>::Loaded{std::make_shared<const std::string>("v"), 1};
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] { failures += !cache.get("g", "k", slow).has_value(); });
    }
  }
  EXPECT_EQ(loads + 0, failures == 16 ? 1 : 2);
  EXPECT_TRUE(cache.get("g", "k", slow));
}

TEST(BoundedCaches, WhatWasLoadedBeforeAWriteIsNotKept) {
  Counter hits, misses;
  BoundedCache<std::string> cache(10'000, hits, misses);
  std::binary_semaphore loading(0), written(0);
  std::jthread early([&] {
    const auto value = cache.get("g", "k", [&]() -> Result<BoundedCache<std::string>::Loaded> {
      loading.release();
      written.acquire();
      return BoundedCache<std::string>::Loaded{std::make_shared<const std::string>("old"), 1};
    });
    EXPECT_EQ(**value, "old");
  });
  loading.acquire();
  cache.bump("g");
  const auto late = cache.get("g", "k", []() -> Result<BoundedCache<std::string>::Loaded> {
    return BoundedCache<std::string>::Loaded{std::make_shared<const std::string>("new"), 1};
  });
  EXPECT_EQ(**late, "new");
  written.release();
  early.join();
  ASSERT_NE(cache.find("g", "k"), nullptr);
  EXPECT_EQ(*cache.find("g", "k"), "new");
}

}  // namespace
}  // namespace tintype
