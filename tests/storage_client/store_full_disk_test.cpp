// A disk that is really full: refusals say so, what was acknowledged stays, and writing goes on once there is space.
//
// The disk is a small file system in memory that only a child of this program sees (`store_full_disk_test --fill
// FOLDER`); where none may be mounted, the test is skipped.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

constexpr int kCannotMount = 77;
constexpr UnixMs kNowMs = 1'750'000'000'000;

bool mount_small_disk(const std::string& folder) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  return ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=32m") == 0;
}

// The child says on its standard error what did not hold, and ends.
void require(const char* what, bool holds) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  ::_exit(1);
}

Bytes variant() { return pattern(60'000); }

// One more photo, variants first.
Status put_photo(EmbeddedStore& store, PhotoId photo) {
  const Bytes bytes = variant();
  const std::vector<BlobPut> puts = {{blob_key("anna", photo, "a"), bytes}, {blob_key("anna", photo, "b"), bytes}};
  TT_TRY(store.blobs().put_all(puts));
  TT_TRY(store.index().create("anna", sample_photo("anna", photo)));
  return {};
}

bool all_there(EmbeddedStore& store, const std::vector<PhotoId>& photos) {
  return std::ranges::all_of(photos, [&](PhotoId photo) {
    const auto read = read_blob(store.blobs(), blob_key("anna", photo, "b"), 1 << 20);
    return read && as_text(*read) == as_text(variant()) && store.index().get("anna", photo);
  });
}

// Photos until the first refusal, which it answers.
Status fill_with_photos(EmbeddedStore& store, std::vector<PhotoId>& kept) {
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const PhotoId photo = photo_id(kNowMs, i);
    TT_TRY(put_photo(store, photo));
    kept.push_back(photo);
  }
  return {};
}

// Rows until the first refusal: the database's own log is full too.
Status fill_with_rows(PhotoIndex& index) {
  for (std::uint64_t i = 0; i < 100'000; ++i) TT_TRY(index.create("bert", sample_photo("bert", photo_id(kNowMs, i))));
  return {};
}

int fill(const std::string& folder) {
  if (!mount_small_disk(folder)) return kCannotMount;
  const std::string ballast = folder + "/ballast";
  UniqueFd fd(::open(ballast.c_str(), O_WRONLY | O_CREAT, 0600));
  require("there is room for the ballast", ::posix_fallocate(fd.get(), 0, 12 << 20) == 0);
  fd.reset();

  const SystemClock clock;
  auto store = open_store(small_config(folder + "/store"), clock);
  std::vector<PhotoId> kept;
  require("the disk fills up", fill_with_photos(*store, kept).error_or({}).code == ErrorCode::kStorageFull);
  require("some photos fit", kept.size() > 20);
  const auto large = write_blob(store->blobs(), blob_key("anna", photo_id(kNowMs, 50'000)), pattern(20 << 20), 1 << 20);
  require("a large blob is refused", large.error_or({}).code == ErrorCode::kStorageFull);
  require("rows are refused", fill_with_rows(store->index()).error_or({}).code == ErrorCode::kStorageFull);
  require("what was acknowledged is there", all_there(*store, kept));

  require("the ballast goes", ::unlink(ballast.c_str()) == 0);
  const PhotoId next = photo_id(kNowMs, 60'000);
  Status put = put_photo(*store, next);
  for (int i = 0; i < 300 && !put; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    put = put_photo(*store, next);
  }
  if (!put) std::fprintf(stderr, "%s\n", put.error().to_string().c_str());
  require("writing goes on", put.has_value());
  kept.push_back(next);
  store.reset();
  store = open_store(small_config(folder + "/store"), clock);
  require("what was acknowledged is still there", all_there(*store, kept));
  return 0;
}

TEST(StoreFullDisk, RefusesAndGoesOnOnceThereIsSpace) {
  TemporaryFolder folder;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const pid_t pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    ::execl(program.c_str(), program.c_str(), "--fill", folder.path().c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == kCannotMount) GTEST_SKIP() << "no file system can be mounted here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tintype::testing

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--fill") return tintype::testing::fill(argv[2]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
