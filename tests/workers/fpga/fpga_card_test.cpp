// FpgaCard on emulated cards, through Debian's own XRT: results equal the reference's, and everything that can go wrong
// with a card is seen, answered and survived.
#include "workers/fpga/fpga_card.h"

#include <gtest/gtest.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <memory>
#include <set>
#include <vector>

#include "tests/kernels/hls/cases.h"
#include "tests/workers/fpga/emulated_cards.h"
#include "tests/workers/fpga/mutants/forgetful_units.h"
#include "workers/fpga/fpga_devices.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using test::KernelCase;
using testing::EmulatedCards;

std::vector<std::unique_ptr<KernelCase>> some_cases(int count) {
  std::vector<std::unique_ptr<KernelCase>> cases;
  for (std::uint32_t seed = 1; seed <= static_cast<std::uint32_t>(count); ++seed) {
    const std::uint32_t width = 20 + 13 * seed % 90, height = 10 + 7 * seed % 50;
    test::WordPlane plane = test::make_plane(width, height, seed % 2 == 0, test::Samples::kRandom, seed);
    if (seed % 3 == 0) {
      cases.push_back(test::halve_case(std::move(plane)));
    } else {
      cases.push_back(test::resize_case(std::move(plane), {height, double(height), height / 2, false, false},
                                        {width, double(width), width / 2, false, false}));
    }
  }
  return cases;
}

std::unique_ptr<FpgaCard> open(const EmulatedCards& cards, std::uint32_t index = 0, int most_resets = 3) {
  auto card = FpgaCard::open({index, cards.xclbin_path(), most_resets});
  EXPECT_TRUE(card) << card.error().to_string();
  return card ? *std::move(card) : nullptr;
}

std::future<Status> submit(FpgaCard& card, KernelCase& one, std::chrono::milliseconds timeout = 30s) {
  std::promise<Status> promise;
  auto ended = promise.get_future();
  card.submit(one.call(), timeout,
              [promise = std::move(promise)](Status status) mutable { promise.set_value(std::move(status)); });
  return ended;
}

// How the calls ended; those that ended well made what the reference makes.
std::vector<Status> run_all(FpgaCard& card, std::vector<std::unique_ptr<KernelCase>>& cases,
                            std::chrono::milliseconds timeout = 30s) {
  std::vector<std::future<Status>> futures;
  for (auto& one : cases) futures.push_back(submit(card, *one, timeout));
  std::vector<Status> ended;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ended.push_back(futures[i].get());
    if (ended.back()) {
      EXPECT_EQ(cases[i]->difference(), "") << "call " << i;
    }
  }
  return ended;
}

std::vector<ErrorCode> failures(const std::vector<Status>& ended) {
  std::vector<ErrorCode> codes;
  for (const Status& one : ended) {
    if (!one) codes.push_back(one.error().code);
  }
  return codes;
}

TEST(FpgaCard, EveryKernelEqualsTheReference) {
  const EmulatedCards cards("delay_us=2000");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  auto cases = some_cases(24);
  cases.push_back(test::vp8_case(test::make_planes(test::Scene::kShapes, 83, 61, 1), {}));
  cases.push_back(test::vp8_case(test::make_planes(test::Scene::kNoise, 40, 40, 2), {}));
  EXPECT_TRUE(failures(run_all(*card, cases)).empty());
  EXPECT_EQ(card->health().calls_done, cases.size());
  EXPECT_EQ(card->health().resets, 0u);
}

TEST(FpgaCard, XclbinsSayWhatTheyAre) {
  const EmulatedCards cards("", 3), others("", 2);
  const auto xclbin = read_xclbin(cards.xclbin_path());
  ASSERT_TRUE(xclbin) << xclbin.error().to_string();
  EXPECT_EQ(xclbin->units.size(), 10u);
  EXPECT_EQ(std::ranges::count(xclbin->units, "resize_plane", &FpgaUnit::kernel), 3);
  EXPECT_NE(xclbin->uuid, read_xclbin(others.xclbin_path())->uuid);
}

// The error of opening the file as a card's xclbin, whose words are looked for.
void expect_refused(const std::string& path, const std::string& words) {
  const auto card = FpgaCard::open({0, path, 3});
  ASSERT_FALSE(card) << words;
  EXPECT_EQ(card.error().code, ErrorCode::kInvalidArgument) << card.error().message;
  EXPECT_NE(card.error().message.find(words), std::string::npos) << card.error().message;
  EXPECT_EQ(card.error().message.find('\n'), std::string::npos) << card.error().message;
}

