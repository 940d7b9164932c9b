// `compress` as a program against fake farms: what it leaves behind, and how it goes on after whatever interrupts it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "tests/cli/fake_farm.h"
#include "tests/cli/program.h"
#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::Ended;
using testing::FakeFarm;
using testing::jpeg_bytes;
using testing::Program;
using testing::run;
using testing::TempFolder;

const std::string kTintype = TINTYPE_WITH_FAKE_FARM;

class CompressTest : public ::testing::Test {
 protected:
  void add_photos(int count, const std::string& prefix = "photo") {
    for (int i = 0; i < count; ++i) temp_.write(std::format("Pictures/{}{:03}.jpg", prefix, i), jpeg_bytes(std::to_string(i)));
  }
  std::vector<std::string> command(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {kTintype, "compress", temp_.path("Pictures"), "--out", temp_.path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::vector<std::string> at(const FakeFarm& farm, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--farm", farm.url()});
    return command(std::move(more));
  }
  int results() const {
    int count = 0;
    if (!temp_.has("out/Pictures")) return 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(temp_.path("out/Pictures"))) {
      count += entry.is_regular_file();
    }
    return count;
  }
  static bool wait_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  }
  // The farm that a compress of ours has started.
  std::optional<pid_t> farm_pid() const {
    const std::string text = temp_.read("out/.tintype/farm.pid");
    return text.empty() ? std::nullopt : std::optional<pid_t>(std::atoi(text.c_str()));
  }
  json journal(const std::string& event) const {
    json lines = json::array();
    std::ifstream in(temp_.path("out/.tintype/journal.jsonl"));
    for (std::string line; std::getline(in, line);) {
      const json parsed = json::parse(line, nullptr, false);
      if (parsed.is_object() && parsed["event"] == event) lines.push_back(parsed);
    }
    return lines;
  }

  TempFolder temp_;
};

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

TEST_F(CompressTest, CtrlCEndsWhatIsUnderWayAndTheNextRunGoesOn) {
  add_photos(60);
  FakeFarm farm({.work = 60ms});
  Program program(at(farm));
  ASSERT_TRUE(wait_until([&] { return results() > 12; }));
  program.signal(SIGINT);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 130) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("stopping"));
  EXPECT_THAT(ended.out, HasSubstr("still to do"));
  EXPECT_THAT(ended.out, HasSubstr("Run the same command again"));
  EXPECT_LT(results(), 60 * 3);
  EXPECT_EQ(farm.photos(), 0u) << "what was under way has ended";
  EXPECT_EQ(run(at(farm)).status, 0);
  EXPECT_EQ(results(), 60 * 3);
  EXPECT_EQ(farm.uploads(), 60u);
}

TEST_F(CompressTest, ASecondCtrlCEndsAtOnce) {
  for (int i = 0; i < 4; ++i) temp_.write(std::format("Pictures/slow{}.jpg", i), jpeg_bytes(std::to_string(i)));
  FakeFarm farm({});
  Program program(at(farm));
  ASSERT_TRUE(wait_until([&] { return farm.uploads() == 4; }));
  const auto begin = std::chrono::steady_clock::now();
  program.signal(SIGINT);
  std::this_thread::sleep_for(50ms);
  program.signal(SIGINT);
  EXPECT_EQ(program.wait().status, 130);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
  EXPECT_EQ(run(at(farm)).status, 0);
  EXPECT_EQ(farm.uploads(), 4u) << "what was in the farm is found again";
  EXPECT_EQ(farm.photos(), 0u);
}

TEST_F(CompressTest, KilledAndRunAgainItLeavesNothingOut) {
  add_photos(40);
  FakeFarm farm({.work = 20ms});
  for (int kill = 1; kill <= 4; ++kill) {
    Program program(at(farm));
    wait_until([&] { return results() >= kill * 20; });
    program.signal(SIGKILL);
    program.wait();
  }
  EXPECT_EQ(run(at(farm)).status, 0);
  EXPECT_EQ(results(), 40 * 3);
  EXPECT_EQ(farm.photos(), 0u) << "also what killed runs had left there";
  EXPECT_EQ(json::parse(run(at(farm, {"--json"})).out)["summary"]["done_before"], 40);
}

TEST_F(CompressTest, AFarmOfItsOwnEndsWithIt) {
  add_photos(5);
  const Ended ended = run(command());
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results(), 15);
  EXPECT_FALSE(temp_.has("out/.tintype/farm"));
  EXPECT_FALSE(temp_.has("out/.tintype/farm.log"));
  EXPECT_EQ(run(command()).status, 0) << "all done: no farm is started";
}

