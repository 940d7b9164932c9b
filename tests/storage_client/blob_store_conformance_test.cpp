// What every BlobStore keeps of its contract.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;
const PhotoId kPhoto = photo_id(kNowMs);

class BlobStoreConformance : public ::testing::TestWithParam<StoreCase> {
 protected:
  BlobStore& blobs() { return store_->blobs(); }

  // Every blob, in pages of `limit`.
  std::map<std::string, BlobInfo> all(int limit) {
    std::map<std::string, BlobInfo> found;
    std::string after;
    do {
      auto page = blobs().list(after, limit);
      EXPECT_TRUE(page);
      if (!page) break;
      EXPECT_LE(std::ssize(page->blobs), limit);
      for (const auto& [key, info] : page->blobs) {
        EXPECT_TRUE(found.emplace(key.to_string(), info).second) << key.to_string() << " came twice";
      }
      after = page->next;
    } while (!after.empty());
    return found;
  }

  ManualClock clock_{kNowMs};
  std::unique_ptr<StoreUnderTest> store_ = GetParam().make(clock_);
};

TEST_P(BlobStoreConformance, WhatWasWrittenReadsBack) {
  int number = 0;
  for (std::size_t size : {0u, 1u, 4095u, 65536u, 65537u, 1'000'003u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, ++number));
    const Bytes bytes = pattern(size);
    auto written = write_blob(blobs(), key, bytes);
    ASSERT_TRUE(written) << written.error().to_string();
    EXPECT_EQ(written->size, size);
    EXPECT_EQ(written->written_at_ms, kNowMs);
    auto read = read_blob(blobs(), key, 2'000'000);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(as_text(*read), as_text(bytes)) << size;
    auto info = blobs().stat(key);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->size, size);
    EXPECT_EQ(info->written_at_ms, kNowMs);
  }
}

TEST_P(BlobStoreConformance, ReadsAnyRange) {
  for (std::size_t size : {50'000u, 500'000u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, size));
    const Bytes bytes = pattern(size);
    ASSERT_TRUE(write_blob(blobs(), key, bytes));
    auto reader = blobs().open(key);
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->size(), size);
    std::vector<std::uint8_t> out(1000);
    for (std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4096}, size - 1000, size - 1}) {
      auto got = (*reader)->read(offset, out);
      ASSERT_TRUE(got);
      EXPECT_EQ(*got, std::min<std::uint64_t>(1000, size - offset));
      EXPECT_TRUE(std::equal(out.begin(), out.begin() + static_cast<long>(*got), bytes.data() + offset)) << offset;
    }
    for (std::uint64_t offset : {std::uint64_t{size}, std::uint64_t{size + 1}, ~std::uint64_t{0}}) {
      auto got = (*reader)->read(offset, out);
      ASSERT_TRUE(got);
      EXPECT_EQ(*got, 0u) << offset;
    }
    EXPECT_EQ((*reader)->read(0, {}).value_or(7), 0u);
  }
}

