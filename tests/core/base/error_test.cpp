#include "core/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace tintype {
namespace {

constexpr int kCodeCount = static_cast<int>(ErrorCode::kInternal) + 1;

TEST(ErrorTest, EveryCodeHasItsOwnNameAndComesBackFromIt) {
  std::set<std::string_view> names;
  for (int i = 0; i < kCodeCount; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_TRUE(names.insert(error_name(code)).second) << error_name(code);
    EXPECT_EQ(error_code_from_name(error_name(code)), code);
  }
}

TEST(ErrorTest, NamesAreTheOnesTheApiPromises) {
  EXPECT_EQ(error_name(ErrorCode::kEmptyFile), "empty_file");
  EXPECT_EQ(error_name(ErrorCode::kTruncatedImage), "truncated_image");
  EXPECT_EQ(error_name(ErrorCode::kQueueFull), "queue_full");
  EXPECT_EQ(error_name(ErrorCode::kIo), "io");
  EXPECT_EQ(error_name(ErrorCode::kInternal), "internal");
}

TEST(ErrorTest, UnknownNamesAndValuesReadAsInternal) {
  EXPECT_EQ(error_code_from_name("from_the_future"), ErrorCode::kInternal);
  EXPECT_EQ(error_name(static_cast<ErrorCode>(250)), "internal");
  EXPECT_FALSE(is_retryable(static_cast<ErrorCode>(250)));
}

TEST(ErrorTest, ABadPictureIsNeverRetried) {
  int bad_pictures = 0;
  for (int i = 0; i < kCodeCount; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_FALSE(is_bad_picture(code) && is_retryable(code)) << error_name(code);
    bad_pictures += is_bad_picture(code);
  }
  EXPECT_EQ(bad_pictures, 6);
}

TEST(ErrorTest, RetriesWhatTimeCanMend) {
  for (ErrorCode code : {ErrorCode::kTimedOut, ErrorCode::kOutOfMemory, ErrorCode::kWorkerCrashed,
                         ErrorCode::kWorkerLied, ErrorCode::kUnavailable, ErrorCode::kConflict, ErrorCode::kQueueFull,
                         ErrorCode::kRateLimited, ErrorCode::kStorageFull, ErrorCode::kIo}) {
    EXPECT_TRUE(is_retryable(code)) << error_name(code);
  }
  for (ErrorCode code : {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kCancelled,
                         ErrorCode::kUnsupported, ErrorCode::kDenied, ErrorCode::kInternal}) {
    EXPECT_FALSE(is_retryable(code)) << error_name(code);
  }
}

TEST(ErrorTest, TextIsNameThenSentence) {
  EXPECT_EQ((Error{ErrorCode::kNotFound, "no photo 7"}).to_string(), "not_found: no photo 7");
}

TEST(ErrorTest, ErrnoKeepsItsMeaning) {
  EXPECT_EQ(error_from_errno(ENOSPC, "writing /x").code, ErrorCode::kStorageFull);
  EXPECT_EQ(error_from_errno(EDQUOT, "writing /x").code, ErrorCode::kStorageFull);
  EXPECT_EQ(error_from_errno(ENOENT, "reading /x").code, ErrorCode::kNotFound);
  EXPECT_EQ(error_from_errno(EACCES, "reading /x").code, ErrorCode::kDenied);
  EXPECT_EQ(error_from_errno(EPERM, "reading /x").code, ErrorCode::kDenied);
  EXPECT_EQ(error_from_errno(ENOMEM, "mapping /x").code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(error_from_errno(EISDIR, "reading /x").code, ErrorCode::kIo);
  EXPECT_EQ(error_from_errno(ENOSPC, "writing /x").message,
            "writing /x failed: No space left on device; free some space there");
}

}  // namespace
}  // namespace tintype
