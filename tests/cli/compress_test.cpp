// What `compress` leaves behind, and what it tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

#include "tests/cli/compress_rig.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::CompressTest;
using testing::Ended;
using testing::FakeFarm;
using testing::jpeg_bytes;
using testing::Program;
using testing::run;
using testing::TempFolder;

TEST_F(CompressTest, LeavesLaddersAndAPage) {
  add_photos(20);
  temp_.write("Pictures/deep/er/photo.jpg", jpeg_bytes());
  temp_.write("Pictures/notes.txt", "these are words, and no picture");
  FakeFarm farm({});
  const Ended ended = run(at(farm));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results(), 21 * 3);
  EXPECT_THAT(temp_.read("out/Pictures/deep/er/photo.jpg/256.webp"), HasSubstr("variant 256.webp of photo"));
  EXPECT_TRUE(temp_.has("out/index.html"));
  EXPECT_THAT(ended.out, HasSubstr("21 photos done"));
  EXPECT_THAT(ended.out, HasSubstr("1 file passed over"));
  EXPECT_THAT(ended.out, HasSubstr("250 ms"));
  EXPECT_EQ(farm.photos(), 0u) << "nothing stays in the farm";
  EXPECT_LE(farm.most_in_flight(), 6u) << "twice two slots and two more";
}

TEST_F(CompressTest, DoesNothingTwice) {
  add_photos(10);
  FakeFarm farm({});
  ASSERT_EQ(run(at(farm)).status, 0);
  temp_.write("Pictures/new.jpg", jpeg_bytes("new"));
  temp_.write("Pictures/photo001.jpg", jpeg_bytes("changed"));
  std::filesystem::remove_all(temp_.path("out/Pictures/photo002.jpg"));
  const Ended again = run(at(farm, {"--json"}));
  EXPECT_EQ(again.status, 0) << again.err;
  const json summary = json::parse(again.out);
  EXPECT_EQ(summary["summary"]["done"], 11);
  EXPECT_EQ(summary["summary"]["done_before"], 8);
  EXPECT_EQ(farm.uploads(), 13u) << "the new one, the one that changed, and the one whose results are gone";
  EXPECT_EQ(results(), 11 * 3);
}

TEST_F(CompressTest, FailuresHaveACauseAndAreNotTriedAgain) {
  add_photos(3);
  temp_.write("Pictures/corrupt.jpg", jpeg_bytes());
  temp_.write("Pictures/crash.jpg", jpeg_bytes());
  temp_.write("Pictures/huge.jpg", jpeg_bytes());
  std::filesystem::create_symlink("nowhere", temp_.path("Pictures/broken.jpg"));
  FakeFarm farm({});
  const Ended ended = run(at(farm, {"--json"}));
  EXPECT_EQ(ended.status, 1) << ended.err;
  const json all = json::parse(ended.out);
  std::map<std::string, std::string> codes;
  for (const json& photo : all["photos"]) {
    if (photo["state"] == "failed") codes[photo["place"]] = photo["failure"]["code"];
  }
  EXPECT_EQ(codes, (std::map<std::string, std::string>{{"Pictures/broken.jpg", "not_found"},
                                                       {"Pictures/corrupt.jpg", "corrupt_image"},
                                                       {"Pictures/crash.jpg", "worker_crashed"},
                                                       {"Pictures/huge.jpg", "image_too_large"}}));
  EXPECT_EQ(farm.photos(), 0u) << "those that failed do not stay either";
  EXPECT_EQ(farm.uploads(), 5u);

  const Ended again = run(at(farm));
  EXPECT_EQ(again.status, 1);
  EXPECT_EQ(farm.uploads(), 6u) << "the worker's crash is tried again, the picture's faults are not";
  EXPECT_THAT(again.out, HasSubstr("corrupt_image"));
  EXPECT_EQ(run(at(farm, {"--retry-failed"})).status, 1);
  EXPECT_EQ(farm.uploads(), 8u);
}

TEST_F(CompressTest, KeptPhotosStayInTheFarm) {
  add_photos(3);
  const Ended ended = run(command({"--keep"}));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("tintype serve --data '" + temp_.path("out/.tintype/farm") + "'"));
  EXPECT_EQ(json::parse(temp_.read("out/.tintype/farm/fake.json"))["photos"].size(), 3u);
  temp_.write("Pictures/another.jpg", jpeg_bytes("another"));
  EXPECT_EQ(run(command()).status, 0);
  EXPECT_EQ(json::parse(temp_.read("out/.tintype/farm/fake.json"))["photos"].size(), 3u)
      << "a later run without --keep removes its own";
}

