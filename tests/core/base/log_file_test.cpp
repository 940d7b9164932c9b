#include "core/base/log_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace tintype {
namespace {

class LogFileTest : public ::testing::Test {
 protected:
  LogFileTest() {
    char name[] = "/tmp/tintype-log-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~LogFileTest() override { std::filesystem::remove_all(folder); }

  std::string text(const std::string& name) const {
    std::ifstream in(folder / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
  }

  std::filesystem::path folder;
};

TEST_F(LogFileTest, TurnsWhenFullAndKeepsTheNewestFiles) {
  const auto log = LogFile::open({.path = folder / "log", .max_bytes = 10, .keep = 2}).value();
  for (const char* line : {"one12345\n", "two12345\n", "three\n", "four123\n", "five1234\n"}) log->write(line);
  EXPECT_EQ(text("log"), "five1234\n");
  EXPECT_EQ(text("log.1"), "four123\n");
  EXPECT_EQ(text("log.2"), "three\n");
  EXPECT_EQ(files(), 3u);
}

TEST_F(LogFileTest, GoesOnWhereAnOldFileEnds) {
  std::ofstream(folder / "log") << "12345678\n";
  const auto log = LogFile::open({.path = folder / "log", .max_bytes = 12, .keep = 1}).value();
  log->write("abc\n");
  EXPECT_EQ(text("log"), "abc\n");
  EXPECT_EQ(text("log.1"), "12345678\n");
}

TEST_F(LogFileTest, ALineLargerThanAFileIsStillWritten) {
  const auto log = LogFile::open({.path = folder / "log", .max_bytes = 4, .keep = 1}).value();
  log->write("a long line\n");
  EXPECT_EQ(text("log"), "a long line\n");
}

TEST_F(LogFileTest, LinesOfManyThreadsStayWhole) {
  const auto file = LogFile::open({.path = folder / "log", .max_bytes = 2000, .keep = 100}).value();
  Logger log(LogLevel::kInfo, *file, LogFormat::kJson);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) log.info("something", {{"i", i}});
      });
    }
  }
  int lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_LE(entry.file_size(), 2000u);
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line); ++lines) {
      EXPECT_TRUE(line.starts_with('{') && line.ends_with('}')) << line;
    }
  }
  EXPECT_EQ(lines, 400);
}

TEST_F(LogFileTest, AFolderThatIsNotThereIsSaid) { EXPECT_FALSE(LogFile::open({.path = folder / "no" / "log"})); }

}  // namespace
}  // namespace tintype