TEST(FpgaCard, AWrongXclbinIsRefusedWithItsFault) {
  const EmulatedCards cards("");
  const std::string& path = cards.xclbin_path();
  const Bytes whole = testing::read_file(path);
  expect_refused("/nowhere.xclbin", "/nowhere.xclbin is no xclbin that can be read");
  testing::write_file(path, as_bytes("not an xclbin"));
  expect_refused(path, "is no xclbin that can be read");
  for (const std::size_t bytes :
       {std::size_t{8}, std::size_t{495}, std::size_t{500}, whole.size() / 2, whole.size() - 1}) {
    testing::write_file(path, whole.view().first(bytes));
    expect_refused(path, "is no xclbin that can be read (it ends before");
  }

  const std::vector<UnitCount> few = {{"halve_plane", 1}, {"resize_plane", 1}};
  testing::write_file(path, write_emulation_xclbin(few)->view());
  expect_refused(path, "has no kernel jpeg_plane");

  std::string other(as_text(whole.view()));
  for (std::size_t at = other.find("in_width"); at != std::string::npos; at = other.find("in_width"))
    other.replace(at, 8, "in_broad");
  testing::write_file(path, as_bytes(other));
  expect_refused(path, "takes other arguments");

  testing::write_file(path, whole.view());
  unsetenv("XCL_EMULATION_MODE");
  const auto real = read_xclbin(path);
  ASSERT_FALSE(real);
  EXPECT_NE(real.error().message.find("is for emulated cards"), std::string::npos) << real.error().message;
}

TEST(FpgaCard, TwoCardsWorkBesideEachOther) {
  const EmulatedCards cards("cards=2,delay_us=1000");
  const auto devices = list_fpga_devices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->found.size(), 2u) << devices->reason;
  EXPECT_EQ(devices->found[0].kind, "fpga-emu");
  EXPECT_FALSE(devices->found[0].is_used_by_default());
  const auto first = open(cards, 0), second = open(cards, 1);
  ASSERT_TRUE(first && second);
  auto cases = some_cases(8), others = some_cases(8);
  EXPECT_TRUE(failures(run_all(*first, cases)).empty());
  EXPECT_TRUE(failures(run_all(*second, others)).empty());
}

TEST(FpgaCard, ACallThatFailsIsAnsweredAndTheCardGoesOn) {
  const EmulatedCards cards("error=3");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  auto cases = some_cases(10);
  const auto codes = failures(run_all(*card, cases));
  ASSERT_FALSE(codes.empty());
  EXPECT_TRUE(std::ranges::contains(codes, ErrorCode::kWorkerCrashed));
  EXPECT_LE(codes.size(), 2u);  // and perhaps what the unit had begun
  auto more = some_cases(4);
  EXPECT_TRUE(failures(run_all(*card, more)).empty());
  EXPECT_EQ(card->health().resets, 1u);
  EXPECT_TRUE(card->health().is_in_service);
}

TEST(FpgaCard, ACallThatHangsIsAnsweredInTimeAndTheCardGoesOn) {
  const EmulatedCards cards("hang=2");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  auto cases = some_cases(8);
  const auto codes = failures(run_all(*card, cases, 2s));
  EXPECT_TRUE(std::ranges::contains(codes, ErrorCode::kTimedOut));
  EXPECT_LE(codes.size(), 2u);
  auto more = some_cases(4);
  EXPECT_TRUE(failures(run_all(*card, more)).empty());
  EXPECT_EQ(card->health().resets, 1u);
}

TEST(FpgaCard, WrongBitsAreFoundByComparing) {
  const EmulatedCards cards("flip=1");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  auto cases = some_cases(1);
  EXPECT_TRUE(submit(*card, *cases[0]).get());
  EXPECT_NE(cases[0]->difference(), "");
}

TEST(FpgaCard, ACardThatIsLostIsOutOfServiceAndEveryCallIsAnswered) {
  const EmulatedCards cards("lose=4");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  auto cases = some_cases(12);
  const auto codes = failures(run_all(*card, cases));
  EXPECT_GE(codes.size(), 7u);
  const FpgaCardHealth health = card->health();
  EXPECT_FALSE(health.is_in_service);
  EXPECT_NE(health.reason, "");
  auto late = some_cases(1);
  EXPECT_EQ(submit(*card, *late[0]).get().error().code, ErrorCode::kUnavailable);
}

TEST(FpgaCard, ACardThatNeverStopsFailingIsOutOfService) {
  const EmulatedCards cards("error=1,faults=1000");
  const auto card = open(cards, 0, 2);
  ASSERT_TRUE(card);
  auto cases = some_cases(30);
  EXPECT_EQ(failures(run_all(*card, cases)).size(), cases.size());
  EXPECT_FALSE(card->health().is_in_service);
  EXPECT_EQ(card->health().resets, 3u);
}

