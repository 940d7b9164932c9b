// What only the embedded store has: a folder, a format, a lock, a disk that fills and rots.
#include "storage_client/embedded/embedded_store.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <format>
#include <fstream>
#include <thread>

#include "storage_client/embedded/database.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

namespace fs = std::filesystem;

constexpr UnixMs kNowMs = 1'750'000'000'000;
const PhotoId kPhoto = photo_id(kNowMs);

class EmbeddedStoreTest : public ::testing::Test {
 protected:
  EmbeddedStoreConfig config() const { return small_config(folder_.path() + "/store"); }
  std::string path(const std::string& name) const { return config().dir + "/" + name; }
  std::unique_ptr<EmbeddedStore> open() { return open_store(config(), clock_); }
  Error open_error(const EmbeddedStoreConfig& config) {
    auto store = open_embedded_store(config, clock_, log_);
    EXPECT_FALSE(store);
    return store ? Error{} : store.error();
  }
  Error open_error() { return open_error(config()); }

  void write_file(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  // The files of a folder that end so.
  std::vector<fs::path> files(const std::string& name, const std::string& suffix) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path(name))) {
      if (entry.path().string().ends_with(suffix)) found.push_back(entry.path());
    }
    return found;
  }
  // Changes every byte of [from, to).
  static void spoil(const fs::path& file, std::streamoff from, std::streamoff to) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    for (std::streamoff at = from; at < to; ++at) {
      stream.seekg(at);
      const char byte = static_cast<char>(stream.get());
      stream.seekp(at);
      stream.put(static_cast<char>(byte ^ 0x55));
    }
    ASSERT_TRUE(stream.good());
  }

  TemporaryFolder folder_{FolderOn::kMemory};
  ManualClock clock_{kNowMs};
  Logger log_{LogLevel::kOff};
};

TEST_F(EmbeddedStoreTest, OneProcessOwnsAFolder) {
  auto store = open();
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_NE(error.message.find(std::format("process {} ", ::getpid())), std::string::npos) << error.message;
  EXPECT_NE(error.message.find(config().dir), std::string::npos) << error.message;
  store.reset();
  EXPECT_TRUE(open());
}

TEST_F(EmbeddedStoreTest, AnotherFormatIsRefused) {
  open().reset();
  write_file("FORMAT", "tintype-store 4\nand more\n");
  EXPECT_EQ(open_error().code, ErrorCode::kUnsupported);
  EXPECT_NE(open_error().message.find("format 4"), std::string::npos) << open_error().message;
  for (const char* text : {"", "tintype-store", "tintype-store 1", "tintype-store x\n", "tintype-store 0\n",
                           "other 1\n", "tintype-store 2\n"}) {
    write_file("FORMAT", text);
    EXPECT_EQ(open_error().code, ErrorCode::kCorruptData) << text;
  }
  fs::remove(path("FORMAT"));
  EXPECT_EQ(open_error().code, ErrorCode::kCorruptData) << "a store whose format nobody knows";
  write_file("FORMAT", "tintype-store 1\n");
  EXPECT_TRUE(open());
}

