#include "core/queue/nats/dead_letter_text.h"

#include <gtest/gtest.h>

#include "tests/core/queue/sample_job.h"

namespace tintype {
namespace {

const Error kReason{ErrorCode::kTimedOut, "a line\nand \"another\" \xff"};

TEST(DeadLetterText, ComesBackWithTheJobByteForByte) {
  const Job job = sample_job();
  const DeadLetter letter = read_dead_letter_text(7, write_dead_letter(to_json(job), kReason, 5, 1234));
  EXPECT_EQ(letter.sequence, 7u);
  EXPECT_EQ(letter.deliveries, 5u);
  EXPECT_EQ(letter.died_at_ms, 1234);
  EXPECT_EQ(letter.raw, to_json(job));
  ASSERT_TRUE(letter.job);
  EXPECT_EQ(letter.job->id, job.id);
  EXPECT_EQ(letter.reason.code, ErrorCode::kTimedOut);
  EXPECT_TRUE(letter.reason.message.starts_with("a line\nand \"another\" "));
}

TEST(DeadLetterText, HoldsAnyBytes) {
  for (const std::string& raw : {std::string(), std::string("\n"), std::string("\0\xff\n{}", 5)}) {
    const DeadLetter letter = read_dead_letter_text(1, write_dead_letter(raw, kReason, 1, 0));
    EXPECT_EQ(letter.raw, raw);
    EXPECT_EQ(letter.reason.code, ErrorCode::kTimedOut);
    EXPECT_FALSE(letter.job);
  }
}

TEST(DeadLetterText, AnEndlessReasonIsCut) {
  const Error reason{ErrorCode::kTimedOut, std::string(1 << 20, '\n')};
  const DeadLetter letter = read_dead_letter_text(1, write_dead_letter("job", reason, 1, 0));
  EXPECT_EQ(letter.raw, "job");
  EXPECT_EQ(letter.reason.message, std::string(4096, '\n'));
}

TEST(DeadLetterText, WhatWasNotWrittenByUsIsShownWhole) {
  const std::string good = write_dead_letter("job", kReason, 1, 0);
  for (const std::string& text : {std::string(), std::string("\n"), std::string("{}\njob"), std::string("no line"),
                                  good.substr(1), good.substr(0, 20)}) {
    const DeadLetter letter = read_dead_letter_text(3, text);
    EXPECT_EQ(letter.raw, text);
    EXPECT_FALSE(letter.job);
    EXPECT_EQ(letter.reason.code, ErrorCode::kCorruptData);
    EXPECT_EQ(letter.sequence, 3u);
  }
}

}  // namespace
}  // namespace tintype
