#include "cli/compress/folder_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;
using testing::jpeg_bytes;
using testing::TempFolder;

std::vector<std::string> places(const WalkResult& walked) {
  std::vector<std::string> all;
  for (const SourceFile& picture : walked.pictures) all.push_back(picture.place);
  return all;
}

TEST(FolderWalk, TakesPicturesByNameOrByContent) {
  TempFolder temp;
  temp.write("Pictures/2019/a.JPG", "anything");
  temp.write("Pictures/b.webp", "");
  temp.write("Pictures/no_extension", jpeg_bytes());
  temp.write("Pictures/mistaken.txt", jpeg_bytes());
  temp.write("Pictures/photo.heic", "a format that is not taken, but must be told of");
  const std::string notes = temp.write("Pictures/notes.txt", "words and more words, 16 bytes at least");
  temp.write("Pictures/short", "tiny");
  const auto walked = walk_folders({temp.path("Pictures")}, temp.path("out"));
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_EQ(places(*walked),
            (std::vector<std::string>{"Pictures/2019/a.JPG", "Pictures/b.webp", "Pictures/mistaken.txt",
                                      "Pictures/no_extension", "Pictures/photo.heic"}));
  EXPECT_EQ(walked->not_pictures, (std::vector<std::string>{notes, temp.path("Pictures/short")}));
  EXPECT_EQ(walked->pictures[0].path, temp.path("Pictures/2019/a.JPG"));
  EXPECT_EQ(walked->pictures[0].bytes, 8u);
  EXPECT_GT(walked->pictures[0].mtime_ns, 1'600'000'000'000'000'000);
}

TEST(FolderWalk, LeavesOutWhatIsHiddenAndResultsOfItsOwn) {
  TempFolder temp;
  temp.write("p/.hidden.jpg", "x");
  temp.write("p/.thumbs/a.jpg", "x");
  temp.write("p/out/a.jpg/256.webp", "x");
  temp.write("p/earlier/.tintype/journal.jsonl", "");
  temp.write("p/earlier/a.jpg/256.webp", "x");
  temp.write("p/a.jpg", "x");
  const auto walked = walk_folders({temp.path("p")}, temp.path("p/out"));
  ASSERT_TRUE(walked);
  EXPECT_EQ(places(*walked), std::vector<std::string>{"p/a.jpg"});
  EXPECT_EQ(walked->hidden, 2u);
  EXPECT_EQ(walked->result_folders, std::vector<std::string>{temp.path("p/earlier")});
}

TEST(FolderWalk, FollowsLinksButNoFolderTwice) {
  TempFolder temp;
  temp.write("p/real/a.jpg", "x");
  temp.write("elsewhere/b.jpg", "x");
  std::filesystem::create_directory_symlink("..", temp.path("p/real/loop"));
  std::filesystem::create_directory_symlink(temp.path("p/real"), temp.path("p/another_name"));
  std::filesystem::create_directory_symlink(temp.path("elsewhere"), temp.path("p/linked"));
  std::filesystem::create_symlink(temp.path("elsewhere/b.jpg"), temp.path("p/link.jpg"));
  std::filesystem::create_symlink("nowhere", temp.path("p/broken.jpg"));
  const auto walked = walk_folders({temp.path("p")}, temp.path("out"));
  ASSERT_TRUE(walked);
  EXPECT_EQ(places(*walked), (std::vector<std::string>{"p/link.jpg", "p/linked/b.jpg", "p/real/a.jpg"}));
  ASSERT_EQ(walked->unreadable.size(), 1u);
  EXPECT_EQ(walked->unreadable[0].place, "p/broken.jpg");
  EXPECT_EQ(walked->unreadable[0].error.code, ErrorCode::kNotFound);
  EXPECT_THAT(walked->unreadable[0].error.message, HasSubstr("mend the link or remove it"));
}

