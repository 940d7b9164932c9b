#include "core/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace tintype {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class LogFile {
 public:
  int fd() const { return fd_.get(); }
  std::string text() const {
    std::string all(static_cast<std::size_t>(::lseek(fd(), 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(fd(), all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
    return all;
  }

 private:
  UniqueFd fd_{::memfd_create("log", MFD_CLOEXEC)};
};

TEST(LogTest, AsJsonNumbersStayNumbersAndTextStaysOneString) {
  LogFile file;
  Logger log(LogLevel::kInfo, file.fd(), LogFormat::kJson);
  log.warning(
      "job_done",
      {{"ms", 132}, {"ok", true}, {"name", "a\"b\\c\n\x1b"}, {"who", "Zo\xc3\xab"}, {"bad", "\xff!\xed\xa0\x80"}});
  EXPECT_THAT(file.text(), EndsWith("Z\",\"level\":\"warning\",\"event\":\"job_done\",\"ms\":132,\"ok\":true,"
                                    "\"name\":\"a\\\"b\\\\c\\u000a\\u001b\",\"who\":\"Zo\xc3\xab\",\"bad\":\"\\ufffd!"
                                    "\\ufffd\\ufffd\\ufffd\"}\n"));
  EXPECT_THAT(file.text(), ::testing::StartsWith("{\"time\":\"2"));
}

TEST(LogTest, ALineIsTimeLevelEventAndFields) {
  LogFile file;
  Logger log(LogLevel::kInfo, file.fd());
  log.info("job_done", {{"job", SortableId{1}}, {"ms", 132}, {"ratio", 0.5}, {"ok", true}, {"who", "anna"}});
  EXPECT_THAT(file.text(), MatchesRegex("[0-9-]+T[0-9:.]+Z INFO job_done job=0000000000001 ms=132 ratio=0.5 "
                                        "ok=true who=anna\n"));
}

TEST(LogTest, LevelsBelowItsOwnAreLeftOut) {
  LogFile file;
  Logger log(LogLevel::kWarning, file.fd());
  log.debug("a");
  log.info("b");
  log.warning("c");
  log.error("d");
  EXPECT_EQ(std::ranges::count(file.text(), '\n'), 2);
  EXPECT_THAT(file.text(), HasSubstr("WARNING c\n"));
  EXPECT_THAT(file.text(), HasSubstr("ERROR d\n"));
}

TEST(LogTest, OffIsOff) {
  LogFile file;
  Logger(LogLevel::kOff, file.fd()).error("d");
  EXPECT_EQ(file.text(), "");
}

TEST(LogTest, AHostileValueCannotForgeALine) {
  LogFile file;
  Logger log(LogLevel::kInfo, file.fd());
  log.info("upload", {{"name", "a.jpg\n2026-01-01T00:00:00.000Z ERROR forged x=1"}});
  EXPECT_EQ(std::ranges::count(file.text(), '\n'), 1);
  EXPECT_THAT(file.text(), EndsWith("name=\"a.jpg\\n2026-01-01T00:00:00.000Z ERROR forged x=1\"\n"));
}

TEST(LogTest, QuotesWhatWouldBeAmbiguous) {
  const struct {
    std::string value, written;
  } cases[] = {
      {"", R"("")"},
      {"two words", R"("two words")"},
      {R"(say "hi")", R"("say \"hi\"")"},
      {R"(C:\x)", R"("C:\\x")"},
      {"a=b", R"("a=b")"},
      {"\x1b[31m", R"("\x1b[31m")"},
      {std::string("nul\0!", 5), R"("nul\x00!")"},
      {"tab\there", R"("tab\there")"},
      {"c1\xc2\x9b"
       "31m",
       R"("c1\x9b31m")"},
      {"del\x7f", R"("del\x7f")"},
      {"grün.jpg", "grün.jpg"},
      {"cut\xc2", "cut\xc2"},
  };
  for (const auto& [value, written] : cases) {
    LogFile file;
    Logger(LogLevel::kInfo, file.fd()).info("e", {{"k", value}});
    EXPECT_THAT(file.text(), EndsWith(" k=" + written + "\n"));
  }
}

TEST(LogTest, LinesOfManyThreadsStayWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  UniqueFd reader(ends[0]), writer(ends[1]);
  std::string all;
  std::thread drain([&] {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(reader.get(), buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(got));
    }
  });
  {
    const std::string value(100, 'v');
    Logger log(LogLevel::kInfo, writer.get());
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kLines; ++i) log.info("event", {{"value", value}});
      });
    }
  }
  writer.reset();
  drain.join();
  std::size_t whole = 0;
  for (std::size_t at = 0; (at = all.find("Z INFO event value=" + std::string(100, 'v') + "\n", at)) != all.npos;) {
    ++whole, ++at;
  }
  EXPECT_EQ(whole, std::size_t{kThreads * kLines});
}

}  // namespace
}  // namespace tintype
