// What every PhotoIndex keeps of its contract.
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "storage_client/month.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;

class PhotoIndexConformance : public ::testing::TestWithParam<StoreCase> {
 protected:
  PhotoIndex& index() { return store_->index(); }

  PhotoId add(UnixMs uploaded_ms, UnixMs taken_ms, const std::string& owner = "anna", std::uint64_t number = 0) {
    Photo photo = sample_photo(owner, photo_id(uploaded_ms, number));
    photo.light.taken_at_ms = taken_ms;
    auto created = index().create(owner, photo);
    EXPECT_TRUE(created) << created.error().to_string();
    return photo.light.photo;
  }

  std::vector<PhotoId> list(const ListQuery& query, const std::string& owner = "anna") {
    std::vector<PhotoId> ids;
    auto page = index().list(owner, query);
    EXPECT_TRUE(page) << page.error().to_string();
    if (page) {
      for (const LightRow& row : page->rows) ids.push_back(row.photo);
    }
    return ids;
  }

  std::vector<PhotoId> refs(Result<RefPage> page) {
    std::vector<PhotoId> ids;
    EXPECT_TRUE(page);
    if (page) {
      for (const PhotoRef& ref : page->refs) ids.push_back(ref.photo);
    }
    return ids;
  }

  ManualClock clock_{kNowMs};
  std::unique_ptr<StoreUnderTest> store_ = GetParam().make(clock_);
};

ListQuery by(ListOrder order, std::optional<UnixMs> from = {}, std::optional<UnixMs> to = {}) {
  ListQuery query;
  query.by = order;
  query.from_ms = from;
  query.to_ms = to;
  return query;
}

TEST_P(PhotoIndexConformance, ACreatedPhotoReadsBackWhole) {
  Photo photo = sample_photo("anna", photo_id(kNowMs), "key 1");
  photo.light.width = 4000;
  photo.light.height = 3000;
  photo.light.format = ImageFormat::kGif;
  photo.light.thumbhash = std::string("\0\xff hash", 7);
  photo.heavy.exif_json = R"({"Model":"X"})";
  photo.heavy.manifest = sample_manifest(7);
  auto created = index().create("anna", photo);
  ASSERT_TRUE(created) << created.error().to_string();
  EXPECT_EQ(created->photo, photo.light.photo);
  EXPECT_FALSE(created->existed);
  auto read = index().get("anna", photo.light.photo);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(describe(*read), describe(photo));
  const auto page = index().list("anna", {});
  ASSERT_EQ(page->rows.size(), 1u);
  photo.light.revision = photo.heavy.manifest.revision;
  EXPECT_EQ(page->rows[0], photo.light);
  EXPECT_EQ(page->next, "");
  EXPECT_EQ(refs(index().incomplete("", 10)), std::vector{photo.light.photo});
  EXPECT_TRUE(*index().owns_blobs("anna", photo.light.photo));
}

TEST_P(PhotoIndexConformance, OwnersAreApart) {
  const PhotoId id = add(kNowMs, kNowMs);
  for (const char* other : {"ann", "annab", "anna-", "ANNA"}) {
    EXPECT_EQ(index().get(other, id).error().code, ErrorCode::kNotFound) << other;
    EXPECT_TRUE(list({}, other).empty()) << other;
    EXPECT_FALSE(*index().owns_blobs(other, id)) << other;
    EXPECT_EQ(index().remove(other, id).error().code, ErrorCode::kNotFound) << other;
    EXPECT_EQ(index().set_failed(other, id).error().code, ErrorCode::kNotFound) << other;
  }
  for (const char* other : {"ann", "annab", "anna-", "ANNA"}) add(kNowMs, kNowMs, other);
  EXPECT_EQ(list({}).size(), 1u);
  EXPECT_EQ(list(by(ListOrder::kTaken)).size(), 1u);
}