TEST(FolderWalk, ALinkThatLeadsNowhereIsAPhotoByItsNameOnly) {
  TempFolder temp;
  temp.write("p/a.jpg", "x");
  std::filesystem::create_symlink("nowhere", temp.path("p/settings.conf"));
  std::filesystem::create_symlink("self.jpg", temp.path("p/self.jpg"));
  const auto walked = walk_folders({temp.path("p")}, temp.path("out"));
  ASSERT_TRUE(walked);
  EXPECT_EQ(walked->not_pictures, std::vector<std::string>{temp.path("p/settings.conf")});
  ASSERT_EQ(walked->unreadable.size(), 1u);
  EXPECT_EQ(walked->unreadable[0].place, "p/self.jpg");
  EXPECT_THAT(walked->unreadable[0].error.message, HasSubstr("mend the link or remove it"));
}

TEST(FolderWalk, TheFolderAboveALinkIsWhereTheLinkLeads) {
  TempFolder temp;
  temp.write("disk/2019/a.jpg", "x");
  temp.write("disk/wanted/b.jpg", "x");
  temp.write("home/wanted/other.jpg", "x");
  std::filesystem::create_directory_symlink(temp.path("disk/2019"), temp.path("home/link"));
  const auto walked = walk_folders({temp.path("home/link/../wanted")}, temp.path("out"));
  ASSERT_TRUE(walked);
  ASSERT_EQ(places(*walked), std::vector<std::string>{"wanted/b.jpg"}) << "as `ls` would show it";
  EXPECT_TRUE(std::filesystem::equivalent(walked->pictures[0].path, temp.path("disk/wanted/b.jpg")));
  const auto above = walk_folders({temp.path("home/link/..")}, temp.path("out"));
  ASSERT_TRUE(above);
  EXPECT_EQ(places(*above), (std::vector<std::string>{"disk/2019/a.jpg", "disk/wanted/b.jpg"}));
  // Without a link on the way, the words are kept.
  const auto plain = walk_folders({temp.path("home/wanted/../link/.")}, temp.path("out"));
  ASSERT_TRUE(plain);
  ASSERT_EQ(places(*plain), std::vector<std::string>{"link/a.jpg"});
  EXPECT_EQ(plain->pictures[0].path, temp.path("home/link/a.jpg"));
}

TEST(FolderWalk, WhatIsNeitherFileNorFolderIsNoPicture) {
  TempFolder temp;
  temp.write("p/a.jpg", "x");
  ASSERT_EQ(::mkfifo(temp.path("p/pipe.jpg").c_str(), 0600), 0);
  const auto walked = walk_folders({temp.path("p")}, temp.path("out"));
  ASSERT_TRUE(walked);
  EXPECT_EQ(walked->pictures.size(), 1u);
  EXPECT_EQ(walked->not_pictures, std::vector<std::string>{temp.path("p/pipe.jpg")});
  EXPECT_EQ(walk_folders({temp.path("p/pipe.jpg")}, "/nowhere").error().code, ErrorCode::kInvalidArgument);
}

TEST(FolderWalk, NamedFilesAreAlwaysTakenAndOnce) {
  TempFolder temp;
  const std::string file = temp.write("p/notes.txt", "words");
  const auto walked = walk_folders({file, temp.path("p/../p/notes.txt"), temp.path("p")}, temp.path("out"));
  ASSERT_TRUE(walked);
  EXPECT_EQ(places(*walked), std::vector<std::string>{"notes.txt"});
  EXPECT_EQ(walk_folders({temp.path("absent")}, temp.path("out")).error().code, ErrorCode::kNotFound);
}

TEST(FolderWalk, KeepsNamesThatAreNoText) {
  TempFolder temp;
  temp.write("p/a\xFF\n.jpg", "x");
  const auto walked = walk_folders({temp.path("p/")}, temp.path("out"));
  ASSERT_TRUE(walked);
  EXPECT_EQ(places(*walked), std::vector<std::string>{"p/a\xFF\n.jpg"});
}

}  // namespace
}  // namespace tintype
