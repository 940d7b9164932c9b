// The FPGA's engine on emulated cards: files and planes equal the CPU's byte for byte, and whatever goes wrong with a
// card at whatever stage costs its task and nothing else.
#include "workers/fpga/fpga_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "codec/probe.h"
#include "kernels/hls/signatures.h"
#include "tests/codec/support/environment.h"
#include "tests/workers/fpga/emulated_cards.h"
#include "tests/workers/fpga/engine_tasks.h"
#include "workers/device/made_up_photo.h"
#include "workers/device/self_test.h"
#include "workers/fpga/fpga_card.h"
#include "workers/sandbox/sanitizers.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using testing::EmulatedCards;
using testing::PhotoTask;
using testing::small_task;

// For a call that hangs; any other takes far less.
constexpr auto kPatience = kSanitized ? 10s : 1s;

std::unique_ptr<DeviceEngine> open(const EmulatedCards& cards, const std::string& address = "0",
                                   std::chrono::milliseconds call_timeout = 60s) {
  auto engine = open_fpga_engine({.engine = "fpga", .address = address, .path = cards.xclbin_path()}, call_timeout);
  EXPECT_TRUE(engine) << engine.error().to_string();
  return engine ? *std::move(engine) : nullptr;
}

Result<std::vector<EngineStepResult>> run(DeviceEngine& engine, const PhotoTask& task) {
  TT_ASSIGN(const auto session, engine.open_session());
  return session->run(task.view());
}

void expect_equal(DeviceEngine& engine, const PhotoTask& task, const std::string& what) {
  const auto made = run(engine, task);
  ASSERT_TRUE(made) << what << ": " << made.error().to_string();
  EXPECT_EQ(task.difference(*made), "") << what;
}

TEST(FpgaEngine, PassesTheSelfTestOfDevices) {
  const EmulatedCards cards("");
  const auto engine = open(cards);
  ASSERT_TRUE(engine);
  const SelfTestReport report = run_self_test(*engine, 0);
  for (const SelfTestReport::Check& check : report.checks)
    EXPECT_TRUE(check.passed) << check.name << ": " << check.detail;
  EXPECT_TRUE(report.passed());
}

TEST(FpgaEngine, EveryOrientationEqualsTheCpu) {
  const EmulatedCards cards("delay_us=500");
  const auto engine = open(cards);
  ASSERT_TRUE(engine);
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    expect_equal(*engine, small_task(orientation, orientation), "orientation " + std::to_string(orientation));
  }
}

// Coefficients and quantisers that no camera writes; and sizes around those of macroblocks.
TEST(FpgaEngine, ExtremePicturesEqualTheCpu) {
  const EmulatedCards cards("");
  const auto engine = open(cards);
  ASSERT_TRUE(engine);
  for (const auto& [width, height] : {std::pair{1u, 1u}, {17u, 16u}, {33u, 1u}, {1u, 50u}, {400u, 20u}, {130u, 97u}}) {
    for (const bool is_hostile : {false, true}) {
      const PhotoTask task(make_up_photo({.width = width, .height = height, .is_hostile = is_hostile}), width, height,
                           1, {1, 2, 3});
      expect_equal(*engine, task,
                   std::to_string(width) + " x " + std::to_string(height) + (is_hostile ? ", hostile" : ""));
    }
  }
}

TEST(FpgaEngine, PhotosEqualTheCpu) {
  const std::vector<std::string> files = testing::files_of("TINTYPE_PHOTOS");
  if (files.empty()) GTEST_SKIP() << "TINTYPE_PHOTOS names no folder";
  const EmulatedCards cards("");
  const auto engine = open(cards);
  ASSERT_TRUE(engine);
  constexpr int kMostPhotos = 2;
  int looked_at = 0;
  for (const std::string& path : files) {
    const Bytes file = testing::read_file(path);
    const auto info = probe(file.view());
    if (!info || info->format != ImageFormat::kJpeg || info->megapixels() > 5) continue;
    const auto jpeg = decode_jpeg_coefficients(file.view(), *info, {.min_long_side_px = 200});
    if (!jpeg || !*jpeg) continue;
    expect_equal(*engine, PhotoTask(**jpeg, info->width, info->height, info->orientation, {2, 3, 5}), path);
    if (++looked_at == kMostPhotos) break;
  }
  EXPECT_GT(looked_at, 0);
}

TEST(FpgaEngine, SessionsShareACardsUnits) {
  const EmulatedCards cards("delay_us=2000", 2);
  const auto engine = open(cards);
  ASSERT_TRUE(engine);
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (std::uint32_t n = 0; n < 2; ++n)
        expect_equal(*engine, small_task(10 * i + n), "session " + std::to_string(i));
    });
  }
}

TEST(FpgaEngine, CardsWorkBesideEachOtherAndSayWhatIsOnThem) {
  const EmulatedCards cards("cards=2");
  const auto first = open(cards, "0"), second = open(cards, "1");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->info().address, "1");
  EXPECT_EQ(second->info().kind, "fpga-emu");
  EXPECT_FALSE(second->info().is_used_by_default);
  EXPECT_NE(second->info().driver.find(read_xclbin(cards.xclbin_path())->uuid), std::string::npos)
      << second->info().driver;
  EXPECT_NE(second->info().driver.find("2 resize_plane"), std::string::npos) << second->info().driver;
  const std::jthread other([&] { expect_equal(*second, small_task(2), "second card"); });
  expect_equal(*first, small_task(1), "first card");
}