TEST_P(PhotoIndexConformance, AnIdIsTakenOnce) {
  const PhotoId id = add(kNowMs, kNowMs);
  EXPECT_EQ(index().create("anna", sample_photo("anna", id)).error().code, ErrorCode::kAlreadyExists);
  ASSERT_TRUE(index().remove("anna", id));
  EXPECT_EQ(index().create("anna", sample_photo("anna", id)).error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(index().create("bert", sample_photo("bert", id)));
}

TEST_P(PhotoIndexConformance, AnIdempotencyKeyIsOnePhotoOfItsOwner) {
  const PhotoId first = photo_id(kNowMs, 1);
  ASSERT_TRUE(index().create("anna", sample_photo("anna", first, "k")));
  auto again = index().create("anna", sample_photo("anna", photo_id(kNowMs, 2), "k"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->photo, first);
  EXPECT_EQ(list({}).size(), 1u);
  EXPECT_EQ(*index().find_idempotent("anna", "k"), first);
  EXPECT_EQ(*index().find_idempotent("bert", "k"), std::nullopt);
  EXPECT_EQ(*index().find_idempotent("anna", ""), std::nullopt);
  EXPECT_FALSE(index().create("bert", sample_photo("bert", photo_id(kNowMs, 3), "k"))->existed);
  ASSERT_TRUE(index().create("anna", sample_photo("anna", photo_id(kNowMs, 4))));
  ASSERT_TRUE(index().create("anna", sample_photo("anna", photo_id(kNowMs, 5)))) << "no key is no key";
  ASSERT_TRUE(index().remove("anna", first));
  EXPECT_EQ(*index().find_idempotent("anna", "k"), std::nullopt);
  EXPECT_FALSE(index().create("anna", sample_photo("anna", photo_id(kNowMs, 6), "k"))->existed);
}

TEST_P(PhotoIndexConformance, ListsNewestFirstInBothOrders) {
  const PhotoId a = add(kNowMs, kNowMs - 10);
  const PhotoId b = add(kNowMs + 1, kNowMs - 30);
  const PhotoId c = add(kNowMs + 2, -5);  // before 1970
  const PhotoId d = add(kNowMs + 3, kNowMs - 10);
  EXPECT_EQ(list(by(ListOrder::kUploaded)), (std::vector{d, c, b, a}));
  EXPECT_EQ(list(by(ListOrder::kTaken)), (std::vector{d, a, b, c}));
}

TEST_P(PhotoIndexConformance, RangesTakeTheirStartAndNotTheirEnd) {
  const PhotoId early = add(1000, 2000);
  const PhotoId middle = add(1001, 2001, "anna", (1u << kIdRandomBits) - 1);
  const PhotoId late = add(1002, 2002);
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    const UnixMs t = order == ListOrder::kTaken ? 2000 : 1000;
    EXPECT_EQ(list(by(order, t)), (std::vector{late, middle, early}));
    EXPECT_EQ(list(by(order, t + 1)), (std::vector{late, middle}));
    EXPECT_EQ(list(by(order, {}, t + 2)), (std::vector{middle, early}));
    EXPECT_EQ(list(by(order, t + 1, t + 2)), (std::vector{middle}));
    EXPECT_TRUE(list(by(order, t + 3)).empty());
    EXPECT_TRUE(list(by(order, {}, t)).empty());
    EXPECT_TRUE(list(by(order, t + 2, t + 1)).empty()) << "a range that ends before it starts";
    constexpr auto kLowest = std::numeric_limits<UnixMs>::min();
    constexpr auto kHighest = std::numeric_limits<UnixMs>::max();
    EXPECT_EQ(list(by(order, kLowest, kHighest)).size(), 3u);
    EXPECT_TRUE(list(by(order, kHighest)).empty());
    EXPECT_TRUE(list(by(order, {}, kLowest)).empty());
    EXPECT_TRUE(list(by(order, {}, 0)).empty());
  }
}

TEST_P(PhotoIndexConformance, ThePhotoOfTheLastMillisecondIsInOpenRanges) {
  const PhotoId last = {~0ull};
  ASSERT_TRUE(index().create("anna", sample_photo("anna", last)));
  EXPECT_EQ(list(by(ListOrder::kUploaded, last.time_ms(), last.time_ms() + 1)), std::vector{last});
  EXPECT_TRUE(list(by(ListOrder::kUploaded, {}, last.time_ms())).empty());
  EXPECT_TRUE(list(by(ListOrder::kUploaded, last.time_ms() + 1)).empty());
}

TEST_P(PhotoIndexConformance, PagesJoinToTheWholeListWhileRowsComeAndGo) {
  std::vector<PhotoId> ids;
  for (int i = 0; i < 25; ++i) ids.push_back(add(kNowMs + i, kNowMs - i % 7));
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    const auto whole = list(by(order));
    for (int limit : {1, 3, 24, 25, 26}) {
      std::vector<PhotoId> joined;
      ListQuery query = by(order);
      query.limit = limit;
      do {
        auto page = index().list("anna", query);
        ASSERT_TRUE(page);
        EXPECT_LE(std::ssize(page->rows), limit);
        for (const LightRow& row : page->rows) joined.push_back(row.photo);
        query.cursor = page->next;
      } while (!query.cursor.empty());
      EXPECT_EQ(joined, whole) << limit;
    }
  }
  ListQuery query;
  query.limit = 10;
  auto page = index().list("anna", query);
  ASSERT_TRUE(index().remove("anna", page->rows.back().photo));  // the row the cursor stands on
  ASSERT_TRUE(index().remove("anna", ids[3]));
  add(kNowMs + 1000, kNowMs);  // newer than the page before: not seen any more
  query.cursor = page->next;
  query.limit = 1000;
  EXPECT_EQ(list(query).size(), 14u);
}

