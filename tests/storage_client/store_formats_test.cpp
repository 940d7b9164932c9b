// The texts and bytes that stores write: blob keys, cursors, database keys and rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "storage_client/embedded/keys.h"
#include "storage_client/embedded/rows.h"
#include "storage_client/page_cursor.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

using namespace embedded;

constexpr UnixMs kNowMs = 1'750'000'000'000;

TEST(BlobKeyText, IsReadBack) {
  for (const BlobKey& key : {BlobKey{"a", {0}, 0, "o"}, BlobKey{"A-_9", {~0ull}, ~0u, "2048.webp-01jd"}}) {
    const auto parsed = BlobKey::parse(key.to_string());
    ASSERT_TRUE(parsed) << key.to_string();
    EXPECT_EQ(parsed->to_string(), key.to_string());
    EXPECT_EQ(parsed->owner, key.owner);
    EXPECT_EQ(parsed->photo, key.photo);
    EXPECT_EQ(parsed->generation, key.generation);
    EXPECT_EQ(parsed->part, key.part);
  }
}

TEST(BlobKeyText, AnythingElseIsRefused) {
  for (const char* text :
       {"", "/", "///", "anna", "anna/0000000000000", "anna/0000000000000/0", "anna/0000000000000/0/",
        "anna/0000000000000//part", "anna/000000000000/0/part", "anna/0000000000000/01/part",
        "anna/0000000000000/4294967296/part", "anna/0000000000000/-1/part", "anna/0000000000000/0/a/b",
        "anna/0000000000000/0/..", "../0000000000000/0/part", "/0000000000000/0/part", "anna/0000000000000/0x1/part",
        "anna/0000000000000/0/pa rt", "an.na/0000000000000/0/part"}) {
    EXPECT_EQ(BlobKey::parse(text).error_or({}).code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(PageCursors, AreReadBack) {
  for (UnixMs taken : {std::numeric_limits<UnixMs>::min(), UnixMs{-1}, UnixMs{0}, std::numeric_limits<UnixMs>::max()}) {
    LightRow row;
    row.photo = {0x123456789abcdef0};
    row.taken_at_ms = taken;
    const auto position = parse_list_cursor(ListOrder::kTaken, list_cursor(ListOrder::kTaken, row));
    ASSERT_TRUE(position);
    EXPECT_EQ(position->taken_at_ms, taken);
    EXPECT_EQ(position->photo, row.photo);
    const PhotoRef ref{"a-b_C", {77}, taken};
    const auto read = parse_ref_cursor(ref_cursor(ref));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->owner, ref.owner);
    EXPECT_EQ(read->photo, ref.photo);
    EXPECT_EQ(read->since_ms, taken);
  }
}

TEST(DatabaseKeys, SortAsTheRowsDo) {
  std::mt19937_64 random(1);
  const auto any_time = [&] { return static_cast<UnixMs>(random() >> (random() % 60)) * (random() % 2 == 0 ? 1 : -1); };
  for (int i = 0; i < 2000; ++i) {
    const PhotoId a{random() >> (random() % 60)};
    const PhotoId b{random() >> (random() % 60)};
    const UnixMs ta = any_time();
    const UnixMs tb = any_time();
    EXPECT_EQ(uploaded_key("anna", a) < uploaded_key("anna", b), a > b) << "newest first";
    EXPECT_EQ(taken_key("anna", ta, a) < taken_key("anna", tb, b), std::pair(ta, a) > std::pair(tb, b));
    EXPECT_EQ(mark_key(Mark::kIncomplete, ta, "anna", a) < mark_key(Mark::kIncomplete, tb, "anna", b),
              std::pair(ta, a) < std::pair(tb, b))
        << "oldest first";
    EXPECT_EQ(job_summary_key(a) < job_summary_key(b), a > b);
    EXPECT_EQ(listed_photo(uploaded_key("anna", a)), a);
    EXPECT_EQ(listed_photo(taken_key("anna", ta, a)), a);
    EXPECT_EQ(summarised_job(job_summary_key(a)), a);
    const auto mark = parse_mark_key(mark_key(Mark::kDeleted, ta, "anna", a));
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->since_ms, ta);
    EXPECT_EQ(mark->owner, "anna");
    EXPECT_EQ(mark->photo, a);
  }
}

TEST(DatabaseKeys, NoOwnersRangeHoldsAnothersKeys) {
  const std::vector<std::string> owners = {"a", "aa", "a-", "a_", "aA", "b", std::string(64, 'z')};
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    ListQuery query;
    query.by = order;
    for (const std::string& owner : owners) {
      const KeyRange range = *list_range(owner, query);
      for (const std::string& other : owners) {
        for (std::uint64_t id : {std::uint64_t{0}, ~std::uint64_t{0}}) {
          const std::string key = order == ListOrder::kTaken ? taken_key(other, 0, {id}) : uploaded_key(other, {id});
          EXPECT_EQ(key >= range.from && key < range.end, other == owner) << owner << " " << other;
        }
      }
    }
  }
}

