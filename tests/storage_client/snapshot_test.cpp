// Snapshots of the embedded store: whole, as of one moment, whatever goes on meanwhile.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

namespace fs = std::filesystem;

constexpr UnixMs kNowMs = 1'750'000'000'000;

class SnapshotTest : public ::testing::Test {
 protected:
  void put_photo(PhotoId photo) {
    const std::size_t size = photo.value % 2 == 0 ? 100'000 : 9'000;  // a file of its own, and packed
    ASSERT_TRUE(
        write_blob(store->blobs(), blob_key("anna", photo), pattern(size, static_cast<std::uint32_t>(photo.value))));
    ASSERT_TRUE(store->index().create("anna", sample_photo("anna", photo)));
  }
  void delete_photo(PhotoId photo) {
    ASSERT_TRUE(store->index().remove("anna", photo));
    ASSERT_TRUE(store->blobs().remove_photo("anna", photo));
  }
  // The snapshot as a store of its own.
  std::unique_ptr<EmbeddedStore> restored() {
    const std::string copy = folder.path() + "/copy";
    fs::remove_all(copy);
    fs::copy(snapshot, copy, fs::copy_options::recursive);
    return open_store(small_config(copy), clock);
  }
  // How many photos `from` lists, each with its bytes.
  std::size_t whole_photos(EmbeddedStore& from) {
    ListQuery query;
    query.limit = 1000;
    const auto page = from.index().list("anna", query);
    for (const LightRow& row : page->rows) {
      const auto bytes = read_blob(from.blobs(), blob_key("anna", row.photo), 1 << 20);
      EXPECT_TRUE(bytes) << row.photo.to_string();
      if (!bytes) continue;
      EXPECT_EQ(as_text(*bytes), as_text(pattern(bytes->size(), static_cast<std::uint32_t>(row.photo.value))));
    }
    return page->rows.size();
  }
  std::uint64_t pack_blocks() const {
    std::uint64_t blocks = 0;
    for (const auto& pack : fs::directory_iterator(folder.path() + "/store/packs")) {
      struct stat info;
      EXPECT_EQ(::stat(pack.path().c_str(), &info), 0);
      blocks += static_cast<std::uint64_t>(info.st_blocks);
    }
    return blocks;
  }

  const SystemClock clock;
  TemporaryFolder folder{FolderOn::kMemory};
  std::unique_ptr<EmbeddedStore> store = open_store(small_config(folder.path() + "/store"), clock);
  std::string snapshot;
};

TEST_F(SnapshotTest, KeepsWhatIsDeletedAndChangedAfterIt) {
  for (std::uint64_t i = 0; i < 10; ++i) put_photo(photo_id(kNowMs, i));
  snapshot = store->take_snapshot().value();
  for (std::uint64_t i = 0; i < 10; ++i) delete_photo(photo_id(kNowMs, i));
  put_photo(photo_id(kNowMs, 50));
  EXPECT_EQ(whole_photos(*store), 1u);
  EXPECT_EQ(whole_photos(*restored()), 10u);
}

TEST_F(SnapshotTest, OneAtATime) {
  snapshot = store->take_snapshot().value();
  EXPECT_EQ(store->take_snapshot().error().code, ErrorCode::kAlreadyExists);
  ASSERT_TRUE(store->drop_snapshot());
  EXPECT_FALSE(fs::exists(snapshot));
  EXPECT_TRUE(store->drop_snapshot());
  EXPECT_TRUE(store->take_snapshot());
}

TEST_F(SnapshotTest, SpaceOfWhatWasDeletedMeanwhileComesBackWhenItIsDropped) {
  for (std::uint64_t i = 0; i < 101; ++i) put_photo(photo_id(kNowMs, 2 * i + 1));
  const std::uint64_t full = pack_blocks();
  ASSERT_TRUE(store->take_snapshot());
  for (std::uint64_t i = 0; i < 100; ++i) delete_photo(photo_id(kNowMs, 2 * i + 1));
  EXPECT_EQ(pack_blocks(), full);
  ASSERT_TRUE(store->drop_snapshot());
  EXPECT_LT(pack_blocks(), full / 2);
}

TEST_F(SnapshotTest, ALeftOneGoesWhenTheStoreOpensAndSoDoesWhatItHeldBack) {
  for (std::uint64_t i = 0; i < 101; ++i) put_photo(photo_id(kNowMs, 2 * i + 1));
  const std::uint64_t full = pack_blocks();
  snapshot = store->take_snapshot().value();
  for (std::uint64_t i = 0; i < 100; ++i) delete_photo(photo_id(kNowMs, 2 * i + 1));
  store.reset();
  store = open_store(small_config(folder.path() + "/store"), clock);
  EXPECT_FALSE(fs::exists(snapshot));
  EXPECT_LT(pack_blocks(), full / 2);
  EXPECT_EQ(whole_photos(*store), 1u);
}

TEST_F(SnapshotTest, IsWholeWhileOthersUploadAndDelete) {
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; !stop; ++i) {
        put_photo(photo_id(kNowMs + static_cast<UnixMs>(i), t));
        if (i % 2 == 0) delete_photo(photo_id(kNowMs + static_cast<UnixMs>(i), t));
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    snapshot = store->take_snapshot().value();
    whole_photos(*restored());
    ASSERT_TRUE(store->drop_snapshot());
  }
  stop = true;
}

}  // namespace
}  // namespace tintype::testing
