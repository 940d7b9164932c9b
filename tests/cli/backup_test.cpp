// Backups as folders, without a farm.
#include "cli/backup/backup_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>

#include "cli/backup/backup_list.h"
#include "core/base/unique_fd.h"
#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using testing::TempFolder;

constexpr UnixMs kNowMs = 1'763'800'000'000;
const std::string kFormat = "tintype-store 2\nid abc\n";

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    temp.write("store/FORMAT", kFormat);
    temp.write("store/originals/ab/one", "first photo");
    temp.write("store/packs/1.pack", "small blobs");
    temp.write("store/access/book.json", "keys");
    std::filesystem::permissions(temp.path("store/access/book.json"), std::filesystem::perms(0600));
  }
  Result<BackupDone> backup(UnixMs at_ms = kNowMs) {
    return write_backup(temp.path("store"), temp.path("backups"), at_ms);
  }
  Result<BackupDone> restore(const std::string& from) { return restore_backup(from, temp.path("again")); }
  ino_t inode(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_ino;
  }

  TempFolder temp;
};

TEST_F(BackupTest, ComesBackByteForByte) {
  const auto done = backup();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->folder, temp.path("backups/20251122T082640.000Z"));
  EXPECT_EQ(done->files, 4u);
  EXPECT_EQ(done->copied_files, 4u);
  ASSERT_TRUE(restore(temp.path("backups")));
  EXPECT_EQ(temp.read("again/store/originals/ab/one"), "first photo");
  EXPECT_EQ(temp.read("again/store/packs/1.pack"), "small blobs");
  EXPECT_EQ(temp.read("again/store/FORMAT"), kFormat);
}

TEST_F(BackupTest, WhatAnInterruptedOneLeftGoesWithTheNext) {
  temp.write("backups/20251101T000000.000Z.partial/originals/ab/one", "first ph");
  temp.write("backups/my own.partial/notes", "somebody's");
  ASSERT_TRUE(backup());
  EXPECT_FALSE(temp.has("backups/20251101T000000.000Z.partial"));
  EXPECT_TRUE(temp.has("backups/my own.partial/notes"));
}

TEST_F(BackupTest, TwoAtOnceAreRefused) {
  ASSERT_TRUE(backup());
  const UniqueFd held(::open(temp.path("backups/.lock").c_str(), O_RDWR));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  const auto second = backup(kNowMs + 1000);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

TEST_F(BackupTest, ARestoreThatFailsLeavesNothing) {
  const auto done = backup();
  std::filesystem::remove(done->folder + "/packs/1.pack");
  EXPECT_FALSE(restore(done->folder));
  EXPECT_FALSE(temp.has("again/store.partial"));
}

TEST_F(BackupTest, KeysComeBackBesideTheStoreForTheirOwnerAlone) {
  const auto done = backup();
  ASSERT_TRUE(restore(done->folder));
  EXPECT_EQ(temp.read("again/access/book.json"), "keys");
  EXPECT_FALSE(temp.has("again/store/access"));
  for (const std::string& copy : {done->folder + "/access/book.json", temp.path("again/access/book.json")}) {
    EXPECT_EQ(std::filesystem::status(copy).permissions(), std::filesystem::perms(0600)) << copy;
  }
  std::filesystem::remove_all(temp.path("again/store"));
  EXPECT_EQ(restore(done->folder).error().code, ErrorCode::kAlreadyExists) << "keys that are there are not replaced";
}

TEST_F(BackupTest, TheNextOneCopiesOnlyWhatChangedAndEachIsWhole) {
  const auto first = backup();
  temp.write("store/packs/1.pack", "small blobs and more");
  temp.write("store/originals/cd/two", "second photo");
  std::filesystem::remove(temp.path("store/originals/ab/one"));
  const auto second = backup(kNowMs + 1000);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->files, 4u);
  EXPECT_EQ(second->copied_files, 2u);
  EXPECT_EQ(inode(first->folder + "/FORMAT"), inode(second->folder + "/FORMAT"));
  std::filesystem::remove_all(first->folder);
  ASSERT_TRUE(restore(temp.path("backups")));
  EXPECT_EQ(temp.read("again/store/packs/1.pack"), "small blobs and more");
  EXPECT_FALSE(temp.has("again/store/originals/ab/one"));
}

TEST_F(BackupTest, AnOlderOneCanBeNamed) {
  const auto first = backup();
  temp.write("store/originals/cd/two", "second photo");
  ASSERT_TRUE(backup(kNowMs + 1000));
  ASSERT_TRUE(restore(first->folder));
  EXPECT_FALSE(temp.has("again/store/originals/cd/two"));
}

TEST_F(BackupTest, AChangedByteAMissingFileAndADamagedListAreRefused) {
  const auto done = backup();
  const std::string name = "backups/20251122T082640.000Z/";
  temp.write(name + "originals/ab/one", "first phot0");
  EXPECT_EQ(restore(done->folder).error().code, ErrorCode::kCorruptData);
  std::filesystem::remove(done->folder + "/originals/ab/one");
  EXPECT_FALSE(restore(done->folder));
  temp.write(name + "BACKUP", "tintype-backup 1 abc\nnonsense\n");
  EXPECT_EQ(restore(done->folder).error().code, ErrorCode::kCorruptData);
  temp.write(name + "BACKUP", "tintype-backup 2 abc\n");
  EXPECT_EQ(restore(done->folder).error().code, ErrorCode::kUnsupported);
  EXPECT_FALSE(temp.has("again/store")) << "nothing half appears";
  EXPECT_FALSE(temp.has("again/access"));
}

TEST_F(BackupTest, AnotherStoresBackupsAndAnExistingStoreAreLeftAlone) {
  ASSERT_TRUE(backup());
  temp.write("store/FORMAT", "tintype-store 2\nid xyz\n");
  EXPECT_EQ(backup(kNowMs + 1000).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(restore_backup(temp.path("backups"), temp.path("")).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(restore(temp.path("store")).error().code, ErrorCode::kNotFound);
}

TEST_F(BackupTest, OneThatWasCutShortIsNone) {
  temp.write("backups/20991122T082640.000Z.partial/BACKUP", "tintype-backup 1 abc\n");
  const auto done = backup();
  ASSERT_TRUE(done) << done.error().message;
  const auto restored = restore(temp.path("backups"));
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->folder, done->folder);
}

TEST(BackupList, ReadsWhatItWrites) {
  BackupList list{.store_id = "abc", .files = {{"a b/c", {std::string(64, '0'), 12, -5}}}};
  EXPECT_EQ(*parse_backup_list(to_text(list)), list);
}

TEST(BackupList, NoPathLeadsOut) {
  for (const char* path : {"../x", "a/../../x", "/etc/passwd", ""}) {
    EXPECT_FALSE(parse_backup_list("tintype-backup 1 a\n" + std::string(64, '0') + " 1 1 " + path + "\n")) << path;
  }
}

}  // namespace
}  // namespace tintype
