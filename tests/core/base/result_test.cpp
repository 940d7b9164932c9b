#include "core/base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "core/base/bytes.h"

namespace tintype {
namespace {

Result<std::unique_ptr<int>> make_positive(int value) {
  if (value <= 0) return fail(ErrorCode::kInvalidArgument, "must be positive");
  return std::make_unique<int>(value);
}

Status check_even(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kConflict, "must be even");
  return {};
}

Result<int> half_of(int value) {
  TT_ASSIGN(std::unique_ptr<int> owned, make_positive(value));
  TT_TRY(check_even(*owned));
  return *owned / 2;
}

TEST(ResultTest, AssignBindsMoveOnlyValues) {
  const auto half = half_of(42);
  ASSERT_TRUE(half);
  EXPECT_EQ(*half, 21);
}

TEST(ResultTest, AssignAndTryHandTheErrorUp) {
  EXPECT_EQ(half_of(-1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(half_of(3).error().code, ErrorCode::kConflict);
  EXPECT_EQ(half_of(3).error().message, "must be even");
}

TEST(BytesTest, MovingLeavesTheSourceEmpty) {
  Bytes from = Bytes::copy_of(as_bytes("photo"));
  Bytes to = std::move(from);
  EXPECT_EQ(as_text(to), "photo");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what is tested
  EXPECT_TRUE(from.view().empty());
  to = Bytes();
  EXPECT_TRUE(to.empty());
}

TEST(BytesTest, ShrinkingForgetsTheTail) {
  Bytes bytes = Bytes::copy_of(as_bytes("photo"));
  bytes.shrink_to(2);
  EXPECT_EQ(as_text(bytes), "ph");
}

}  // namespace
}  // namespace tintype
