// Timelines, thumbhashes and signed URLs in lists.
#include <gtest/gtest.h>

#include <format>

#include "core/base/time_text.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

class Timeline : public GatewayTest {
 protected:
  std::string put_photo(const std::string& taken_at, const std::string& thumbhash = "",
                        const std::string& owner = "local") {
    Photo photo;
    photo.light.photo = SortableId::make(clock.now_ms() + ++made_);
    photo.light.taken_at_ms = parse_time(taken_at).value();
    photo.light.width = 400;
    photo.light.height = 300;
    photo.light.thumbhash = thumbhash;
    photo.heavy.sha256 = std::string(64, '0');
    photo.heavy.original_key = BlobKey{owner, photo.light.photo, 0, "original"}.to_string();
    photo.heavy.job.id = SortableId::make(made_);
    photo.heavy.job.owner = owner;
    photo.heavy.job.photo = photo.light.photo;
    photo.heavy.job.recipe = builtin_recipes()[0];
    EXPECT_TRUE(store.index->create(owner, photo));
    return photo.light.photo.to_string();
  }

 private:
  int made_ = 0;
};

TEST_F(Timeline, CountsAMonthNewestFirst) {
  start();
  put_photo("2026-11-30T23:59:59.999Z");
  put_photo("2026-11-01");
  put_photo("2026-10-31T23:59:59.999Z");
  put_photo("1969-12-31T12:00:00Z");
  put_photo("2026-11-02", "", "somebody-else");
  EXPECT_EQ(get("/v1/timeline/buckets").body,
            R"([{"timeBucket":"2026-11-01","count":2},{"timeBucket":"2026-10-01","count":1},)"
            R"({"timeBucket":"1969-12-01","count":1}])");
  EXPECT_EQ(get("/v1/timeline/buckets?from=2026-11-01").body, R"([{"timeBucket":"2026-11-01","count":2}])");
  EXPECT_EQ(get_json("/v1/timeline/buckets?by=uploaded").size(), 1u);
  EXPECT_EQ(get("/v1/timeline/buckets?to=1900-01-01").body, "[]");
}

TEST_F(Timeline, CountsPastAPage) {
  start();
  for (int i = 0; i < 1003; ++i) put_photo(i < 1001 ? "2026-05-01" : "2026-04-01");
  EXPECT_EQ(get("/v1/timeline/buckets").body,
            R"([{"timeBucket":"2026-05-01","count":1001},{"timeBucket":"2026-04-01","count":2}])");
  EXPECT_EQ(get("/v1/timeline/buckets?from=2026-04-01T00:00:00.001Z").body,
            R"([{"timeBucket":"2026-05-01","count":1001}])");
  EXPECT_EQ(get("/v1/timeline/buckets?from=2026-04-01&to=2026-05-01T00:00:00.001Z").body,
            R"([{"timeBucket":"2026-05-01","count":1001},{"timeBucket":"2026-04-01","count":2}])");
  EXPECT_EQ(get("/v1/timeline/buckets?from=2026-05-02&to=2026-05-01").body, "[]");
  EXPECT_EQ(get_json("/v1/timeline/bucket?timeBucket=2026-05-01")["id"].size(), 1001u);
}

TEST_F(Timeline, ABucketIsColumns) {
  start();
  const std::string a = put_photo("2026-12-01", std::string("\xfb\xff", 2));
  const std::string b = put_photo("2026-12-31T23:59:59Z");
  put_photo("2027-01-01");
  const TestJson bucket = get_json("/v1/timeline/bucket?timeBucket=2026-12-01");
  EXPECT_EQ(bucket["id"], (TestJson{b, a}));
  EXPECT_EQ(bucket["thumbhash"], (TestJson{nullptr, "+/8="}));
  EXPECT_EQ(bucket["ratio"], (TestJson{1.333, 1.333}));
  EXPECT_EQ(bucket["fileCreatedAt"][0], "2026-12-31T23:59:59.000Z");
  for (const auto& [name, column] : bucket.items()) EXPECT_EQ(column.size(), 2u) << name;
  for (const char* bad : {"", "?timeBucket=2026-12-02", "?timeBucket=x"}) {
    expect_problem(get(std::string("/v1/timeline/bucket") + bad), 400, "invalid_argument");
  }
}

TEST_F(Timeline, RowsAreCompactAndWhole) {
  start();
  const std::string id = put_photo("2026-12-01", "0123456789012345678901234");
  const Answer answer = get("/v1/photos");
  const TestJson page = TestJson::parse(answer.body);
  EXPECT_EQ(page["photos"][0]["id"], id);
  EXPECT_EQ(page["photos"][0]["thumbhash"], "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNA==");
  EXPECT_EQ(page["photos"][0]["width"], 400);
  EXPECT_EQ(page["photos"][0]["revision"], 0);
  EXPECT_EQ(page["next"], "");
  EXPECT_LT(answer.body.size(), 320u);
}

}  // namespace
}  // namespace tintype
