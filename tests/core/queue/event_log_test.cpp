#include "core/queue/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tintype {
namespace {

using testing::HasSubstr;

Event sample_event() {
  Event event;
  event.id = "01jd0000000ab.0.job.failed";
  event.type = "job.failed";
  event.owner = "ann";
  event.photo = PhotoId{12345678901234567890u};
  event.job = JobId{42};
  event.batch = "summer";
  event.at_ms = 1'732'264'161'123;
  event.error = {ErrorCode::kTruncatedImage, "the data ends \"early\""};
  event.bytes_in = 10;
  event.bytes_out = 18'446'744'073'709'551'615u;
  return event;
}

TEST(EventJson, ComesBackAsItWas) {
  const Event event = sample_event();
  auto back = parse_event(to_json(event));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->id, event.id);
  EXPECT_EQ(back->type, event.type);
  EXPECT_EQ(back->owner, event.owner);
  EXPECT_EQ(back->photo, event.photo);
  EXPECT_EQ(back->job, event.job);
  EXPECT_EQ(back->batch, event.batch);
  EXPECT_EQ(back->at_ms, event.at_ms);
  EXPECT_EQ(back->error.code, event.error.code);
  EXPECT_EQ(back->error.message, event.error.message);
  EXPECT_EQ(back->bytes_in, event.bytes_in);
  EXPECT_EQ(back->bytes_out, event.bytes_out);
}

TEST(EventJson, OnlyAFailureCarriesAnError) {
  Event event = sample_event();
  event.type = "job.done";
  EXPECT_THAT(to_json(event), testing::Not(HasSubstr("error")));
  EXPECT_TRUE(parse_event(to_json(event)));
}

TEST(EventJson, AMessageInAnyBytesIsStillJson) {
  Event event = sample_event();
  event.error.message = "cannot read \xff\xfe.jpg";
  auto back = parse_event(to_json(event));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_THAT(back->error.message, HasSubstr("cannot read"));
}

TEST(EventJson, RefusesWhatDeviates) {
  const std::string good = to_json(sample_event());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::string cases[] = {
      "",
      "not json",
      "[]",
      good.substr(0, good.size() - 1),
      with("\"owner\"", "\"owned\""),
      with("\"ann\"", "7"),
      with("\"type\":\"job.failed\"", "\"type\":\"job.failedx\""),
      with("\"at_ms\":1732264161123", "\"at_ms\":-1"),
      with("\"bytes_in\":10", "\"bytes_in\":1.5"),
      with("\"photo\":\"", "\"photo\":\"!"),
      with("\"error\"", "\"mirror\""),
      with("\"schema\":1", "\"schema\":0"),
  };
  for (const std::string& text : cases) {
    auto event = parse_event(text);
    ASSERT_FALSE(event) << text;
    EXPECT_EQ(event.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(EventJson, ANewerSchemaSaysSo) {
  std::string text = to_json(sample_event());
  text.replace(text.find("\"schema\":1"), 10, "\"schema\":2");
  auto event = parse_event(text);
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace tintype
