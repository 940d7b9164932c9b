#include "cli/compress/journal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

#include "cli/compress/places.h"
#include "cli/compress/run_plan.h"
#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using testing::TempFolder;

SourceFile source(const std::string& path, const std::string& place = "p/a.jpg") { return {path, place, 1000, 17}; }

DoneFacts facts() {
  return {400,
          300,
          {{"256.webp", "webp", 256, 192, 5, "abc", 0.125},
           {"256.best", "avif", 256, 192, 4, "abd", 0.25, ScoreFacts{70.5, true, 3.25}}},
          {"a warning"}};
}

Journal open(const TempFolder& temp) {
  auto journal = Journal::open(temp.path("journal.jsonl"));
  EXPECT_TRUE(journal) << journal.error().message;
  return *std::move(journal);
}

TEST(SourceKey, NamesTheFileAsItIsUnderARecipe) {
  const SourceFile file = source("/a");
  const std::string key = source_key(file, "v1");
  EXPECT_EQ(key, source_key(file, "v1"));
  EXPECT_NE(key, source_key(file, "v2"));
  EXPECT_NE(key, source_key({"/b", "p/a.jpg", 1000, 17}, "v1"));
  EXPECT_NE(key, source_key({"/a", "p/a.jpg", 1001, 17}, "v1"));
  EXPECT_NE(key, source_key({"/a", "p/a.jpg", 1000, 18}, "v1"));
}

TEST(JournalTest, RemembersOverRuns) {
  TempFolder temp;
  std::string batch;
  {
    Journal journal = open(temp);
    batch = journal.batch();
    ASSERT_TRUE(journal.submitted("k1", source("/1", "p/1"), "photo1", "job1"));
    ASSERT_TRUE(journal.done("k1", source("/1", "p/1"), facts(), false));
    ASSERT_TRUE(journal.removed("k1"));
    ASSERT_TRUE(journal.submitted("k2", source("/2", "p/2"), "photo2", "job2"));
    ASSERT_TRUE(journal.failed("k2", source("/2", "p/2"), {ErrorCode::kCorruptImage, "why"}));
    ASSERT_TRUE(journal.submitted("k3", source("/3", "p/3"), "photo3", "job3"));
  }
  const Journal journal = open(temp);
  EXPECT_EQ(journal.batch(), batch);
  const JournalEntry* done = journal.find("k1");
  ASSERT_TRUE(done && done->done);
  EXPECT_EQ(done->done->variants[0].name, "256.webp");
  EXPECT_EQ(done->done->variants[0].encode_seconds, 0.125);
  EXPECT_FALSE(done->done->variants[0].score);
  EXPECT_EQ(done->done->variants[0].file_name(), "256.webp");
  EXPECT_EQ(done->done->variants[1].file_name(), "256.best.avif");
  EXPECT_EQ(done->done->variants[1].score->score, 70.5);
  EXPECT_TRUE(done->done->variants[1].score->met);
  EXPECT_EQ(done->done->variants[1].score->encodes, 3.25);
  EXPECT_EQ(done->done->warnings, std::vector<std::string>{"a warning"});
  EXPECT_EQ(done->photo_id, "");
  const JournalEntry* failed = journal.find("k2");
  ASSERT_TRUE(failed && failed->failure);
  EXPECT_EQ(failed->failure->code, ErrorCode::kCorruptImage);
  ASSERT_EQ(journal.in_farm().size(), 2u) << "one that failed and one under way";
  EXPECT_EQ(journal.find("k3")->job_id, "job3");
  EXPECT_EQ(journal.latest().size(), 3u);
}

TEST(JournalTest, ATornLineIsPassedOverAndStaysAlone) {
  TempFolder temp;
  {
    Journal journal = open(temp);
    ASSERT_TRUE(journal.done("k1", source("/1", "p/1"), facts(), false));
    ASSERT_TRUE(journal.done("k2", source("/2", "p/2"), facts(), false));
  }
  const std::string whole = temp.read("journal.jsonl");
  // Wherever the last line is torn, what was before it stands, and what comes after it is read.
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = last + 1; size < whole.size() - 1; size += 17) {
    temp.write("journal.jsonl", whole.substr(0, size));
    {
      Journal journal = open(temp);
      EXPECT_NE(journal.find("k1"), nullptr);
      EXPECT_EQ(journal.find("k2"), nullptr) << size;
      ASSERT_TRUE(journal.done("k3", source("/3", "p/3"), facts(), false));
    }
    const Journal again = open(temp);
    EXPECT_NE(again.find("k1"), nullptr);
    EXPECT_NE(again.find("k3"), nullptr) << size;
  }
}