TEST(FpgaCard, ACallWithoutRoomOnTheCardFailsAlone) {
  const EmulatedCards cards("memory_mb=1");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  const auto large = test::halve_case(test::make_plane(2000, 700, true, test::Samples::kRandom, 1));
  EXPECT_EQ(submit(*card, *large).get().error().code, ErrorCode::kOutOfMemory);
  auto cases = some_cases(3);
  EXPECT_TRUE(failures(run_all(*card, cases)).empty());
  EXPECT_EQ(card->health().resets, 0u);
}

// A kernel told of a plane larger than its buffer reads beyond it.
TEST(FpgaCard, AKernelOutsideItsMemoryIsAnErrorNotACrash) {
  const EmulatedCards cards("");
  const auto card = open(cards);
  ASSERT_TRUE(card);
  auto one = test::halve_case(test::make_plane(64, 64, true, test::Samples::kRandom, 1));
  KernelCall call = one->call();
  call.arguments[3] = std::uint32_t{4096};  // rows
  std::promise<Status> ended;
  card->submit(std::move(call), 30s, [&](Status status) { ended.set_value(std::move(status)); });
  EXPECT_EQ(ended.get_future().get().error().code, ErrorCode::kWorkerCrashed);
  EXPECT_TRUE(submit(*card, *one).get());
  EXPECT_EQ(one->difference(), "");
}

TEST(FpgaCard, ABusyCardAndOneThatIsNotThereSaySo) {
  const EmulatedCards busy("busy=1");
  const auto refused = FpgaCard::open({0, busy.xclbin_path(), 3});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  const EmulatedCards cards("");
  EXPECT_EQ(FpgaCard::open({7, cards.xclbin_path(), 3}).error().code, ErrorCode::kUnavailable);
}

TEST(FpgaDevices, WhyThereAreNoneIsSaid) {
  const EmulatedCards cards("cards=0");
  auto devices = list_fpga_devices();
  ASSERT_TRUE(devices);
  EXPECT_TRUE(devices->found.empty());
  EXPECT_NE(devices->reason, "");
  unsetenv("XILINX_XRT");
  devices = list_fpga_devices();
  ASSERT_TRUE(devices);
  EXPECT_NE(devices->reason.find("XILINX_XRT"), std::string::npos) << devices->reason;
}

TEST(FpgaDevices, WhatARealCardLacksIsSaid) {
  const testing::TemporaryFolder folder;
  unsetenv("XCL_EMULATION_MODE");
  unsetenv("XILINX_XRT");
  const auto expect_says = [](const std::string& reason, const std::string& words) {
    EXPECT_NE(reason.find(words), std::string::npos) << reason;
  };
  expect_says(why_no_xrt(folder.path() + "/xocl"), "driver (xocl) is not loaded");
  expect_says(why_no_xrt(folder.path()), "XILINX_XRT is not set");
  setenv("XILINX_XRT", folder.path().c_str(), 1);
  expect_says(why_no_xrt(folder.path()), "libxrt_core.so.2");
  EXPECT_EQ(FpgaCard::open({0, "any.xclbin", 3}).error().code, ErrorCode::kUnavailable);
}

// The host code itself, with its syncs in one direction left out.
TEST(FpgaCard, HostCodeThatForgetsToSyncIsFound) {
  const EmulatedCards cards("");
  for (const auto& run : {testing::run_without_sending, testing::run_without_fetching}) {
    const auto one = test::halve_case(test::make_plane(64, 20, true, test::Samples::kRandom, 1));
    EXPECT_TRUE(run(cards.xclbin_path(), one->call()));
    EXPECT_NE(one->difference(), "");
  }
}

// What the card is for: without a sync neither side sees what the other wrote.
TEST(EmulatedCard, ASyncThatIsForgottenShows) {
  const EmulatedCards cards("");
  xrt::device device(0);
  xrt::kernel kernel(device, device.load_xclbin(cards.xclbin_path()), "halve_plane");
  xrt::bo in(device, 4096, kernel.group_id(0)), out(device, 4096, kernel.group_id(1));
  std::fill_n(in.map<std::uint8_t*>(), 4096, std::uint8_t{200});
  const auto halve = [&] { return kernel(in, out, 8u, 2u, 1u, 1u, 1u).wait(); };
  constexpr std::uint16_t kExpected = 200 << 7;
  in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
  EXPECT_EQ(halve(), ERT_CMD_STATE_COMPLETED);
  EXPECT_NE(out.map<std::uint16_t*>()[0], kExpected) << "seen without a sync from the card";
  out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
  EXPECT_EQ(out.map<std::uint16_t*>()[0], kExpected);
  std::fill_n(in.map<std::uint8_t*>(), 4096, std::uint8_t{100});
  EXPECT_EQ(halve(), ERT_CMD_STATE_COMPLETED);
  out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
  EXPECT_EQ(out.map<std::uint16_t*>()[0], kExpected) << "seen without a sync to the card";
}

}  // namespace
}  // namespace tintype
