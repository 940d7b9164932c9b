#include "cli/service.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

namespace tintype {
namespace {

rlimit files_allowed() {
  rlimit limit{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit;
}

TEST(OpenFiles, AsManyAsTheHardLimitSays) {
  const rlimit before = files_allowed();
  rlimit few = before;
  few.rlim_cur = 256;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  allow_many_open_files();
  const rlimit after = files_allowed();
  EXPECT_EQ(after.rlim_cur, std::min<rlim_t>(before.rlim_max, 65'536));
  EXPECT_EQ(after.rlim_max, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace tintype