TEST_F(EmbeddedStoreTest, AStoreOfTheFirstFormatIsUpgradedAndKeepsWhatItHas) {
  auto store = open();
  ASSERT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto), pattern(100'000)));
  ASSERT_TRUE(store->index().create("anna", sample_photo("anna", kPhoto)));
  ASSERT_TRUE(store->index().create("bert", sample_photo("bert", kPhoto)));
  const auto counted = store->index().months("anna", ListOrder::kTaken);
  ASSERT_EQ(counted->size(), 1u);
  store.reset();
  {
    const auto database = embedded::Database::open(path("db"), config(), log_);
    ASSERT_TRUE((*database)->remove_all(embedded::Family::kIndex, embedded::all_months()));
    const std::string note = embedded::note_key("counted");
    ASSERT_TRUE((*database)->remove_all(embedded::Family::kIndex, {note, embedded::after_key(note)}));
  }
  write_file("FORMAT", "tintype-store 1\n");
  write_file("FORMAT.new", "tintype-sto");  // an upgrade that was cut short

  store = open();
  EXPECT_TRUE(store->index().get("anna", kPhoto));
  EXPECT_EQ(*store->index().months("anna", ListOrder::kTaken), *counted);
  EXPECT_EQ(store->index().months("bert", ListOrder::kUploaded)->size(), 1u);
  EXPECT_EQ(as_text(*read_blob(store->blobs(), blob_key("anna", kPhoto), 1 << 20)), as_text(pattern(100'000)));
  store.reset();
  std::ifstream file(path("FORMAT"));
  std::string format, word, id;
  std::getline(file, format);
  file >> word >> id;
  EXPECT_EQ(format, "tintype-store 3");
  EXPECT_EQ(word, "id");
  EXPECT_EQ(id.size(), 26u);
  EXPECT_TRUE(open());
}

TEST_F(EmbeddedStoreTest, RefusesConfigurationsThatMakeNoSense) {
  EmbeddedStoreConfig no_folder = config();
  no_folder.dir = "";
  EXPECT_EQ(open_error(no_folder).code, ErrorCode::kInvalidArgument);
  EmbeddedStoreConfig tiny = config();
  tiny.write_buffer_bytes = 10;
  EXPECT_EQ(open_error(tiny).code, ErrorCode::kInvalidArgument);
  EmbeddedStoreConfig backwards = config();
  backwards.min_free_bytes = 2;
  backwards.resume_free_bytes = 1;
  EXPECT_EQ(open_error(backwards).code, ErrorCode::kInvalidArgument);
  EmbeddedStoreConfig wide = config();
  wide.packed_blob_limit_bytes = 1ull << 40;
  EXPECT_EQ(open_error(wide).code, ErrorCode::kInvalidArgument);
  EmbeddedStoreConfig file = config();
  file.dir = "/proc/self/status/store";
  EXPECT_EQ(open_error(file).code, ErrorCode::kIo);
}

TEST_F(EmbeddedStoreTest, UploadsUnderWayLeaveNothing) {
  auto store = open();
  auto writer = store->blobs().create(blob_key("anna", kPhoto), 100'000);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->write(pattern(100'000)));
  EXPECT_FALSE(fs::is_empty(path("incoming")));
  writer->reset();
  EXPECT_TRUE(fs::is_empty(path("incoming")));
  store.reset();
  write_file("incoming/17", "of a process that died");
  store = open();
  EXPECT_TRUE(fs::is_empty(path("incoming")));
}

TEST_F(EmbeddedStoreTest, AFullDiskRefusesNewBlobsAndNothingElse) {
  open().reset();
  {
    auto store = open();
    ASSERT_TRUE(store->index().create("anna", sample_photo("anna", kPhoto)));
    ASSERT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto), pattern(100)));
  }
  EmbeddedStoreConfig full = config();
  full.min_free_bytes = 1ull << 60;
  auto store = open_store(full, clock_);
  const Bytes bytes = pattern(10);
  const auto refused = store->blobs().create(blob_key("anna", kPhoto, "x"), 0);
  EXPECT_EQ(refused.error().code, ErrorCode::kStorageFull);
  EXPECT_NE(refused.error().message.find(full.dir), std::string::npos) << refused.error().message;
  EXPECT_EQ(store->blobs().put_all(std::vector<BlobPut>{{blob_key("anna", kPhoto, "x"), bytes}}).error().code,
            ErrorCode::kStorageFull);
  EXPECT_EQ(read_blob(store->blobs(), blob_key("anna", kPhoto), 100)->size(), 100u);
  EXPECT_TRUE(store->index().commit_manifest("anna", kPhoto, sample_manifest(0), {}));
  EXPECT_TRUE(store->index().remove("anna", kPhoto));
  EXPECT_TRUE(store->blobs().remove_photo("anna", kPhoto));
}

TEST_F(EmbeddedStoreTest, ASizeHintBeyondTheDiskIsRefusedAtOnce) {
  auto store = open();
  const std::uint64_t free = *store->blobs().free_bytes();
  EXPECT_EQ(store->blobs().create(blob_key("anna", kPhoto), free + (1ull << 40)).error().code, ErrorCode::kStorageFull);
  EXPECT_TRUE(store->blobs().create(blob_key("anna", kPhoto), 1000));
}

TEST_F(EmbeddedStoreTest, ARottenIndexBlockIsCorruptData) {
  {
    auto store = open();
    for (std::uint64_t i = 0; i < 50; ++i)
      ASSERT_TRUE(store->index().create("anna", sample_photo("anna", photo_id(kNowMs, i))));
  }
  open().reset();  // moves the rows from the log to a table
  for (const fs::path& table : files("db", ".sst")) spoil(table, 0, 200);
  auto store = open_embedded_store(config(), clock_, log_);
  ASSERT_TRUE(store) << store.error().to_string();
  ListQuery query;
  query.by = ListOrder::kTaken;
  const std::vector<Error> errors = {
      (*store)->index().get("anna", kPhoto).error_or({}), (*store)->index().list("anna", {}).error_or({}),
      (*store)->index().list("anna", query).error_or({}), (*store)->index().incomplete("", 10).error_or({})};
  int corrupt = 0;
  for (const Error& error : errors) {
    if (error.message.empty()) continue;
    EXPECT_EQ(error.code, ErrorCode::kCorruptData) << error.message;
    EXPECT_NE(error.message.find("backup"), std::string::npos) << error.message;
    ++corrupt;
  }
  EXPECT_GT(corrupt, 0);
}