TEST_P(PhotoIndexConformance, CountsThePhotosOfEachMonth) {
  constexpr UnixMs kDayMs = 86'400'000;
  const std::int64_t now = month_of(kNowMs);
  const UnixMs new_month = start_of_month(now + 1);
  const auto taken = [&] { return *index().months("anna", ListOrder::kTaken); };
  const auto uploaded = [&] { return *index().months("anna", ListOrder::kUploaded); };
  EXPECT_TRUE(taken().empty());
  const PhotoId a = add(new_month - 1, -1);
  const PhotoId b = add(new_month, kNowMs - 40 * kDayMs);
  add(new_month + 1, -1);
  add(new_month, kNowMs, "bert", 1);
  EXPECT_EQ(uploaded(), (std::vector<MonthCount>{{now + 1, 2}, {now, 1}}));
  EXPECT_EQ(taken(), (std::vector<MonthCount>{{month_of(kNowMs - 40 * kDayMs), 1}, {-1, 2}}));

  ASSERT_TRUE(index().commit_manifest("anna", a, sample_manifest(0), {.taken_at_ms = kNowMs}));
  EXPECT_FALSE(index().commit_manifest("anna", a, sample_manifest(0), {.taken_at_ms = 0})) << "of another revision";
  ASSERT_TRUE(index().set_job("anna", a, sample_job("anna", a, 1)));
  EXPECT_EQ(taken(), (std::vector<MonthCount>{{now, 1}, {month_of(kNowMs - 40 * kDayMs), 1}, {-1, 1}}));

  ASSERT_TRUE(index().remove("anna", b));
  EXPECT_FALSE(index().remove("anna", b));
  EXPECT_EQ(taken(), (std::vector<MonthCount>{{now, 1}, {-1, 1}}));
  EXPECT_EQ(uploaded(), (std::vector<MonthCount>{{now + 1, 1}, {now, 1}}));
  EXPECT_EQ(index().months("", ListOrder::kTaken).error_or({}).code, ErrorCode::kInvalidArgument);
}

TEST_P(PhotoIndexConformance, RebuiltListsAreThoseThatWereThere) {
  for (std::uint64_t i = 0; i < 5; ++i)
    add(kNowMs + static_cast<UnixMs>(i), kNowMs - 40ll * 86'400'000 * (i % 3), "anna", i);
  ASSERT_TRUE(index().remove("anna", photo_id(kNowMs + 2, 2)));
  ListQuery by_taken = by(ListOrder::kTaken);
  const auto uploaded = list({}), taken = list(by_taken);
  const auto months = *index().months("anna", ListOrder::kTaken);
  ASSERT_TRUE(index().rebuild_lists("anna"));
  ASSERT_TRUE(index().rebuild_lists("nobody"));
  EXPECT_EQ(list({}), uploaded);
  EXPECT_EQ(list(by_taken), taken);
  EXPECT_EQ(*index().months("anna", ListOrder::kTaken), months);
  EXPECT_TRUE(index().months("nobody", ListOrder::kTaken)->empty());
  EXPECT_EQ(index().rebuild_lists("").error().code, ErrorCode::kInvalidArgument);
  add(kNowMs + 9, kNowMs, "anna", 9);
  EXPECT_EQ(list({}).size(), 5u);
}