TEST(JournalTest, ALineThatAFullDiskCutStaysAlone) {
  TempFolder temp;
  {
    Journal journal = open(temp);
    ASSERT_TRUE(journal.done("k1", source("/1", "p/1"), facts(), false));
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit full{std::filesystem::file_size(temp.path("journal.jsonl")) + 20, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    const Status cut = journal.done("k2", source("/2", "p/2"), facts(), false);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(cut);
    EXPECT_EQ(journal.find("k2"), nullptr);
    ASSERT_TRUE(journal.done("k3", source("/3", "p/3"), facts(), false));
  }
  const Journal again = open(temp);
  EXPECT_NE(again.find("k1"), nullptr);
  EXPECT_EQ(again.find("k2"), nullptr);
  EXPECT_NE(again.find("k3"), nullptr);
}

TEST(JournalTest, RubbishIsPassedOver) {
  TempFolder temp;
  temp.write("journal.jsonl",
             std::string("\0\xFF\n[]\nnull\n{\"event\":7}\n{\"event\":\"done\"}\n{\"event\":\"done\",\"key\":\"k\"}\n"
                         "{\"event\":\"failed\",\"key\":\"k\",\"path\":\"/p\",\"place\":\"x\",\"code\":\"new\"}\n",
                         108));
  const Journal journal = open(temp);
  EXPECT_FALSE(journal.batch().empty());
  EXPECT_TRUE(journal.find("k") == nullptr || journal.find("k")->failure->code == ErrorCode::kInternal);
}

TEST(JournalTest, PathsThatAreNoTextComeBackExactly) {
  TempFolder temp;
  const std::string path = "/p/\xFF\xFE\n\"<.jpg";
  {
    Journal journal = open(temp);
    ASSERT_TRUE(journal.done("k", source(path, "p/\xFF"), facts(), false));
  }
  const Journal journal = open(temp);
  ASSERT_NE(journal.find("k"), nullptr);
  EXPECT_EQ(journal.find("k")->path, path);
  EXPECT_EQ(journal.place_of(path), "p/\xFF");
}

TEST(JournalTest, TheSameTryHasTheSameIdempotencyKey) {
  TempFolder temp, other;
  Journal journal = open(temp);
  const std::string first = journal.idempotency_key("k");
  ASSERT_TRUE(journal.submitted("k", source("/1"), "photo", "job"));
  EXPECT_EQ(journal.idempotency_key("k"), first) << "an upload that is repeated is the same upload";
  EXPECT_NE(open(other).idempotency_key("k"), first) << "two folders of results do not share photos";
  ASSERT_TRUE(journal.failed("k", source("/1"), {ErrorCode::kTimedOut, ""}));
  const std::string second = journal.idempotency_key("k");
  EXPECT_NE(second, first) << "a photo that failed is uploaded anew";
  ASSERT_TRUE(journal.submitted("k", source("/1"), "photo2", "job2"));
  ASSERT_TRUE(journal.removed("k"));
  EXPECT_NE(journal.idempotency_key("k"), second) << "a deleted photo's key is used up";
  ASSERT_TRUE(journal.done("k", source("/1"), facts(), true));
  const std::string kept = journal.idempotency_key("k");
  ASSERT_TRUE(journal.submitted("k", source("/1"), "photo3", "job3"));
  EXPECT_EQ(journal.idempotency_key("k"), kept) << "a photo that was kept is found again";
}

TEST(Places, StayWhatTheyWere) {
  TempFolder temp;
  const std::string first = temp.write("one/Pictures/a.jpg", "1");
  const std::string second = temp.write("two/Pictures/a.jpg", "2");
  Journal journal = open(temp);
  std::vector<SourceFile> both = {source(first, "Pictures/a.jpg"), source(second, "Pictures/a.jpg")};
  const PlaceNotes notes = settle_places(both, journal);
  EXPECT_EQ(notes.moved, 1u);
  EXPECT_EQ(both[0].place, "Pictures/a.jpg");
  EXPECT_TRUE(both[1].place.starts_with("Pictures/a.jpg~")) << both[1].place;
  ASSERT_TRUE(journal.done("k1", both[0], facts(), false));
  ASSERT_TRUE(journal.done("k2", both[1], facts(), false));

  // The other way round, or alone: where they were.
  std::vector<SourceFile> again = {source(second, "Pictures/a.jpg"), source(first, "Pictures/a.jpg")};
  EXPECT_EQ(settle_places(again, journal).moved, 0u);
  EXPECT_EQ(again[0].place, both[1].place);
  EXPECT_EQ(again[1].place, both[0].place);
  std::vector<SourceFile> third = {source(temp.write("three/Pictures/a.jpg", "3"), "Pictures/a.jpg")};
  EXPECT_EQ(settle_places(third, journal).moved, 1u);

  // A folder that was moved takes over the place of what is gone.
  std::filesystem::remove(first);
  std::vector<SourceFile> moved = {source(temp.write("four/Pictures/a.jpg", "1"), "Pictures/a.jpg")};
  EXPECT_EQ(settle_places(moved, journal).moved, 0u);
  EXPECT_EQ(moved[0].place, "Pictures/a.jpg");
}

TEST(Places, OurOwnNamesAreTaken) {
  TempFolder temp;
  const Journal journal = open(temp);
  std::vector<SourceFile> files = {source("/x/index.html", "index.html"), source("/x/b", ".tintype/b")};
  settle_places(files, journal);
  EXPECT_EQ(files[0].place, "_index.html");
  EXPECT_EQ(files[1].place, "_.tintype/b");
}

TEST(RunPlan, DoesNothingTwice) {
  TempFolder temp;
  Journal journal = open(temp);
  const auto plan = [&](bool retry_failed = false) {
    WalkResult walked;
    for (const char* name : {"done", "gone", "short", "corrupt", "crashed", "new"}) {
      walked.pictures.push_back(source(std::string("/") + name, std::string("p/") + name));
    }
    walked.unreadable.push_back({"/locked", "p/locked", {ErrorCode::kDenied, "no"}});
    return plan_run(std::move(walked), journal, "v", temp.path("out"), retry_failed);
  };
  for (const PhotoItem& item : plan()) {
    const std::string& name = item.source.path;
    if (name == "/done" || name == "/gone" || name == "/short") {
      ASSERT_TRUE(journal.done(item.key, item.source, facts(), false));
    }
    if (name == "/corrupt" || name == "/crashed") {
      const ErrorCode code = name == "/corrupt" ? ErrorCode::kCorruptImage : ErrorCode::kWorkerCrashed;
      ASSERT_TRUE(journal.failed(item.key, item.source, {code, "bad"}));
    }
  }
  temp.write("out/p/done/256.webp", "12345");
  temp.write("out/p/done/256.best.avif", "1234");
  temp.write("out/p/short/256.webp", "1234");

  const auto state_of = [](const std::vector<PhotoItem>& items, const std::string& path) {
    return std::ranges::find(items, path, [](const PhotoItem& i) { return i.source.path; })->state;
  };
  const auto items = plan();
  ASSERT_EQ(items.size(), 7u);
  EXPECT_EQ(state_of(items, "/done"), PhotoState::kDone);
  EXPECT_EQ(state_of(items, "/gone"), PhotoState::kToDo) << "its variants were deleted";
  EXPECT_EQ(state_of(items, "/short"), PhotoState::kToDo) << "a variant has another size";
  EXPECT_EQ(state_of(items, "/corrupt"), PhotoState::kFailed) << "the same bytes give the same answer";
  EXPECT_EQ(state_of(items, "/crashed"), PhotoState::kToDo);
  EXPECT_EQ(state_of(items, "/new"), PhotoState::kToDo);
  EXPECT_EQ(state_of(items, "/locked"), PhotoState::kFailed);
  EXPECT_EQ(state_of(plan(true), "/corrupt"), PhotoState::kToDo);
}

}  // namespace
}  // namespace tintype
