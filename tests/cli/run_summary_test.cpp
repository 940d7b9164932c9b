#include "cli/compress/run_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/compress/progress_view.h"
#include "cli/compress/space_check.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PhotoItem done(const std::string& place, std::uint64_t bytes, std::vector<VariantFacts> variants) {
  PhotoItem item;
  item.source = {"/src/" + place, place, bytes, 0};
  item.state = PhotoState::kDone;
  item.done = DoneFacts{100, 100, std::move(variants), {}};
  return item;
}

PhotoItem failed(const std::string& place, ErrorCode code, const std::string& message) {
  PhotoItem item;
  item.source = {"/src/" + place, place, 10, 0};
  item.state = PhotoState::kFailed;
  item.failure = Error{code, message};
  return item;
}

std::vector<PhotoItem> some_items() {
  return {done("a.jpg", 1'000'000,
               {{"1024.webp", "webp", 1024, 512, 200'000, "x", 0.1},
                {"256.webp", "webp", 256, 128, 50'000, "x", 0.02},
                {"1024.avif", "avif", 1024, 512, 100'000, "x", 0.5}}),
          // A photo smaller than its rungs: both are the same picture.
          done("b.jpg", 3'000,
               {{"1024.webp", "webp", 90, 90, 1'000, "y", 0.03}, {"256.webp", "webp", 90, 90, 1'000, "y", 0.03}}),
          failed("c.jpg", ErrorCode::kCorruptImage, "contradicts (at 3)"),
          failed("d.jpg", ErrorCode::kTimedOut, "too long"),
          failed("e.jpg", ErrorCode::kCorruptImage, "contradicts (at 17)")};
}

TEST(RunTotalsTest, AddUpByFormatAndByCause) {
  const RunTotals totals = total_up(some_items());
  EXPECT_EQ(totals.photos, 5u);
  EXPECT_EQ(totals.done, 2u);
  EXPECT_EQ(totals.failed, 3u);
  EXPECT_EQ(totals.bytes_in, 1'003'000u);
  EXPECT_EQ(totals.bytes_out, 352'000u);
  ASSERT_EQ(totals.formats.size(), 2u);
  const FormatTotals& webp = totals.formats[1];
  EXPECT_EQ(webp.format, "webp");
  EXPECT_EQ(webp.files, 4u);
  EXPECT_EQ(webp.bytes_in, 1'003'000u) << "each photo once";
  EXPECT_EQ(webp.bytes_out, 252'000u);
  EXPECT_DOUBLE_EQ(webp.median_ms, 30) << "of 20, 30, 100: one picture twice counts once";
  EXPECT_EQ(totals.formats[0].bytes_in, 1'000'000u);
  ASSERT_EQ(totals.failures.size(), 2u);
  EXPECT_EQ(totals.failures[0].code, ErrorCode::kCorruptImage);
  EXPECT_EQ(totals.failures[0].count, 2u);
  EXPECT_EQ(totals.failures[0].first_names, (std::vector<std::string>{"c.jpg", "e.jpg"}));
}

TEST(RunSummary, LinesUp) {
  RunFacts facts;
  facts.out_dir = "/out";
  facts.seconds = 65;
  facts.not_pictures = {"/src/notes.txt"};
  const std::string text = summary_text(total_up(some_items()), facts);
  EXPECT_THAT(text, HasSubstr("2 photos done, 3 failed, in 1 min 05 s"));
  EXPECT_THAT(text, HasSubstr("Format  Files       In     Out   Saved          Median\n"
                              "avif        1  1.00 MB  100 kB  900 kB  90.0 %  500 ms\n"
                              "webp        4  1.00 MB  252 kB  751 kB  74.9 %   30 ms\n"));
  EXPECT_THAT(text, HasSubstr("all         5  1.00 MB  352 kB  651 kB  64.9 %\n"));
  EXPECT_THAT(text, HasSubstr("     2  corrupt_image  c.jpg, e.jpg\n"));
  EXPECT_THAT(text, HasSubstr("1 file passed over"));
}

TEST(RunSummary, EachCauseHasItsOwnMessage) {
  constexpr ErrorCode kCode = ErrorCode::kUnsupportedImage;
  std::vector<PhotoItem> items;
  items.push_back(failed("a.jpg", kCode, "arithmetic coding"));
  items.push_back(failed("b.heic", kCode, "it is a HEIC picture"));
  items.push_back(failed("c.heic", kCode, "it is a HEIC picture"));
  EXPECT_THAT(summary_text(total_up(items), {}), HasSubstr("     2  unsupported_image  b.heic, c.heic\n"
                                                           "                           it is a HEIC picture\n"
                                                           "     1  unsupported_image  a.jpg\n"
                                                           "                           arithmetic coding\n"));
  for (char c = 'a'; c < 'a' + 20; ++c) items.push_back(failed("x.jpg", kCode, std::string("cause ") + c));
  EXPECT_THAT(summary_text(total_up(items), {}), HasSubstr("    12  others             --json lists them\n"));
}

TEST(RunSummary, TellsOfScoresWhereTheyWereAskedFor) {
  std::vector<PhotoItem> items = some_items();
  EXPECT_THAT(summary_text(total_up(items), {}), ::testing::Not(HasSubstr("score")));
  items[0].done->variants[0].score = {70.5, true, 1};
  items[0].done->variants[1].score = {71.5, true, 2};
  items[0].done->variants[2].score = {60, false, 4.5};
  EXPECT_THAT(summary_text(total_up(items), {}),
              HasSubstr("2 of 3 files have the score that the recipe asks for: 71.0 on average; 2.5 encodes a file\n"));
  const auto json = nlohmann::json::parse(summary_json(total_up(items), {}, items));
  EXPECT_EQ(json["photos"][0]["variants"][0]["score"], 70.5);
  EXPECT_EQ(json["photos"][0]["variants"][2]["score_met"], false);
  EXPECT_FALSE(json["photos"][1]["variants"][0].contains("score"));
}

TEST(RunSummary, JsonIsJsonWhateverFilesAreCalled) {
  std::vector<PhotoItem> items = some_items();
  items.push_back(failed("\xFF\n\"</script>.jpg", ErrorCode::kIo, "bad \xFE"));
  RunFacts facts;
  facts.notes = {"odd \xFF"};
  const auto json = nlohmann::json::parse(summary_json(total_up(items), facts, items));
  EXPECT_EQ(json["summary"]["failed"], 4);
  EXPECT_EQ(json["photos"].size(), 6u);
  EXPECT_EQ(json["photos"][0]["variants"].size(), 3u);
  EXPECT_EQ(json["photos"][2]["failure"]["code"], "corrupt_image");
  EXPECT_EQ(json["photos"][5]["place_hex"], "ff0a223c2f7363726970743e2e6a7067");
  EXPECT_EQ(json["formats"][1]["median_ms"], 30);
}

TEST(ProgressTest, TellsWhatCounts) {
  Progress p;
  p.photos = 100;
  p.done = 40;
  p.failed = 2;
  p.bytes = 1'000'000'000;
  p.bytes_ended = 250'000'000;
  p.bytes_in = 240'000'000;
  p.bytes_out = 60'000'000;
  p.ended_now = 42;
  const auto lines = progress_lines(p, 10, 30, 79);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr(" 25 %  42/100 photos · 30 s left"));
  EXPECT_EQ(lines[1], "25.0 MB/s in, 4.2 photos/s · saved 180 MB (75.0 %) · 2 failed");
  EXPECT_EQ(progress_line(p, 10, -1),
            "42/100 photos (25 %) · 25.0 MB/s in, 4.2 photos/s · saved 180 MB (75.0 %) · 2 failed");
  for (const std::string& line : progress_lines(p, 10, 30, 40)) EXPECT_LE(display_width(line), 40u);
}

TEST(ProgressTest, TroubleIsShown) {
  Progress p;
  p.photos = 1;
  p.trouble = "connection refused\x1b[2J";
  EXPECT_THAT(progress_lines(p, 1, -1, 79)[1], HasSubstr("waiting for the farm: connection refused"));
  EXPECT_THAT(progress_lines(p, 1, -1, 79)[1], Not(HasSubstr("\x1b")));
}

TEST(TimeLeftTest, FollowsThePaceAndNeverJumpsUp) {
  TimeLeft left;
  EXPECT_LT(left.update(0, 1000, 1), 0) << "nothing is known yet";
  EXPECT_NEAR(left.update(100, 1000, 10), 90, 1e-9);
  EXPECT_NEAR(left.update(100, 1000, 12), 88, 1e-9) << "time passes also while nothing ends";
  double estimate = 0;
  for (int second = 13; second < 120; ++second)
    estimate = left.update(100 + 2 * static_cast<std::uint64_t>(second), 1000, second);
  EXPECT_NEAR(estimate, (1000 - 100 - 238) / 2.0, 20) << "the pace has become 2 a second";
  EXPECT_EQ(left.update(1000, 1000, 200), 0);
}

TEST(SpaceCheck, AFarmHoldsWhatIsUnderWay) {
  std::vector<PhotoItem> items(10);
  for (PhotoItem& item : items) item.source.bytes = 100'000'000;
  items[0].state = PhotoState::kDone;
  const SpaceNeed elsewhere = space_needed(items, false, false, 4);
  EXPECT_EQ(elsewhere.farm_bytes, 0u);
  EXPECT_NEAR(static_cast<double>(elsewhere.out_bytes), 540e6, 30e6);
  const SpaceNeed own = space_needed(items, true, false, 4);
  EXPECT_EQ(own.out_bytes, elsewhere.out_bytes);
  EXPECT_NEAR(static_cast<double>(own.farm_bytes), 640e6, 100e6) << "four photos and their variants";
  EXPECT_NEAR(static_cast<double>(space_needed(items, true, true, 4).farm_bytes), 1440e6, 100e6) << "all of them";
  items.resize(1);
  EXPECT_EQ(space_needed(items, true, true, 4).out_bytes, 0u);
}

TEST(SpaceCheck, ARefusalNamesNeedAndHave) {
  EXPECT_TRUE(check_space({1000, 1000}, "/tmp", "/tmp/x/y"));
  const Status refused = check_space({std::uint64_t{1} << 62, 0}, "/tmp", "/tmp");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kStorageFull);
  EXPECT_THAT(refused.error().message, HasSubstr("/tmp needs about 4.61 EB free and has "));
}

}  // namespace
}  // namespace tintype