TEST(Months, AreThoseOfTheCalendarForEveryMillisecondThereIs) {
  EXPECT_EQ(month_of(0), 0);
  EXPECT_EQ(month_of(-1), -1);
  EXPECT_EQ(start_of_month(-1), -31ll * 86'400'000);
  EXPECT_EQ(start_of_month((2000 - 1970) * 12 + 2), 951'868'800'000) << "2000-03-01";
  for (std::int64_t month = -40'000; month < 40'000; month += 7) {
    EXPECT_EQ(month_of(start_of_month(month)), month);
    EXPECT_EQ(month_of(start_of_month(month) - 1), month - 1);
  }
  constexpr auto kLast = std::numeric_limits<UnixMs>::max(), kFirst = std::numeric_limits<UnixMs>::min();
  EXPECT_LE(start_of_month(month_of(kLast)), kLast);
  EXPECT_GT(month_of(kLast), month_of(kLast - 32ll * 86'400'000));
  EXPECT_LT(month_of(kFirst), month_of(kFirst + 32ll * 86'400'000));
}

TEST_P(PhotoIndexConformance, RefusesQueriesThatMakeNoSense) {
  for (int limit : {0, -1, 1001}) {
    ListQuery query;
    query.limit = limit;
    EXPECT_EQ(index().list("anna", query).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(index().incomplete("", limit).error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(index().tombstones("", limit).error().code, ErrorCode::kInvalidArgument);
  }
  ListQuery query = by(ListOrder::kTaken);
  for (const char* cursor :
       {"x", "u", "u0000000000000", "t000000000000000000000000000000", "tzzzzzzzzzzzzzzzz0000000000000"}) {
    query.cursor = cursor;
    EXPECT_EQ(index().list("anna", query).error().code, ErrorCode::kInvalidArgument) << cursor;
  }
  for (const char* cursor : {"x", "1.anna", "1..0000000000000", ".anna.0000000000000", "1.anna.x"}) {
    EXPECT_EQ(index().incomplete(cursor, 10).error().code, ErrorCode::kInvalidArgument) << cursor;
  }
}

TEST_P(PhotoIndexConformance, RefusesRowsItCannotKeep) {
  const PhotoId id = photo_id(kNowMs);
  Photo photo = sample_photo("anna", id);
  EXPECT_EQ(index().create("no/slash", photo).error().code, ErrorCode::kInvalidArgument);
  photo.light.thumbhash = std::string(33, 'x');
  EXPECT_EQ(index().create("anna", photo).error().code, ErrorCode::kInvalidArgument);
  photo = sample_photo("anna", id);
  photo.heavy.file_name = std::string(256, 'x');
  EXPECT_EQ(index().create("anna", photo).error().code, ErrorCode::kInvalidArgument);
  photo = sample_photo("anna", id, std::string(256, 'x'));
  EXPECT_EQ(index().create("anna", photo).error().code, ErrorCode::kInvalidArgument);
  photo = sample_photo("anna", id);
  photo.heavy.job.recipe.rungs.clear();
  EXPECT_EQ(index().create("anna", photo).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(list({}).empty());
}

TEST_P(PhotoIndexConformance, ACommitChangesManifestRowAndMarkTogether) {
  const PhotoId id = add(kNowMs, kNowMs);
  LightUpdate update;
  update.taken_at_ms = 5000;
  update.width = 4000;
  update.height = 3000;
  update.format = ImageFormat::kJpeg;
  update.complete = true;
  update.thumbhash = "hash";
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(0), update));
  const auto photo = index().get("anna", id);
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->heavy.manifest.revision, 1u);
  EXPECT_EQ(photo->heavy.manifest.variants, sample_manifest(0).variants);
  EXPECT_EQ(photo->light.taken_at_ms, 5000);
  EXPECT_EQ(photo->light.format, ImageFormat::kJpeg);
  EXPECT_TRUE(photo->light.complete);
  EXPECT_EQ(photo->light.thumbhash, "hash");
  EXPECT_TRUE(refs(index().incomplete("", 10)).empty());
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    const auto page = index().list("anna", by(order));
    ASSERT_EQ(page->rows.size(), 1u) << "moved in the order by taken, not copied";
    EXPECT_EQ(page->rows[0], photo->light);
  }
  EXPECT_TRUE(list(by(ListOrder::kTaken, kNowMs)).empty());
}