// What a task may end with when its card has trouble: never with a result that is not the CPU's.
struct Fault {
  std::string name;
  ErrorCode code;
};

TEST(FpgaEngine, EveryFaultAtEveryStageCostsItsTaskOnly) {
  const PhotoTask task = small_task(3);
  for (std::size_t kernel = 1; kernel <= kernel_signatures().size(); ++kernel) {
    for (const Fault& fault : {Fault{"hang", ErrorCode::kWorkerCrashed}, Fault{"error", ErrorCode::kWorkerCrashed},
                               Fault{"lose", ErrorCode::kWorkerCrashed}}) {
      const std::string what = fault.name + " in " + std::string(kernel_signatures()[kernel - 1].name);
      const EmulatedCards cards(fault.name + "=1,faulty_kernel=" + std::to_string(kernel));
      const auto engine = open(cards, "0", kPatience);
      ASSERT_TRUE(engine);
      const auto made = run(*engine, task);
      ASSERT_FALSE(made) << what;
      EXPECT_EQ(made.error().code, fault.code) << what << ": " << made.error().message;
      // A card that is gone is met by whoever asks it next.
      const bool names_it = made.error().message.find(kernel_signatures()[kernel - 1].name) != std::string::npos;
      EXPECT_TRUE(names_it || fault.name == "lose") << what << ": " << made.error().message;
      // The process goes with the card; until then every task gets the same answer.
      const auto next = run(*engine, task);
      ASSERT_FALSE(next) << what;
      EXPECT_EQ(next.error().code, ErrorCode::kWorkerCrashed) << what;
      if (fault.name == "lose") continue;
      // Opened anew, as another process would, it works.
      const EmulatedCards again("");
      expect_equal(*open(again), task, what + ", opened again");
    }
  }
}

TEST(FpgaEngine, AWrongBitAtAnyStageIsFoundByComparingOrContradictsTheRest) {
  const PhotoTask task = small_task(4);
  for (std::size_t kernel = 1; kernel <= kernel_signatures().size(); ++kernel) {
    const EmulatedCards cards("flip=1,faulty_kernel=" + std::to_string(kernel));
    const auto engine = open(cards);
    ASSERT_TRUE(engine);
    const auto made = run(*engine, task);
    if (made) {
      EXPECT_NE(task.difference(*made), "") << kernel_signatures()[kernel - 1].name;
    } else {
      EXPECT_EQ(made.error().code, ErrorCode::kWorkerLied) << made.error().message;
    }
    expect_equal(*engine, task, "the next task");
  }
}

TEST(FpgaEngine, NoRoomForAnyBufferFailsTheTaskAndTheNextIsDone) {
  const PhotoTask task = small_task(5);
  int failed = 0;
  constexpr int kMostBuffers = 60;
  for (int allocation = 1; allocation <= kMostBuffers; allocation += 7) {
    const EmulatedCards cards("no_room=" + std::to_string(allocation), 1);
    const auto engine = open(cards);
    ASSERT_TRUE(engine);
    const auto made = run(*engine, task);
    if (made) {
      EXPECT_EQ(task.difference(*made), "");
      continue;
    }
    ++failed;
    EXPECT_EQ(made.error().code, ErrorCode::kOutOfMemory) << made.error().message;
    expect_equal(*engine, task, "after allocation " + std::to_string(allocation) + " failed");
  }
  EXPECT_GE(failed, 3);
}

TEST(FpgaEngine, WhyItCannotBeOpenedIsOneSentence) {
  const EmulatedCards cards("cards=1");
  const auto refusal = [&](const DeviceSpec& spec) {
    const auto engine = kFpgaEngine.open(spec);
    EXPECT_FALSE(engine);
    return engine ? Error{} : engine.error();
  };
  const auto expect_says = [](const Error& error, ErrorCode code, const std::string& words) {
    EXPECT_EQ(error.code, code);
    EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  };
  expect_says(refusal({.path = cards.xclbin_path()}), ErrorCode::kUnavailable, "only emulated");
  expect_says(refusal({.address = "5", .path = cards.xclbin_path()}), ErrorCode::kUnavailable, "no FPGA card 5");
  expect_says(refusal({.address = "0"}), ErrorCode::kInvalidArgument, "needs an xclbin");
  expect_says(refusal({.address = "0", .path = "/nowhere.xclbin"}), ErrorCode::kInvalidArgument, "/nowhere.xclbin");
  expect_says(refusal({.address = "0", .name = "another card", .path = cards.xclbin_path()}), ErrorCode::kUnavailable,
              "not another card");
  const EmulatedCards busy("busy=1");
  expect_says(refusal({.address = "0", .path = busy.xclbin_path()}), ErrorCode::kUnavailable,
              "in use by another program");
}

TEST(FpgaEngine, ListSaysWhyThereAreNone) {
  const EmulatedCards none("cards=0");
  auto list = kFpgaEngine.list({.engine = "fpga"});
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->found.empty());
  EXPECT_NE(list->reason, "");
  const EmulatedCards cards("cards=2");
  list = kFpgaEngine.list({.engine = "fpga", .path = cards.xclbin_path()});
  ASSERT_TRUE(list);
  ASSERT_EQ(list->found.size(), 2u);
  EXPECT_EQ(list->reason, "");
  EXPECT_NE(list->found[1].driver.find("xclbin"), std::string::npos);
}

}  // namespace
}  // namespace tintype
