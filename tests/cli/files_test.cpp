#include "cli/files.h"

#include <gtest/gtest.h>

#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

TEST(Files, ReadsUpToWhatIsAllowed) {
  testing::TempFolder temp;
  const std::string file = temp.write("four", "1234");
  EXPECT_EQ(read_text_file(file).value(), "1234");
  EXPECT_EQ(read_text_file(file, 4).value(), "1234");
  EXPECT_EQ(read_text_file(file, 3).error().code, ErrorCode::kImageTooLarge);
  EXPECT_EQ(read_text_file("/dev/zero", 1u << 20).error().code, ErrorCode::kImageTooLarge) << "has no end";
}

}  // namespace
}  // namespace tintype