TEST_P(PhotoIndexConformance, ACommitThatDoesNotCompleteKeepsTheMark) {
  const PhotoId id = add(kNowMs, kNowMs);
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(0, 2), {}));
  EXPECT_EQ(refs(index().incomplete("", 10)), std::vector{id});
  EXPECT_FALSE(index().get("anna", id)->light.complete);
  LightUpdate failed;
  failed.failed = true;
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(1, 2), failed));
  EXPECT_TRUE(refs(index().incomplete("", 10)).empty());
  EXPECT_TRUE(index().get("anna", id)->light.failed);
}

TEST_P(PhotoIndexConformance, ACommitOnAnotherRevisionChangesNothing) {
  const PhotoId id = add(kNowMs, kNowMs);
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(0, 2), {}));
  const std::string before = describe(*index().get("anna", id));
  LightUpdate update;
  update.width = 1;
  update.complete = true;
  for (std::uint64_t revision : {0u, 2u}) {
    EXPECT_EQ(index().commit_manifest("anna", id, sample_manifest(revision, 8), update).error().code,
              ErrorCode::kConflict);
  }
  EXPECT_EQ(describe(*index().get("anna", id)), before);
  update.thumbhash = std::string(33, 'x');
  EXPECT_EQ(index().commit_manifest("anna", id, sample_manifest(1), update).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(describe(*index().get("anna", id)), before);
}

