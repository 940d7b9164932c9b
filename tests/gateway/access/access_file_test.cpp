#include "gateway/access/access_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace tintype {
namespace {

class AccessFiles : public testing::Test {
 protected:
  AccessFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "tintype-access-XXXXXX").string();
    folder = std::string(::mkdtemp(name.data())) + "/access";
  }
  ~AccessFiles() override { std::filesystem::remove_all(std::filesystem::path(folder).parent_path()); }

  static Status add_token(const AccessFile& file, UnixMs now_ms, UnixMs expires_at_ms) {
    return file.change(now_ms, [&](AccessBook& book) -> Status {
      TokenRecord record;
      record.token = {SortableId::make(now_ms).to_string(), "alice", Scopes::all(), expires_at_ms};
      book.tokens.push_back(record);
      return {};
    });
  }

  std::string folder;
  Logger log{LogLevel::kOff};
};

TEST_F(AccessFiles, TheFirstChangeMakesItForItsOwnerAlone) {
  const AccessFile file(folder);
  EXPECT_EQ(file.read().error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(add_token(file, 0, 1000));
  struct stat facts{};
  ASSERT_EQ(::stat(file.path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(folder.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  const auto book = file.read();
  ASSERT_TRUE(book);
  EXPECT_EQ(book->keys.size(), 1u);
  EXPECT_EQ(book->tokens.size(), 1u);
}

TEST_F(AccessFiles, AFileThatOthersMayReadIsNotUsed) {
  const AccessFile file(folder);
  ASSERT_TRUE(add_token(file, 0, 1000));
  ASSERT_EQ(::chmod(file.path().c_str(), 0640), 0);
  EXPECT_EQ(file.read().error().code, ErrorCode::kDenied);
  EXPECT_FALSE(add_token(file, 0, 1000));
}

TEST_F(AccessFiles, AFailedEditChangesNothing) {
  const AccessFile file(folder);
  ASSERT_TRUE(add_token(file, 0, 1000));
  const Status failed = file.change(0, [](AccessBook& book) -> Status {
    book.tokens.clear();
    return fail(ErrorCode::kNotFound, "no");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(file.read()->tokens.size(), 1u);
}

TEST_F(AccessFiles, LongExpiredTokensAreForgotten) {
  const AccessFile file(folder);
  constexpr UnixMs kDay = 24 * 3600 * 1000;
  ASSERT_TRUE(add_token(file, 0, kDay));
  ASSERT_TRUE(add_token(file, 30 * kDay, 40 * kDay));
  EXPECT_EQ(file.read()->tokens.size(), 2u);
  ASSERT_TRUE(add_token(file, 32 * kDay, 40 * kDay));
  EXPECT_EQ(file.read()->tokens.size(), 2u);
}

TEST_F(AccessFiles, WritersTakeTurns) {
  const AccessFile file(folder);
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        for (int k = 0; k < 10; ++k) EXPECT_TRUE(add_token(file, 0, 1000));
      });
    }
  }
  EXPECT_EQ(file.read()->tokens.size(), 40u);
}

TEST_F(AccessFiles, ALiveBookFollowsTheFile) {
  const AccessFile file(folder);
  LiveAccessBook live(file, log);
  EXPECT_EQ(live.now(), nullptr);
  ASSERT_TRUE(add_token(file, 0, 1000));
  const auto first = live.now();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(live.now(), first) << "an unchanged file is not read again";
  ASSERT_TRUE(add_token(file, 0, 1000));
  EXPECT_EQ(live.now()->tokens.size(), 2u);
  EXPECT_EQ(first->tokens.size(), 1u);
  ASSERT_EQ(::chmod(file.path().c_str(), 0644), 0);
  EXPECT_EQ(live.now(), nullptr) << "a book that cannot be trusted lets nobody in";
  ASSERT_EQ(::unlink(file.path().c_str()), 0);
  EXPECT_EQ(live.now(), nullptr);
}

}  // namespace
}  // namespace tintype