TEST(DatabaseRows, AreReadBack) {
  LightRecord record;
  record.row = {.photo = {5},
                .taken_at_ms = -7,
                .width = ~0u,
                .height = 1,
                .bytes = ~0ull,
                .format = ImageFormat::kAvif,
                .complete = true,
                .failed = true,
                .thumbhash = std::string(32, '\0')};
  record.row.revision = 9;
  record.incomplete_since_ms = -3;
  const auto read = decode_light({5}, encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->row, record.row);
  EXPECT_EQ(read->row.revision, 9u);
  EXPECT_EQ(read->incomplete_since_ms, -3);
  EXPECT_LE(encode(record).size(), 100u) << "a light row is what lists are made of";
  const auto empty = decode_light({5}, encode(LightRecord{.row = {.photo = {5}, .thumbhash = {}}}));
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->row.format, std::nullopt);
  EXPECT_EQ(empty->incomplete_since_ms, std::nullopt);
}

TEST(DatabaseRows, CutOrOfAnotherVersionAreRefused) {
  const std::string light = encode(LightRecord{.row = {.photo = {5}, .thumbhash = {}}});
  const HeavyRow heavy_row = sample_photo("anna", photo_id(kNowMs)).heavy;
  const std::string heavy = encode_heavy(heavy_row, to_json(heavy_row.job));
  const std::string blob = encode(PackedBlob{});
  const std::string summary = encode_summary(sample_record(photo_id(kNowMs)));
  ASSERT_TRUE(decode_heavy(heavy));
  for (std::size_t cut = 0; cut < heavy.size(); ++cut) EXPECT_FALSE(decode_heavy(heavy.substr(0, cut))) << cut;
  for (std::size_t cut = 0; cut < light.size(); ++cut) EXPECT_FALSE(decode_light({5}, light.substr(0, cut))) << cut;
  for (std::size_t cut = 0; cut < blob.size(); ++cut) EXPECT_FALSE(decode_packed_blob(blob.substr(0, cut))) << cut;
  for (std::size_t cut = 0; cut < summary.size(); ++cut) EXPECT_FALSE(decode_summary(summary.substr(0, cut))) << cut;
  for (std::string bytes : {light, heavy, blob, summary}) {
    bytes[0] = 2;
    EXPECT_FALSE(decode_light({5}, bytes));
    EXPECT_FALSE(decode_heavy(bytes));
    EXPECT_FALSE(decode_packed_blob(bytes));
    EXPECT_FALSE(decode_summary(bytes));
  }
  EXPECT_FALSE(decode_heavy(heavy + "x"));
  EXPECT_FALSE(decode_packed_blob(blob + "x"));
  EXPECT_FALSE(decode_summary(summary + "x"));
}

}  // namespace
}  // namespace tintype::testing