TEST_P(PhotoIndexConformance, ADeletedPhotoNeverComesBack) {
  const PhotoId id = add(kNowMs, kNowMs);
  clock_.advance_ms(7);
  ASSERT_TRUE(index().remove("anna", id));
  const auto expect_gone = [&] {
    EXPECT_EQ(index().get("anna", id).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(list(by(ListOrder::kUploaded)).empty());
    EXPECT_TRUE(list(by(ListOrder::kTaken)).empty());
    EXPECT_TRUE(refs(index().incomplete("", 10)).empty());
    EXPECT_FALSE(*index().owns_blobs("anna", id));
    EXPECT_EQ(index().commit_manifest("anna", id, sample_manifest(0), {}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(index().set_job("anna", id, sample_job("anna", id, 1)).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(index().renew_job("anna", id, sample_job("anna", id, 1)).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(index().set_failed("anna", id).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(index().remove("anna", id).error().code, ErrorCode::kNotFound);
  };
  expect_gone();
  const auto tombstones = index().tombstones("", 10);
  ASSERT_EQ(tombstones->refs.size(), 1u);
  EXPECT_EQ(tombstones->refs[0].owner, "anna");
  EXPECT_EQ(tombstones->refs[0].photo, id);
  EXPECT_EQ(tombstones->refs[0].since_ms, kNowMs + 7);
  EXPECT_EQ(tombstones->refs[0].job, sample_job("anna", id).id);
  ASSERT_TRUE(index().purge("anna", id));
  EXPECT_TRUE(refs(index().tombstones("", 10)).empty());
  expect_gone();
  EXPECT_TRUE(index().purge("anna", id)) << "a retry";
}

TEST_P(PhotoIndexConformance, PurgeLeavesLivingPhotosAlone) {
  const PhotoId id = add(kNowMs, kNowMs);
  EXPECT_TRUE(index().purge("anna", id));
  EXPECT_TRUE(index().get("anna", id));
}

TEST_P(PhotoIndexConformance, SetJobMarksIncompleteAgainFromNow) {
  const PhotoId id = add(kNowMs, kNowMs);
  LightUpdate done;
  done.complete = true;
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(0), done));
  clock_.advance_ms(50);
  ASSERT_TRUE(index().set_job("anna", id, sample_job("anna", id, 3)));
  auto marked = index().incomplete("", 10);
  ASSERT_EQ(marked->refs.size(), 1u);
  EXPECT_EQ(marked->refs[0].since_ms, kNowMs + 50);
  auto photo = index().get("anna", id);
  EXPECT_EQ(photo->heavy.job.generation, 3u);
  EXPECT_EQ(photo->heavy.file_name, sample_photo("anna", id).heavy.file_name);
  EXPECT_EQ(photo->heavy.manifest.revision, 1u);
  EXPECT_FALSE(photo->light.complete);
  clock_.advance_ms(50);
  ASSERT_TRUE(index().set_job("anna", id, sample_job("anna", id, 4)));
  marked = index().incomplete("", 10);
  ASSERT_EQ(marked->refs.size(), 1u) << "one mark, moved";
  EXPECT_EQ(marked->refs[0].since_ms, kNowMs + 100);
  EXPECT_EQ(index().set_job("anna", id, Job{}).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(PhotoIndexConformance, OnlyTheNextGenerationRenewsAJobAndOnlyWhileItIsIncomplete) {
  const PhotoId id = add(kNowMs, kNowMs);
  const auto renew = [&](std::uint32_t generation) {
    const Status renewed = index().renew_job("anna", id, sample_job("anna", id, generation));
    return renewed ? std::nullopt : std::optional(renewed.error().code);
  };
  clock_.advance_ms(50);
  const Photo before = *index().get("anna", id);
  for (const std::uint32_t generation : {0u, 2u, 7u}) EXPECT_EQ(renew(generation), ErrorCode::kConflict) << generation;
  Job another = sample_job("anna", id, 1);
  another.id = photo_id(kNowMs, 99);
  EXPECT_EQ(index().renew_job("anna", id, another).error().code, ErrorCode::kConflict);
  EXPECT_EQ(index().renew_job("anna", id, Job{}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(describe(*index().get("anna", id)), describe(before));
  EXPECT_EQ(index().incomplete("", 10)->refs.at(0).since_ms, kNowMs);

  EXPECT_EQ(renew(1), std::nullopt);
  EXPECT_EQ(index().get("anna", id)->heavy.job.generation, 1u);
  EXPECT_EQ(index().incomplete("", 10)->refs.at(0).since_ms, kNowMs + 50);
  EXPECT_EQ(renew(1), ErrorCode::kConflict) << "another was faster";

  ASSERT_TRUE(index().set_failed("anna", id));
  EXPECT_EQ(renew(2), ErrorCode::kConflict) << "given up";
  ASSERT_TRUE(index().set_job("anna", id, sample_job("anna", id, 2)));
  EXPECT_EQ(renew(3), std::nullopt) << "replayed";
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(0), {.complete = true}));
  const Photo done = *index().get("anna", id);
  EXPECT_EQ(renew(4), ErrorCode::kConflict) << "done";
  EXPECT_EQ(describe(*index().get("anna", id)), describe(done));
  EXPECT_TRUE(refs(index().incomplete("", 10)).empty());
}

// As when a node commits in the moment in which sweepers find its message lost.
TEST_P(PhotoIndexConformance, OfManyRenewalsOneWinsAndNoneUndoesACommit) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    const PhotoId id = add(kNowMs, kNowMs, "anna", round);
    std::atomic<int> won = 0;
    std::atomic<bool> committed = false;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          if (index().renew_job("anna", id, sample_job("anna", id, 1))) ++won;
        });
      }
      threads.emplace_back(
          [&] { committed = index().commit_manifest("anna", id, sample_manifest(0), {.complete = true}).has_value(); });
    }
    EXPECT_LE(won, 1);
    EXPECT_TRUE(committed) << "a renewal leaves the manifest's revision alone";
    EXPECT_TRUE(index().get("anna", id)->light.complete);
    EXPECT_EQ(index().get("anna", id)->heavy.job.generation, static_cast<std::uint32_t>(won));
    EXPECT_TRUE(refs(index().incomplete("", 100)).empty());
  }
}

TEST_P(PhotoIndexConformance, SetFailedClearsTheMarkAndKeepsTheManifest) {
  const PhotoId id = add(kNowMs, kNowMs);
  ASSERT_TRUE(index().commit_manifest("anna", id, sample_manifest(0, 3), {}));
  ASSERT_TRUE(index().set_failed("anna", id));
  ASSERT_TRUE(index().set_failed("anna", id));
  auto photo = index().get("anna", id);
  EXPECT_TRUE(photo->light.failed);
  EXPECT_EQ(photo->heavy.manifest.variants.size(), 3u);
  EXPECT_TRUE(refs(index().incomplete("", 10)).empty());
  ASSERT_TRUE(index().set_job("anna", id, sample_job("anna", id, 1)));
  EXPECT_FALSE(index().get("anna", id)->light.failed);
}

