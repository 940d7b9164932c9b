// The power goes at a random moment of a mixed load, again and again: uploads, retries, deletes, lists, reads, commits
// of variants and sweeps, over HTTP. What was not synced is gone; what was answered must not be.
//
// TINTYPE_CRASHES says how many times (12 if not given); TINTYPE_CRASH_SEED repeats a run's dice, though not its
// timing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "tests/crash/audit.h"
#include "tests/crash/doomed_farm.h"
#include "tests/crash/farm_client.h"
#include "tests/crash/survivors.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::crash {
namespace {

const std::vector<std::string> kOwners = {"anna", "bert", "cleo"};
constexpr int kClientsAnOwner = 2;

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::atoi(text) : otherwise;
}

void sleep_ms(unsigned ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

class Crashes {
 public:
  Crashes(Bug bug, unsigned seed) : bug_(bug), random_(seed) { std::filesystem::create_directory(folder_); }

  // One farm from its start to its death, and what is left then.
  void once(unsigned longest_work_ms) {
    Survivors survivors(folder_);
    std::filesystem::remove(journal_);  // a farm that dies early has not begun one
    const std::size_t first_new = ledger_.uploads().size();
    {
      DoomedFarm farm(folder_, journal_, bug_);
      if (random_() % 6 == 0) {
        sleep_ms(random_() % 60);  // often before it serves: recovery is cut short too
      } else {
        work(farm, random_() % longest_work_ms);
      }
      if (!farm.kill()) ledger_.wrong(Wrong::kAnswer, "the farm ended by itself");
    }
    const Keep keep = random_() % 2 == 0 ? Keep::kSyncedOnly : Keep::kSomeMore;
    survivors.after(journal_, keep, random_);
    since_ = first_new;
    if (random_() % 3 == 0) audit(store_folder(folder_), kOwners, ledger_);
  }

  // A last farm that nobody kills before everything was looked at.
  void settle() {
    {
      DoomedFarm farm(folder_, journal_, bug_);
      FarmClient client(farm.port(), ledger_);
      EXPECT_TRUE(client.verify(kOwners, 0, random_)) << "the farm is gone";
      bool complete = false;
      for (int i = 0; i < 1000 && !complete; ++i, sleep_ms(10)) complete = client.all_complete(kOwners).value_or(false);
      EXPECT_TRUE(complete) << "some photos never got their variants";
      EXPECT_TRUE(client.verify(kOwners, 0, random_)) << "the farm is gone";
    }
    audit(store_folder(folder_), kOwners, ledger_);
  }

  const Ledger& ledger() const { return ledger_; }

 private:
  void work(DoomedFarm& farm, unsigned for_ms) {
    const std::uint16_t port = farm.port();
    ASSERT_NE(port, 0) << "the farm did not start";
    ASSERT_TRUE(FarmClient(port, ledger_).verify(kOwners, since_, random_)) << "the farm is gone";
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < kOwners.size() * kClientsAnOwner; ++i) {
      clients.emplace_back([this, port, i, seed = random_()] {
        std::mt19937 random(seed);
        FarmClient client(port, ledger_);
        while (client.do_something(kOwners[i % kOwners.size()], random)) {
        }
      });
    }
    sleep_ms(for_ms);
    EXPECT_TRUE(farm.kill());
  }

  const Bug bug_;
  std::mt19937 random_;
  testing::TemporaryFolder place_{testing::FolderOn::kMemory};
  const std::string folder_ = place_.path() + "/farm";
  const std::string journal_ = place_.path() + "/journal";
  Ledger ledger_;
  std::size_t since_ = 0;
};

std::string first_of(const std::vector<Violation>& violations) {
  std::string text = std::to_string(violations.size()) + " violations";
  for (std::size_t i = 0; i < std::min<std::size_t>(violations.size(), 10); ++i) text += "\n" + violations[i].text;
  return text;
}

TEST(CrashTruth, NothingThatWasAnsweredIsLostOrComesBack) {
  const int crashes = number_from("TINTYPE_CRASHES", 12);
  const auto seed =
      static_cast<unsigned>(number_from("TINTYPE_CRASH_SEED", static_cast<int>(std::random_device()() >> 1)));
  SCOPED_TRACE("TINTYPE_CRASH_SEED=" + std::to_string(seed));
  Crashes farm(Bug::kNone, seed);
  for (int i = 0; i < crashes && !HasFailure(); ++i) {
    farm.once(300);
    ASSERT_TRUE(farm.ledger().violations().empty()) << "crash " << i << ": " << first_of(farm.ledger().violations());
  }
  farm.settle();
  EXPECT_TRUE(farm.ledger().violations().empty()) << first_of(farm.ledger().violations());
  std::size_t answered = 0, deleted = 0;
  for (const Upload& upload : farm.ledger().uploads()) {
    answered += upload.photo.has_value();
    deleted += upload.deleted;
  }
  std::printf("%d crashes, seed %u: %zu uploads answered, %zu deleted\n", crashes, seed, answered, deleted);
  EXPECT_GT(answered, 20u) << "too little was done to prove anything";
  EXPECT_GT(deleted, 0u);
}

struct Seeded {
  Bug bug;
  std::vector<Wrong> shows_as;
};

class CheckerSees : public ::testing::TestWithParam<Seeded> {};

TEST_P(CheckerSees, APlantedBug) {
  Crashes farm(GetParam().bug, 7);
  // Mostly the first time shows it; a machine that is busy with other things gets more and longer ones.
  for (unsigned i = 0; i < 40; ++i) {
    farm.once(std::min(150 + 50 * i, 1000u));
    for (const Violation& violation : farm.ledger().violations()) {
      if (std::ranges::contains(GetParam().shows_as, violation.what)) return;
    }
  }
  FAIL() << name_of(GetParam().bug) << " went unseen: " << first_of(farm.ledger().violations());
}

INSTANTIATE_TEST_SUITE_P(All, CheckerSees,
                         ::testing::Values(Seeded{Bug::kEarlyAcknowledgement, {Wrong::kLost, Wrong::kList}},
                                           Seeded{Bug::kLostTombstone, {Wrong::kUndeleted}},
                                           Seeded{Bug::kStaleCache, {Wrong::kList, Wrong::kUndeleted}},
                                           Seeded{Bug::kWrongRange, {Wrong::kList}},
                                           Seeded{Bug::kDoubleCommit, {Wrong::kDoubled}}),
                         [](const auto& seeded) {
                           std::string name(name_of(seeded.param.bug));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tintype::crash

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--farm") {
    tintype::crash::be_the_farm(argv[2], argv[3], tintype::crash::bug_named(argv[4]));
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
