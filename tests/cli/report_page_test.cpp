#include "cli/report/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;

Report report_with(const std::string& place, const std::string& source) {
  Report report;
  report.recipe = "web";
  report.out_dir = "/home/me/out";
  report.made_at = "2026-11-22T08:09:21.123Z";
  report.photos.push_back(
      {place, source, 1'000'000, {400, 300, {{"256.webp", "webp", 256, 192, 5'000, "x", 0.1}}, {}}});
  return report;
}

nlohmann::json data_in(const std::string& page) {
  static constexpr std::string_view kBegin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = page.find(kBegin) + kBegin.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

TEST(ReportPage, HostileNamesStayData) {
  Report report = report_with("p/\"><script>alert(1)</script>.jpg", "/home/me/p/\"><script>alert(1)</script>.jpg");
  report.failures.push_back({"p/<img src=x onerror=alert(2)>.jpg", {ErrorCode::kCorruptImage, "</script><!-- & \xFF"}});
  const std::string page = report_html(report);
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, Not(HasSubstr("<!-- &")));
  const auto data = data_in(page);
  EXPECT_EQ(data["photos"][0][0], "p/\"><script>alert(1)</script>.jpg") << "and are shown as they are";
  EXPECT_EQ(data["failures"][0][0], "p/<img src=x onerror=alert(2)>.jpg");
  EXPECT_EQ(data["failures"][0][1], "corrupt_image");
}

TEST(ReportPage, LinksAreRelativeAndEncoded) {
  const auto data = data_in(report_html(report_with("Pic tures/a#1?.jpg", "/home/me/Pic tures/a#1?.jpg")));
  EXPECT_EQ(data["photos"][0][1], "Pic%20tures/a%231%3F.jpg");
  EXPECT_EQ(data["photos"][0][2], "../Pic%20tures/a%231%3F.jpg");
  const auto bytes = data_in(report_html(report_with("p/\xFF.jpg", "/mnt/p/\xFF.jpg")));
  EXPECT_EQ(bytes["photos"][0][1], "p/%FF.jpg") << "a name that is no text is linked byte for byte";
  EXPECT_EQ(bytes["photos"][0][2], "../../../mnt/p/%FF.jpg");
}

TEST(ReportPage, LoadsNothingFromElsewhere) {
  const std::string page = report_html(report_with("p/a.jpg", "/home/me/p/a.jpg"));
  EXPECT_FALSE(std::regex_search(page, std::regex("(src|href|url)\\s*[=(]\\s*[\"']?(https?:)?//")))
      << "an address of a network";
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, Not(HasSubstr("/*css*/")));
  EXPECT_THAT(page, Not(HasSubstr("/*js*/")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(ReportPage, TotalsAreThoseOfThePhotos) {
  const auto data = data_in(report_html(report_with("p/a.jpg", "/home/me/p/a.jpg")));
  EXPECT_EQ(data["totals"]["in"], 1'000'000);
  EXPECT_EQ(data["totals"]["out"], 5'000);
  EXPECT_EQ(data["totals"]["formats"][0]["format"], "webp");
  EXPECT_EQ(data["names"], nlohmann::json::array({"256.webp"}));
  EXPECT_EQ(data["photos"][0][6][0], (nlohmann::json::array({0, 256, 192, 5'000})));
}

TEST(ReportPage, TenThousandPhotosAreAFewMegabytes) {
  Report report;
  report.out_dir = "/home/me/out";
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "Pictures/2019/IMG_" + std::to_string(i) + ".jpg";
    DoneFacts facts{4000, 3000, {}, {}};
    for (const char* variant :
         {"2048.webp", "2048.avif", "1024.webp", "1024.avif", "512.webp", "512.avif", "256.webp", "256.avif"}) {
      facts.variants.push_back({variant, "webp", 2048, 1536, 123'456, std::string(64, 'a'), 0.1});
    }
    report.photos.push_back({name, "/home/me/" + name, 4'000'000, facts});
  }
  EXPECT_LT(report_html(report).size(), 4'000'000u);
}

TEST(ReportPage, ShowsWhatTheFolderHoldsAndNotWhatIsGone) {
  TempFolder temp;
  auto journal = Journal::open(temp.path("journal.jsonl"));
  ASSERT_TRUE(journal);
  const DoneFacts facts{400, 300, {{"256.webp", "webp", 256, 192, 5, "x", 0.1}}, {}};
  const auto source = [&](const std::string& name) {
    return SourceFile{temp.path("src/" + name), "src/" + name, 10, 0};
  };
  temp.write("out/src/earlier.jpg/256.webp", "12345");
  temp.write("src/failed_earlier.jpg", "x");
  ASSERT_TRUE(journal->done("k1", source("earlier.jpg"), facts, false));
  ASSERT_TRUE(journal->done("k2", source("deleted.jpg"), facts, false));
  ASSERT_TRUE(journal->failed("k3", source("failed_earlier.jpg"), {ErrorCode::kCorruptImage, "bad"}));
  ASSERT_TRUE(journal->failed("k4", source("failed_and_gone.jpg"), {ErrorCode::kCorruptImage, "bad"}));
  PhotoItem now;
  now.source = source("now.jpg");
  now.state = PhotoState::kDone;
  now.done = facts;
  ASSERT_TRUE(write_report_page(*journal, {now}, "web", temp.path("out"), temp.path("out/index.html")));
  const auto data = data_in(temp.read("out/index.html"));
  ASSERT_EQ(data["photos"].size(), 2u);
  EXPECT_EQ(data["photos"][0][0], "src/earlier.jpg");
  EXPECT_EQ(data["photos"][1][0], "src/now.jpg");
  ASSERT_EQ(data["failures"].size(), 1u);
  EXPECT_EQ(data["failures"][0][0], "src/failed_earlier.jpg");
}

}  // namespace
}  // namespace tintype