TEST_P(BlobStoreConformance, ABlobIsSeenOnlyOnceCommitted) {
  for (std::size_t size : {100u, 300'000u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, size));
    auto writer = blobs().create(key, size);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->write(pattern(size)));
    EXPECT_EQ(blobs().stat(key).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(all(10).empty());
    writer->reset();
    EXPECT_EQ(blobs().open(key).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(all(10).empty());
    ASSERT_TRUE(write_blob(blobs(), key, pattern(size))) << "an abandoned write must leave the key free";
    ASSERT_TRUE(blobs().remove(key));
  }
}

TEST_P(BlobStoreConformance, ASizeHintIsOnlyAHint) {
  for (std::uint64_t hint : {0u, 10u, 1'000'000u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, hint));
    auto writer = blobs().create(key, hint);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->write(pattern(100'000)));
    ASSERT_TRUE((*writer)->commit());
    EXPECT_EQ(blobs().stat(key)->size, 100'000u) << hint;
  }
}

TEST_P(BlobStoreConformance, TheFirstToCommitHasTheKey) {
  for (std::size_t size : {100u, 300'000u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, size));
    const Bytes first = pattern(size, 1);
    auto slow = blobs().create(key, size);
    ASSERT_TRUE(slow);
    ASSERT_TRUE((*slow)->write(pattern(size, 2)));
    ASSERT_TRUE(write_blob(blobs(), key, first));
    EXPECT_EQ((*slow)->commit().error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(blobs().create(key, size).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(as_text(*read_blob(blobs(), key, size)), as_text(first));
  }
}

TEST_P(BlobStoreConformance, OneOfManyWritersWins) {
  const BlobKey key = blob_key("anna", kPhoto);
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        auto done = write_blob(blobs(), key, pattern(t % 2 == 0 ? 1000 : 100'000, t));
        if (done) ++won;
        if (!done && done.error().code == ErrorCode::kAlreadyExists) ++lost;
      });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 7);
  EXPECT_EQ(all(10).size(), 1u);
}

TEST_P(BlobStoreConformance, PutAllWritesAndReplaces) {
  const Bytes small = pattern(3000, 1);
  const Bytes large = pattern(200'000, 2);
  const BlobKey a = blob_key("anna", kPhoto, "2048.webp-1");
  const BlobKey b = blob_key("anna", kPhoto, "2048.avif-1");
  const BlobKey other = blob_key("bert", kPhoto, "2048.avif-1");
  ASSERT_TRUE(blobs().put_all({}));
  ASSERT_TRUE(blobs().put_all(std::vector<BlobPut>{{a, small}, {b, large}, {other, small}}));
  EXPECT_EQ(as_text(*read_blob(blobs(), a, 1 << 20)), as_text(small));
  EXPECT_EQ(as_text(*read_blob(blobs(), b, 1 << 20)), as_text(large));
  clock_.advance_ms(5);
  ASSERT_TRUE(blobs().put_all(std::vector<BlobPut>{{a, large}, {b, small}}));
  EXPECT_EQ(as_text(*read_blob(blobs(), a, 1 << 20)), as_text(large));
  EXPECT_EQ(as_text(*read_blob(blobs(), b, 1 << 20)), as_text(small));
  EXPECT_EQ(as_text(*read_blob(blobs(), other, 1 << 20)), as_text(small));
  EXPECT_EQ(blobs().stat(a)->written_at_ms, kNowMs + 5);
  EXPECT_EQ(blobs().stat(b)->size, small.size());
  EXPECT_EQ(all(10).size(), 3u);
}

TEST_P(BlobStoreConformance, PutAllRefusesAKeyTwiceAndWritesNothing) {
  const Bytes bytes = pattern(10);
  const BlobKey key = blob_key("anna", kPhoto);
  EXPECT_EQ(blobs().put_all(std::vector<BlobPut>{{key, bytes}, {key, bytes}}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(all(10).empty());
}

TEST_P(BlobStoreConformance, RemovedBlobsAreGoneAndRemovingAgainIsOk) {
  for (std::size_t size : {100u, 300'000u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, size));
    EXPECT_TRUE(blobs().remove(key));
    ASSERT_TRUE(write_blob(blobs(), key, pattern(size)));
    EXPECT_TRUE(blobs().remove(key));
    EXPECT_EQ(blobs().open(key).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(blobs().stat(key).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(blobs().remove(key));
    EXPECT_TRUE(write_blob(blobs(), key, pattern(size)));
  }
}

TEST_P(BlobStoreConformance, RemovePhotoTakesAllOfThatPhotoAndNoMore) {
  // Owners and photos chosen so that each is a neighbour, or a prefix, of the one removed.
  const std::vector<BlobKey> kept = {blob_key("ann", kPhoto), blob_key("annab", kPhoto), blob_key("anna-", kPhoto),
                                     blob_key("anna", photo_id(kNowMs, 1)), blob_key("anna", {kPhoto.value - 1})};
  for (const BlobKey& key : kept) ASSERT_TRUE(write_blob(blobs(), key, pattern(100)));
  ASSERT_TRUE(write_blob(blobs(), {"anna", kPhoto, 0, "original"}, pattern(300'000)));
  ASSERT_TRUE(write_blob(blobs(), {"anna", kPhoto, 0, "512.webp-1"}, pattern(100)));
  ASSERT_TRUE(write_blob(blobs(), {"anna", kPhoto, 4'000'000'000u, "512.webp-1"}, pattern(100)));
  EXPECT_TRUE(blobs().remove_photo("anna", kPhoto));
  const auto left = all(100);
  EXPECT_EQ(left.size(), kept.size());
  for (const BlobKey& key : kept) EXPECT_TRUE(left.contains(key.to_string())) << key.to_string();
  EXPECT_TRUE(blobs().remove_photo("anna", kPhoto));
}

TEST_P(BlobStoreConformance, AnOpenReaderOutlivesRemoval) {
  for (std::size_t size : {100u, 300'000u}) {
    const BlobKey key = blob_key("anna", photo_id(kNowMs, size));
    const Bytes bytes = pattern(size);
    ASSERT_TRUE(write_blob(blobs(), key, bytes));
    auto reader = blobs().open(key);
    ASSERT_TRUE(reader);
    ASSERT_TRUE(blobs().remove(key));
    std::vector<std::uint8_t> out(size);
    EXPECT_EQ((*reader)->read(0, out).value_or(0), size);
    EXPECT_EQ(as_text(out), as_text(bytes));
  }
}

TEST_P(BlobStoreConformance, ListsEveryBlobOnceInPagesOfAnySize) {
  std::map<std::string, std::uint64_t> made;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const BlobKey key = blob_key(i % 3 == 0 ? "anna" : "bert", photo_id(kNowMs, i / 2), i % 2 == 0 ? "original" : "x");
    const std::size_t size = i % 5 == 0 ? 70'000 + i : i;
    ASSERT_TRUE(write_blob(blobs(), key, pattern(size)));
    made[key.to_string()] = size;
  }
  for (int limit : {1, 7, 59, 60, 61, 1000}) {
    const auto listed = all(limit);
    ASSERT_EQ(listed.size(), made.size()) << limit;
    for (const auto& [key, info] : listed) {
      EXPECT_EQ(made.at(key), info.size) << key;
      EXPECT_EQ(info.written_at_ms, kNowMs);
    }
  }
}

TEST_P(BlobStoreConformance, RefusesKeysThatCouldLeadElsewhere) {
  for (const BlobKey& key :
       {BlobKey{"", kPhoto, 0, "a"}, BlobKey{"..", kPhoto, 0, "a"}, BlobKey{"a/b", kPhoto, 0, "a"},
        BlobKey{"a.b", kPhoto, 0, "a"}, BlobKey{"anna", kPhoto, 0, ""}, BlobKey{"anna", kPhoto, 0, ".."},
        BlobKey{"anna", kPhoto, 0, ".hidden"}, BlobKey{"anna", kPhoto, 0, "a/b"},
        BlobKey{"anna", kPhoto, 0, std::string("a\0b", 3)}, BlobKey{"anna", kPhoto, 0, std::string(129, 'a')},
        BlobKey{std::string(65, 'a'), kPhoto, 0, "a"}}) {
    const Bytes bytes = pattern(10);
    EXPECT_EQ(blobs().create(key, 0).error().code, ErrorCode::kInvalidArgument) << key.part;
    EXPECT_EQ(blobs().put_all(std::vector<BlobPut>{{key, bytes}}).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(blobs().open(key).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(blobs().stat(key).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(blobs().remove(key).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(blobs().remove_photo("../anna", kPhoto).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(BlobStoreConformance, TheLongestKeyWorks) {
  for (std::size_t size : {100u, 100'000u}) {
    const BlobKey key{std::string(64, 'o'), {~0ull}, ~0u, std::string(128, static_cast<char>('a' + size % 7))};
    ASSERT_TRUE(write_blob(blobs(), key, pattern(size)));
    EXPECT_EQ(blobs().stat(key)->size, size);
    EXPECT_TRUE(all(10).contains(key.to_string()));
  }
}

TEST_P(BlobStoreConformance, RefusesBadPages) {
  for (int limit : {0, -1, 1001}) EXPECT_EQ(blobs().list("", limit).error().code, ErrorCode::kInvalidArgument);
  for (const char* cursor : {"x", "anna", "f", "pp"}) {
    EXPECT_EQ(blobs().list(cursor, 10).error().code, ErrorCode::kInvalidArgument) << cursor;
  }
}

TEST_P(BlobStoreConformance, ReadBlobKeepsToItsLimit) {
  const BlobKey key = blob_key("anna", kPhoto);
  ASSERT_TRUE(write_blob(blobs(), key, pattern(1000)));
  EXPECT_EQ(read_blob(blobs(), key, 1000)->size(), 1000u);
  EXPECT_EQ(read_blob(blobs(), key, 999).error().code, ErrorCode::kImageTooLarge);
  EXPECT_EQ(read_blob(blobs(), blob_key("bert", kPhoto), 999).error().code, ErrorCode::kNotFound);
}

TEST_P(BlobStoreConformance, TellsFreeBytes) {
  auto free = blobs().free_bytes();
  ASSERT_TRUE(free);
  EXPECT_GT(*free, 0u);
}

INSTANTIATE_TEST_SUITE_P(Stores, BlobStoreConformance, ::testing::ValuesIn(store_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tintype::testing