TEST_F(CompressTest, NobodyThere) {
  add_photos(1);
  const Ended ended = run(command({"--farm", "http://127.0.0.1:1"}));
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("no farm answers at http://127.0.0.1:1"));
}

// Root too makes no folders in /sys.
TEST_F(CompressTest, AFolderThatTakesNoResultsIsAWrongArgument) {
  add_photos(1);
  const Ended ended = run({TINTYPE_WITH_FAKE_FARM, "compress", temp_.path("Pictures"), "--out", "/sys/results"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("making the folder /sys/results"));
  EXPECT_THAT(ended.err, HasSubstr("can be named with --out DIR"));
}

TEST_F(CompressTest, NoSpace) {
  temp_.write("Pictures/a.jpg", jpeg_bytes());
  temp_.write("Pictures/vast.jpg", "");
  ASSERT_EQ(::truncate(temp_.path("Pictures/vast.jpg").c_str(), off_t{1} << 42), 0);
  const Ended ended = run(command());
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.err, HasSubstr("free and has"));
}

TEST_F(CompressTest, AFarmWithAFullDiskEndsTheRun) {
  add_photos(3);
  temp_.write("Pictures/full.jpg", jpeg_bytes());
  FakeFarm farm({});
  EXPECT_EQ(run(at(farm)).status, 4);
}

TEST_F(CompressTest, OneAtATimeInAFolder) {
  temp_.write("Pictures/slow.jpg", jpeg_bytes());
  FakeFarm farm({});
  Program first(at(farm));
  ASSERT_TRUE(wait_until([&] { return farm.uploads() == 1; }));
  const Ended second = run(at(farm));
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("another `tintype compress` is working in"));
  EXPECT_EQ(first.wait().status, 0);
}

TEST_F(CompressTest, RecipesOfOnesOwn) {
  add_photos(1);
  const std::string toml = "name = \"mine\"\n[[rung]]\nlong_side = 512\nformat = \"webp\"\nquality = 70\neffort = 4\n";
  const std::string file = temp_.write("mine.toml", toml);
  FakeFarm farm({});
  EXPECT_EQ(run(at(farm, {"--recipe", file})).status, 0);
  EXPECT_EQ(run(at(farm, {"--recipe", "mine"})).status, 0) << "the farm has it now";
  temp_.write("mine.toml", "name = \"mine\"\n[[rung]]\nlong_side = 256\nformat = \"webp\"\nquality = 70\neffort = 4\n");
  const Ended other = run(at(farm, {"--recipe", file}));
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("calls another recipe \"mine\""));
  EXPECT_EQ(run(at(farm, {"--recipe", "none"})).status, 2);
  EXPECT_EQ(run(command({"--recipe", "none"})).status, 2);
}

TEST_F(CompressTest, HostileNamesDoNoHarm) {
  const std::string hostile = "Pictures/\"><script>alert(1)<\\script>\n\x1b[2J.jpg";
  temp_.write(hostile, jpeg_bytes());
  temp_.write("Pictures/not\xFFtext.jpg", jpeg_bytes());
  temp_.write("Pictures/corrupt<b>.jpg", jpeg_bytes());
  FakeFarm farm({});
  const Ended ended = run(at(farm));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(temp_.has("out/" + hostile + "/256.webp"));
  EXPECT_TRUE(temp_.has("out/Pictures/not\xFFtext.jpg/256.webp"));
  EXPECT_THAT(ended.out + ended.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(temp_.read("out/index.html"), Not(HasSubstr("<script>alert")));
  EXPECT_EQ(json::parse(run(at(farm, {"--json"})).out)["summary"]["done_before"], 2);
}

TEST_F(CompressTest, SourcesAreNeverTouched) {
  add_photos(3);
  const auto before = std::filesystem::last_write_time(temp_.path("Pictures/photo001.jpg"));
  FakeFarm farm({});
  ASSERT_EQ(run(at(farm)).status, 0);
  EXPECT_EQ(std::filesystem::last_write_time(temp_.path("Pictures/photo001.jpg")), before);
  EXPECT_EQ(temp_.read("Pictures/photo001.jpg"), jpeg_bytes("1"));
}

}  // namespace
}  // namespace tintype