TEST_F(EmbeddedStoreTest, ARottenPackedBlobIsCorruptData) {
  auto store = open();
  const BlobKey first = blob_key("anna", kPhoto, "a");
  const BlobKey second = blob_key("anna", kPhoto, "b");
  const Bytes bytes = pattern(5000);
  ASSERT_TRUE(store->blobs().put_all(std::vector<BlobPut>{{first, bytes}, {second, bytes}}));
  const auto packs = files("packs", ".pack");
  ASSERT_EQ(packs.size(), 1u);
  spoil(packs[0], 4999, 5000);
  EXPECT_EQ(store->blobs().open(first).error().code, ErrorCode::kCorruptData);
  EXPECT_TRUE(store->blobs().open(second)) << "its neighbour is whole";
  fs::remove(packs[0]);
  EXPECT_EQ(store->blobs().open(second).error().code, ErrorCode::kCorruptData);
}

TEST_F(EmbeddedStoreTest, PackedBlobsSurviveReopening) {
  std::vector<Bytes> bytes;
  for (int round = 0; round < 3; ++round) {
    auto store = open();
    for (int i = 0; i < round; ++i) {
      const auto read =
          read_blob(store->blobs(), blob_key("anna", photo_id(kNowMs, static_cast<std::uint64_t>(i))), 1 << 20);
      ASSERT_TRUE(read) << read.error().to_string();
      EXPECT_EQ(as_text(*read), as_text(bytes[static_cast<std::size_t>(i)]));
    }
    bytes.push_back(pattern(3000 + static_cast<std::size_t>(round), static_cast<std::uint32_t>(round)));
    ASSERT_TRUE(write_blob(store->blobs(), blob_key("anna", photo_id(kNowMs, static_cast<std::uint64_t>(round))),
                           bytes.back()));
  }
}

TEST_F(EmbeddedStoreTest, RemovedBlobsGiveTheirSpaceBack) {
  auto store = open();
  const Bytes bytes = pattern(30'000);
  const auto put = [&](std::uint64_t number) {
    std::vector<BlobPut> puts;
    for (int i = 0; i < 8; ++i)
      puts.push_back({blob_key("anna", photo_id(kNowMs, number), std::format("v{}", i)), bytes});
    ASSERT_TRUE(store->blobs().put_all(puts));
  };
  const auto bytes_on_disk = [&] {
    std::int64_t blocks = 0;
    for (const fs::path& pack : files("packs", ".pack")) {
      struct stat info;
      EXPECT_EQ(::stat(pack.c_str(), &info), 0);
      blocks += info.st_blocks;
    }
    return blocks * 512;
  };
  for (std::uint64_t i = 0; i < 40; ++i) put(i);
  const std::int64_t full = bytes_on_disk();
  EXPECT_GE(full, 40 * 8 * 30'000);
  for (std::uint64_t i = 0; i < 40; i += 2) ASSERT_TRUE(store->blobs().remove_photo("anna", photo_id(kNowMs, i)));
  EXPECT_LT(bytes_on_disk(), full * 6 / 10);
  put(1);  // replaced
  EXPECT_LT(bytes_on_disk(), full * 6 / 10);
  for (std::uint64_t i = 1; i < 40; i += 2) {
    ASSERT_TRUE(store->blobs().open(blob_key("anna", photo_id(kNowMs, i), "v7"))) << i;
    ASSERT_TRUE(store->blobs().remove_photo("anna", photo_id(kNowMs, i)));
  }
  EXPECT_LT(bytes_on_disk(), full / 20);
  store.reset();
  store = open();
  EXPECT_TRUE(files("packs", ".pack").empty());
}

TEST_F(EmbeddedStoreTest, BytesThatNobodyWasToldOfAreCutOffAtOpen) {
  {
    auto store = open();
    ASSERT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto), pattern(5000)));
  }
  const auto packs = files("packs", ".pack");
  ASSERT_EQ(packs.size(), 1u);
  std::ofstream(packs[0], std::ios::app | std::ios::binary) << std::string(100'000, 'x');
  write_file("packs/00000077.pack", "of a put that died before the database knew");
  auto store = open();
  EXPECT_EQ(fs::file_size(packs[0]), 5000u);
  EXPECT_FALSE(fs::exists(path("packs/00000077.pack")));
  EXPECT_TRUE(store->blobs().open(blob_key("anna", kPhoto)));
}

