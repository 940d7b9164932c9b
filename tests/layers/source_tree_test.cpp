// Tintype's own sources obey the rules.
#include <gtest/gtest.h>

#include "tests/layers/include_rules.h"

namespace tintype {
namespace {

TEST(SourceTreeTest, EveryIncludeFollowsTheLayers) {
  const IncludeReport report = check_includes(TINTYPE_SOURCE_DIR);
  EXPECT_GT(report.files, 30) << "read under " TINTYPE_SOURCE_DIR;
  EXPECT_GT(report.includes, 150);
  for (const IncludeViolation& violation : report.violations) ADD_FAILURE() << violation.to_string();
}

}  // namespace
}  // namespace tintype