TEST_F(CompressTest, AFarmOfItsOwnThatIsKilledIsStartedAgain) {
  add_photos(40);
  Program program(command(), {"FAKE_FARM_WORK_MS=30"});
  for (int kill = 1; kill <= 3; ++kill) {
    ASSERT_TRUE(wait_until([&] { return results() >= kill * 18 && farm_pid(); })) << kill;
    const pid_t farm = *farm_pid();
    ::kill(farm, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return farm_pid() && *farm_pid() != farm; })) << kill;
  }
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results(), 40 * 3);
  EXPECT_EQ(journal("done").size(), 40u) << "each photo once";
  EXPECT_FALSE(temp_.has("out/.tintype/farm"));
}

TEST_F(CompressTest, AFarmThatDoesNotStartIsQuoted) {
  add_photos(2);
  const Ended ended = run(command(), {"FAKE_FARM_REFUSAL=nats-server was not found"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("the farm ended while it started (exit status 3)"));
  EXPECT_THAT(ended.err, HasSubstr("nats-server was not found"));
}

TEST_F(CompressTest, ItsFarmDiesWithIt) {
  add_photos(30);
  std::optional<pid_t> farm;
  {
    Program program(command(), {"FAKE_FARM_WORK_MS=200"});
    ASSERT_TRUE(wait_until([&] { return results() > 0; }));
    farm = farm_pid();
    program.signal(SIGKILL);
    program.wait();
  }
  ASSERT_TRUE(farm);
  EXPECT_TRUE(wait_until([&] { return ::kill(*farm, 0) != 0 || !std::filesystem::exists(std::format("/proc/{}/exe", *farm)); }));
  EXPECT_EQ(run(command()).status, 0);
  EXPECT_EQ(results(), 90);
}

TEST_F(CompressTest, KeptPhotosStayInTheFarm) {
  add_photos(3);
  const Ended ended = run(command({"--keep"}));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("tintype serve --data '" + temp_.path("out/.tintype/farm") + "'"));
  EXPECT_EQ(json::parse(temp_.read("out/.tintype/farm/fake.json"))["photos"].size(), 3u);
  temp_.write("Pictures/another.jpg", jpeg_bytes("another"));
  EXPECT_EQ(run(command()).status, 0);
  EXPECT_EQ(json::parse(temp_.read("out/.tintype/farm/fake.json"))["photos"].size(), 3u) << "a later run without --keep removes its own";
}

TEST_F(CompressTest, AFarmThatGoesAwayIsWaitedFor) {
  add_photos(30);
  TempFolder data;
  auto farm = std::make_unique<FakeFarm>(FakeFarm::Config{.data_dir = data.path(), .work = 40ms});
  const int port = farm->port();
  Program program(at(*farm));
  ASSERT_TRUE(wait_until([&] { return results() >= 15; }));
  farm.reset();
  std::this_thread::sleep_for(500ms);
  farm = std::make_unique<FakeFarm>(FakeFarm::Config{.data_dir = data.path(), .port = port, .work = 40ms});
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results(), 90);
  EXPECT_EQ(farm->photos(), 0u);
}

TEST_F(CompressTest, AFarmThatForgotEverythingIsToldAgain) {
  add_photos(30);
  auto farm = std::make_unique<FakeFarm>(FakeFarm::Config{.work = 40ms});
  const int port = farm->port();
  Program program(at(*farm));
  ASSERT_TRUE(wait_until([&] { return results() >= 15; }));
  farm = nullptr;
  farm = std::make_unique<FakeFarm>(FakeFarm::Config{.port = port, .work = 40ms});
  EXPECT_EQ(program.wait().status, 0);
  EXPECT_EQ(results(), 90);
}

TEST_F(CompressTest, WithoutEventsJobsAreAskedAfter) {
  add_photos(4);
  FakeFarm farm({.tells_events = false});
  EXPECT_EQ(run(at(farm)).status, 0);
  EXPECT_EQ(results(), 12);
}

TEST_F(CompressTest, AVariantWithAnotherDigestIsFetchedAgain) {
  add_photos(2);
  FakeFarm farm({.lies_about_digests = true});
  EXPECT_EQ(run(at(farm)).status, 0);
  EXPECT_EQ(results(), 6);
  EXPECT_THAT(temp_.read("out/Pictures/photo000.jpg/256.webp"), ::testing::StartsWith("variant"));
  EXPECT_TRUE(std::filesystem::is_empty(temp_.path("out/.tintype/part")));
}

TEST_F(CompressTest, NobodyThere) {
  add_photos(1);
  const Ended ended = run(command({"--farm", "http://127.0.0.1:1"}));
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("no farm answers at http://127.0.0.1:1"));
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
