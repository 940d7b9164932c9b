#include <gtest/gtest.h>

#include <algorithm>

#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

TEST(Human, BytesHaveThreeDigits) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.00 kB");
  EXPECT_EQ(human_bytes(12'340), "12.3 kB");
  EXPECT_EQ(human_bytes(999'499), "999 kB");
  EXPECT_EQ(human_bytes(999'500), "1.00 MB");
  EXPECT_EQ(human_bytes(9'996'000), "10.0 MB");
  EXPECT_EQ(human_bytes(41'200'000'000), "41.2 GB");
  EXPECT_EQ(human_bytes(UINT64_MAX), "18.4 EB");
}

TEST(Human, CountsAreGrouped) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1000), "1,000");
  EXPECT_EQ(human_count(1'234'567), "1,234,567");
  EXPECT_EQ(counted(1, "photo", "photos"), "1 photo");
  EXPECT_EQ(counted(0, "photo", "photos"), "0 photos");
}

TEST(Human, Durations) {
  EXPECT_EQ(human_duration(0.2), "under 1 s");
  EXPECT_EQ(human_duration(59.4), "59 s");
  EXPECT_EQ(human_duration(59.6), "1 min 00 s");
  EXPECT_EQ(human_duration(185), "3 min 05 s");
  EXPECT_EQ(human_duration(7620), "2 h 07 min");
  EXPECT_EQ(human_duration(86400 * 4), "4 days");
  EXPECT_EQ(human_duration(-1), "under 1 s");
}

TEST(Human, SavingsMayBeLosses) {
  EXPECT_EQ(human_saving(1000, 250), "750 B (75.0 %)");
  EXPECT_EQ(human_saving(1000, 1500), "-500 B (-50.0 %)");
  EXPECT_EQ(human_saving(0, 0), "0 B (-)");
}

TEST(Utf8, KnowsWhatIsValid) {
  EXPECT_TRUE(is_valid_utf8("Grüße 写真 📷"));
  for (const char* bad : {"\xFF", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\x80"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
  EXPECT_EQ(to_valid_utf8("a\xFF"
                          "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(to_valid_utf8("写真"), "写真");
}

TEST(Utf8, NothingThatMovesACursorIsPrintable) {
  const std::string shown = printable(
      "a\x1b[2Jb\nc\r\x7f\xC2\x9B"
      "d\xE2\x80\xAE"
      "e");
  EXPECT_EQ(shown.find_first_of("\x1b\n\r\x7f"), std::string::npos);
  EXPECT_EQ(shown.find("\xC2\x9B"), std::string::npos);
  EXPECT_EQ(shown.find("\xE2\x80\xAE"), std::string::npos) << "right-to-left override";
  EXPECT_TRUE(is_valid_utf8(shown));
}

TEST(Utf8, WidthsAreColumns) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("写真"), 4u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u) << "a combining accent";
  EXPECT_EQ(display_width("📷"), 2u);
}

TEST(Utf8, ShortensInTheMiddle) {
  EXPECT_EQ(shortened("short", 10), "short");
  const std::string text = shortened("Pictures/2019/holidays/beach.jpg", 20);
  EXPECT_LE(display_width(text), 20u);
  EXPECT_TRUE(text.ends_with("beach.jpg")) << text;
  EXPECT_TRUE(text.starts_with("Pict")) << text;
  EXPECT_LE(display_width(shortened("写真写真写真写真写真", 9)), 9u);
}

TEST(Utf8, ClipsAtTheEnd) {
  EXPECT_EQ(clipped("short", 5), "short");
  EXPECT_EQ(clipped("longer", 5), "long…");
  EXPECT_EQ(clipped("写真写真", 6), "写真…");
  EXPECT_EQ(clipped("abc", 0), "");
}

TEST(TableTest, ColumnsLineUpByWidth) {
  Table table({{"Name"}, {"Size", Align::kRight}, {"Note"}});
  table.add_row({"写真.jpg", "9 B", "x"});
  table.add_rule();
  table.add_row({"a.jpg", "1,000 B", ""});
  EXPECT_EQ(table.to_string(),
            "Name         Size  Note\n"
            "写真.jpg      9 B  x\n"
            "───────────────────────\n"
            "a.jpg     1,000 B\n");
}

TEST(TableTest, CellsCannotForgeLines) {
  Table table({{"Name"}});
  table.add_row({"a\nb\x1b[31m"});
  const std::string text = table.to_string();
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace tintype