TEST_F(EmbeddedStoreTest, AnEmptyBlobDoesNotTouchItsNeighbour) {
  auto store = open();
  const Bytes bytes = pattern(1000);
  const BlobKey empty = blob_key("anna", kPhoto, "empty");
  const BlobKey full = blob_key("anna", kPhoto, "full");
  ASSERT_TRUE(store->blobs().put_all(std::vector<BlobPut>{{empty, {}}, {full, bytes}}));
  ASSERT_TRUE(store->blobs().remove(empty));
  store.reset();
  store = open();
  const auto read = read_blob(store->blobs(), full, 1000);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(as_text(*read), as_text(bytes));
}

TEST_F(EmbeddedStoreTest, StrangeFilesAmongTheOriginalsAreLeftAlone) {
  auto store = open();
  ASSERT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto), pattern(100'000)));
  fs::path folder;
  for (const auto& entry : fs::directory_iterator(path("originals"))) folder = entry.path();
  std::ofstream(folder / "README") << "hello";
  std::ofstream(folder / "anna.notanid.0.original") << "hello";
  const auto page = store->blobs().list("", 10);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->blobs.size(), 1u);
  EXPECT_TRUE(fs::exists(folder / "README"));
}

TEST_F(EmbeddedStoreTest, AReaderSeesABlobOrNoneWhileItIsReplacedAndRemoved) {
  auto store = open();
  const BlobKey key = blob_key("anna", kPhoto);
  const std::vector<Bytes> versions = [] {
    std::vector<Bytes> made;
    for (std::uint32_t i = 0; i < 4; ++i) made.push_back(pattern(20'000, i));
    return made;
  }();
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> read = 0;
  {
    std::vector<std::jthread> readers;
    for (int t = 0; t < 4; ++t) {
      readers.emplace_back([&] {
        while (!stop) {
          const auto bytes = read_blob(store->blobs(), key, 1 << 20);
          if (!bytes) {
            if (bytes.error().code != ErrorCode::kNotFound) ++wrong;
            continue;
          }
          ++read;
          const bool known =
              std::ranges::any_of(versions, [&](const Bytes& v) { return as_text(v) == as_text(*bytes); });
          if (!known) ++wrong;
        }
      });
    }
    for (int i = 0; i < 400; ++i) {
      const std::vector<BlobPut> puts = {{key, versions[static_cast<std::size_t>(i) % versions.size()]}};
      ASSERT_TRUE(store->blobs().put_all(puts));
      if (i % 5 == 4) {
        ASSERT_TRUE(store->blobs().remove(key));
      }
    }
    stop = true;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(read, 0);
}

std::int64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  in >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

TEST(EmbeddedStoreMemory, ALargeBlobStreamsThroughAFewPieces) {
  constexpr std::uint64_t kSize = 64ull << 20;
  constexpr std::size_t kPiece = 256 << 10;
  constexpr std::int64_t kAllowed = 16ll << 20;
  TemporaryFolder folder;
  const SystemClock clock;
  auto store = open_store(small_config(folder.path()), clock);
  const Bytes piece = pattern(kPiece);
  const std::int64_t before = resident_bytes();
  std::int64_t most = before;
  auto writer = store->blobs().create(blob_key("anna", kPhoto), 0);
  ASSERT_TRUE(writer);
  for (std::uint64_t at = 0; at < kSize; at += kPiece) {
    ASSERT_TRUE((*writer)->write(piece));
    most = std::max(most, resident_bytes());
  }
  ASSERT_EQ((*writer)->commit()->size, kSize);
  auto reader = store->blobs().open(blob_key("anna", kPhoto));
  ASSERT_TRUE(reader);
  std::vector<std::uint8_t> out(kPiece);
  for (std::uint64_t at = 0; at < kSize; at += kPiece) {
    ASSERT_EQ((*reader)->read(at, out).value_or(0), kPiece);
    ASSERT_TRUE(std::equal(out.begin(), out.end(), piece.data())) << at;
    most = std::max(most, resident_bytes());
  }
  EXPECT_LT(most - before, kAllowed);
  RecordProperty("grown_bytes", std::to_string(most - before));
}

}  // namespace
}  // namespace tintype::testing