TEST_P(PhotoIndexConformance, MarksComeOldestFirstOverAllOwnersInPages) {
  std::vector<PhotoId> made;
  for (int i = 0; i < 20; ++i) {
    made.push_back(add(kNowMs + 100 - i, kNowMs, i % 2 == 0 ? "zoe" : "anna", static_cast<std::uint64_t>(i)));
    clock_.advance_ms(1);
  }
  for (int limit : {1, 3, 20, 21}) {
    std::vector<PhotoId> joined;
    std::string after;
    do {
      auto page = index().incomplete(after, limit);
      ASSERT_TRUE(page);
      for (const PhotoRef& ref : page->refs) joined.push_back(ref.photo);
      after = page->next;
    } while (!after.empty());
    EXPECT_EQ(joined, made) << limit;
  }
}

TEST_P(PhotoIndexConformance, OneOfManyCommitsWins) {
  const PhotoId id = add(kNowMs, kNowMs);
  for (std::uint64_t revision = 0; revision < 20; ++revision) {
    std::atomic<int> won = 0;
    std::atomic<int> conflicts = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
          LightUpdate update;
          update.width = static_cast<std::uint32_t>(t);
          update.taken_at_ms = t;
          auto done = index().commit_manifest("anna", id, sample_manifest(revision, t), update);
          if (done) ++won;
          if (!done && done.error().code == ErrorCode::kConflict) ++conflicts;
        });
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(conflicts, 7);
    const auto photo = index().get("anna", id);
    EXPECT_EQ(photo->heavy.manifest.revision, revision + 1);
    EXPECT_EQ(photo->heavy.manifest.variants.size(), photo->light.width) << "manifest and row of different commits";
    EXPECT_EQ(list(by(ListOrder::kTaken)).size(), 1u);
  }
}

TEST_P(PhotoIndexConformance, ReadersNeverSeeHalfACommit) {
  const PhotoId id = add(kNowMs, kNowMs);
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  {
    std::vector<std::jthread> readers;
    for (int t = 0; t < 4; ++t) {
      readers.emplace_back([&] {
        while (!stop) {
          const auto photo = index().get("anna", id);
          if (!photo || photo->heavy.manifest.variants.size() != photo->light.width) ++torn;
          const auto page = index().list("anna", by(ListOrder::kTaken));
          if (!page || page->rows.size() != 1) ++torn;
        }
      });
    }
    for (std::uint64_t revision = 0; revision < 100; ++revision) {
      LightUpdate update;
      update.width = static_cast<std::uint32_t>(revision % 9);
      update.taken_at_ms = static_cast<UnixMs>(revision);
      ASSERT_TRUE(
          index().commit_manifest("anna", id, sample_manifest(revision, static_cast<int>(revision % 9)), update));
    }
    stop = true;
  }
  EXPECT_EQ(torn, 0);
}

TEST_P(PhotoIndexConformance, OneIdempotencyKeyIsOnePhotoForManyThreads) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = "round " + std::to_string(round);
    std::atomic<int> made = 0;
    std::array<PhotoId, 8> answers;
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t < answers.size(); ++t) {
        threads.emplace_back([&, t] {
          const PhotoId id = photo_id(kNowMs + round, t);
          auto created = index().create("anna", sample_photo("anna", id, key));
          if (!created) return;
          if (!created->existed) ++made;
          answers[t] = created->photo;
        });
      }
    }
    EXPECT_EQ(made, 1);
    for (PhotoId answer : answers) EXPECT_EQ(answer, *index().find_idempotent("anna", key));
    EXPECT_EQ(list({}).size(), static_cast<std::size_t>(round) + 1);
  }
}

TEST_P(PhotoIndexConformance, DeleteAndCommitRaceToADeletedPhoto) {
  for (int round = 0; round < 30; ++round) {
    const PhotoId id = add(kNowMs + round, kNowMs);
    {
      std::jthread deleter([&] { EXPECT_TRUE(index().remove("anna", id)); });
      std::jthread committer([&] {
        LightUpdate update;
        update.complete = true;
        update.taken_at_ms = 1;
        auto done = index().commit_manifest("anna", id, sample_manifest(0), update);
        EXPECT_TRUE(done || done.error().code == ErrorCode::kNotFound);
      });
    }
    EXPECT_EQ(index().get("anna", id).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(list(by(ListOrder::kTaken)).empty());
    EXPECT_TRUE(list(by(ListOrder::kUploaded)).empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, PhotoIndexConformance, ::testing::ValuesIn(store_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tintype::testing
