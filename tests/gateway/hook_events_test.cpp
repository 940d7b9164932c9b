#include "gateway/hooks/hook_events.h"

#include <gtest/gtest.h>

#include "tests/gateway/hook_samples.h"

namespace tintype {
namespace {

TEST(S3Events, AsMinioSendsThem) {
  const auto events = parse_s3_events(minio_event("2026%2Fsummer+day%C3%A4.jpg", "d41d"));
  ASSERT_TRUE(events) << events.error().message;
  ASSERT_EQ(events->size(), 1u);
  EXPECT_TRUE((*events)[0].created);
  EXPECT_EQ((*events)[0].bucket, "camera");
  EXPECT_EQ((*events)[0].key, "2026/summer dayä.jpg");
  EXPECT_EQ((*events)[0].etag, "d41d");
  EXPECT_FALSE((*parse_s3_events(minio_event("a", "e", "s3:ObjectRemoved:Delete")))[0].created);
}

TEST(S3Events, AsRgwSendsThem) {
  const auto events = parse_s3_events(rgw_event("a+b%20c.jpg", "37b51d194a7513e45b56f6524f2d51f2"));
  ASSERT_TRUE(events);
  EXPECT_EQ((*events)[0].key, "a+b%20c.jpg");
  EXPECT_EQ((*events)[0].sequencer, "F7E6D75DC742D108");
  EXPECT_EQ((*events)[0].version, "");
}

TEST(S3Events, AsAmazonAsksWhetherAnybodyListens) {
  EXPECT_TRUE(parse_s3_events(R"({"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"})")->empty());
}

TEST(S3Events, RefusesWhatIsNone) {
  std::string many = R"({"Records":[{})";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"Records":1})"),
        std::string(R"({"Records":[1]})"), std::string(R"({"Records":[{}]})"), many + "]}", minio_event("", "e"),
        minio_event("%zz", "e"), minio_event("a&b", "e"), minio_event("a%00b", "e"), minio_event("a%0Ab", "e"),
        minio_event("%FF", "e"), minio_event(std::string(2000, 'a'), "e"), std::string(kMaxHookBytes + 1, ' ')}) {
    EXPECT_FALSE(parse_s3_events(text)) << text.substr(0, 100);
  }
}

TEST(TusdHooks, AreRead) {
  const auto hook = parse_tusd_hook(tusd_hook("post-finish", "abc", 7, R"({"Type":"filestore","Path":"/srv/x"})"));
  ASSERT_TRUE(hook) << hook.error().message;
  EXPECT_EQ(hook->type, "post-finish");
  EXPECT_EQ(hook->upload, "abc");
  EXPECT_EQ(hook->size, 7u);
  EXPECT_EQ(hook->find("filename"), "a.jpg");
  EXPECT_EQ(hook->find("none"), "");
  EXPECT_EQ(hook->path, "/srv/x");
  EXPECT_EQ(parse_tusd_hook(tusd_hook("pre-create", "", 7, "null"))->storage, "");
  for (const std::string& text : {std::string(), std::string("{}"), std::string(R"({"Type":"pre-create"})"),
                                  std::string(R"({"Upload":{"ID":"x"},"HTTPRequest":{}})"),
                                  tusd_hook("pre-create", "", 7, "null", R"({"a":1})")}) {
    EXPECT_FALSE(parse_tusd_hook(text)) << text;
  }
}

}  // namespace
}  // namespace tintype
