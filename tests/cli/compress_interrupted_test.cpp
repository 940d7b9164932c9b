// How `compress` goes on after whatever interrupts it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>

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
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s) << "the first alone would have waited for ten";
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
    std::optional<pid_t> running;
    ASSERT_TRUE(wait_until([&] { return results() >= kill * 18 && (running = farm_pid()); })) << kill;
    const pid_t farm = *running;
    ::kill(farm, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return farm_pid().value_or(farm) != farm; })) << kill;
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
    ASSERT_TRUE(wait_until([&] { return results() > 0 && (farm = farm_pid()); }));
    program.signal(SIGKILL);
    program.wait();
  }
  ASSERT_TRUE(farm);
  EXPECT_TRUE(wait_until(
      [&] { return ::kill(*farm, 0) != 0 || !std::filesystem::exists(std::format("/proc/{}/exe", *farm)); }));
  EXPECT_EQ(run(command()).status, 0);
  EXPECT_EQ(results(), 90);
}

TEST_F(CompressTest, CtrlCIsHeardWhileAnEarlierFarmEnds) {
  add_photos(30);
  std::optional<pid_t> earlier;
  {
    Program program(command(), {"FAKE_FARM_WORK_MS=200", "FAKE_FARM_END_MS=4000"});
    ASSERT_TRUE(wait_until([&] { return results() > 0 && (earlier = farm_pid()); }));
    program.signal(SIGKILL);
    program.wait();
  }
  {
    Program program(command());
    ASSERT_TRUE(wait_until([&] { return program.err_so_far().contains("starting a farm"); }));
    const auto begin = std::chrono::steady_clock::now();
    program.signal(SIGINT);
    const Ended ended = program.wait();
    EXPECT_EQ(ended.status, 130) << ended.err;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s) << "not when the earlier farm has ended";
    EXPECT_THAT(ended.out, HasSubstr("Run the same command again"));
    EXPECT_EQ(farm_pid(), earlier) << "no second farm beside it";
  }
  EXPECT_EQ(run(command()).status, 0);
  EXPECT_EQ(results(), 90);
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

}  // namespace
}  // namespace tintype
