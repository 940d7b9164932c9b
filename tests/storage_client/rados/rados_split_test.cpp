// An owner's index over many objects: whatever dies at whatever step of a split, and whoever writes
// meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "storage_client/memory/memory_store.h"
#include "storage_client/month.h"
#include "storage_client/rados/cluster.h"
#include "storage_client/rados/shards.h"
#include "tests/storage_client/rados/test_cluster.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;
constexpr UnixMs kMonthMs = 31ll * 86'400'000;
constexpr std::uint64_t kSmall = 64;  // keys: over 16 photos, an object is split

Logger& quiet_log() {
  static Logger log(LogLevel::kOff);
  return log;
}

// Taken at times that have nothing to do with the ids.
Photo photo_of(std::uint64_t number) {
  Photo photo = sample_photo("anna", photo_id(kNowMs + static_cast<UnixMs>(number)));
  photo.light.taken_at_ms =
      kNowMs - static_cast<UnixMs>(number * 7919 % 1000) - kMonthMs * static_cast<UnixMs>(number % 4);
  return photo;
}

std::size_t objects_of(const RadosStoreConfig& config, const std::string& owner) {
  const auto cluster = rados::connect(config).value();
  const auto owners = cluster->space(config.index_pool, config.farm + ".owners").value();
  rados::Shards shards(*owners, config, quiet_log());
  return shards.map_of(owner, owners->deadline())->size();
}

std::vector<PhotoId> all_of(PhotoIndex& index, ListOrder order, int limit) {
  std::vector<PhotoId> ids;
  ListQuery query;
  query.by = order;
  query.limit = limit;
  do {
    auto page = index.list("anna", query);
    EXPECT_TRUE(page) << page.error().to_string();
    if (!page) break;
    for (const LightRow& row : page->rows) ids.push_back(row.photo);
    query.cursor = page->next;
  } while (!query.cursor.empty());
  return ids;
}

std::vector<MonthCount> months_of_list(PhotoIndex& index) {
  std::map<std::int64_t, std::uint64_t, std::greater<>> counts;
  ListQuery query;
  query.limit = 1000;
  do {
    const auto page = index.list("anna", query);
    EXPECT_TRUE(page);
    if (!page) break;
    for (const LightRow& row : page->rows) ++counts[month_of(row.taken_at_ms)];
    query.cursor = page->next;
  } while (!query.cursor.empty());
  std::vector<MonthCount> months;
  for (const auto& [month, photos] : counts) months.push_back({month, photos});
  return months;
}

std::string name_of(SplitStep step) {
  static constexpr const char* kNames[] = {"frozen", "half_copied", "copied", "opened", "mapped", "trimmed"};
  return kNames[static_cast<int>(step)];
}

class SplitCrash : public ::testing::TestWithParam<SplitStep> {
 protected:
  ManualClock clock_{kNowMs};
};

TEST_P(SplitCrash, NothingIsLostAndTheNextWriterEndsIt) {
  RadosStoreConfig config = test_cluster().config();
  config.split_above_keys = kSmall;
  RadosStoreConfig dying = config;
  std::atomic<bool> died = false;
  dying.split_goes_on = [&](SplitStep step) {
    died = died || step == GetParam();
    return !died;
  };
  const MemoryStore memory = make_memory_store(clock_);
  const auto first = open_store(dying, clock_);
  std::uint64_t made = 0;
  // Heavy enough that rows are copied in more than one batch.
  const auto create = [&](RadosStore& store) {
    Photo photo = photo_of(made++);
    photo.heavy.exif_json = std::string(250'000, 'e');
    const auto created = store.index().create("anna", photo);
    ASSERT_TRUE(created) << created.error().to_string();
    ASSERT_TRUE(memory.index->create("anna", photo));
  };
  while (!died && made < 40) create(*first);
  ASSERT_TRUE(died);

  const auto second = open_store(config, clock_);
  const auto expect_same = [&] {
    EXPECT_EQ(dump(second->blobs(), second->index(), second->jobs(), {"anna"}),
              dump(*memory.blobs, *memory.index, *memory.jobs, {"anna"}));
    for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
      const auto whole = all_of(*memory.index, order, 1000);
      for (int limit : {1, 5, 1000}) EXPECT_EQ(all_of(second->index(), order, limit), whole) << limit;
    }
  };
  expect_same();
  const auto both = [&](const std::function<Status(PhotoIndex&)>& change) {
    const Status there = change(second->index());
    EXPECT_TRUE(there) << there.error().to_string();
    EXPECT_TRUE(change(*memory.index));
  };
  LightUpdate update;
  update.complete = true;
  update.taken_at_ms = kNowMs + 5;
  both([&](PhotoIndex& index) {
    return index.commit_manifest("anna", photo_of(made - 1).light.photo, sample_manifest(0), update);
  });
  both([&](PhotoIndex& index) {
    return index.commit_manifest("anna", photo_of(0).light.photo, sample_manifest(0), update);
  });
  both([&](PhotoIndex& index) { return index.remove("anna", photo_of(1).light.photo); });
  both([&](PhotoIndex& index) { return index.remove("anna", photo_of(made - 2).light.photo); });
  expect_same();
  EXPECT_GE(objects_of(config, "anna"), 2u);
  while (made < 60) create(*second);
  expect_same();
  EXPECT_GE(objects_of(config, "anna"), 3u);
}

INSTANTIATE_TEST_SUITE_P(Steps, SplitCrash,
                         ::testing::Values(SplitStep::kFrozen, SplitStep::kHalfCopied, SplitStep::kCopied,
                                           SplitStep::kOpened, SplitStep::kMapped, SplitStep::kTrimmed),
                         [](const auto& step) { return name_of(step.param); });

TEST(RadosSplit, ManyProcessesWriteWhileObjectsSplit) {
  ManualClock clock(kNowMs);
  RadosStoreConfig config = test_cluster().config();
  config.split_above_keys = kSmall;
  constexpr std::uint64_t kStores = 3;
  constexpr std::uint64_t kPhotosEach = 60;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> processes;
    for (std::uint64_t p = 0; p < kStores; ++p) {
      processes.emplace_back([&, p] {
        const auto store = open_store(config, clock);
        for (std::uint64_t i = 0; i < kPhotosEach; ++i) {
          // In no order, as a migration brings them.
          const Photo photo = photo_of((i * 37 + p * 11) % kPhotosEach * kStores + p);
          const PhotoId id = photo.light.photo;
          if (!store->index().create("anna", photo)) ++refused;
          LightUpdate update;
          update.complete = true;
          update.taken_at_ms = photo.light.taken_at_ms + 1;
          if (!store->index().commit_manifest("anna", id, sample_manifest(0), update)) ++refused;
          if (i % 5 == 0 && !store->index().remove("anna", id)) ++refused;
        }
      });
    }
  }
  EXPECT_EQ(refused, 0);
  const auto store = open_store(config, clock);
  std::set<PhotoId> expected;
  for (std::uint64_t p = 0; p < kStores; ++p) {
    for (std::uint64_t i = 0; i < kPhotosEach; ++i) {
      if (i % 5 != 0) expected.insert(photo_of((i * 37 + p * 11) % kPhotosEach * kStores + p).light.photo);
    }
  }
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    const auto listed = all_of(store->index(), order, 7);
    EXPECT_EQ(listed.size(), expected.size());
    EXPECT_EQ(std::set(listed.begin(), listed.end()), expected);
  }
  std::uint64_t counted = 0;
  const std::vector<MonthCount> months = store->index().months("anna", ListOrder::kTaken).value();
  for (const MonthCount& month : months) counted += month.photos;
  EXPECT_EQ(counted, expected.size());
  EXPECT_EQ(months, months_of_list(store->index()));
  for (PhotoId id : expected) EXPECT_EQ(store->index().get("anna", id)->light.revision, 1u);
  EXPECT_TRUE(store->index().incomplete("", 1000)->refs.empty());
  EXPECT_GE(objects_of(config, "anna"), 6u);
}

// Rows that were changed behind the index's back: what a writer of a version without counts left, or damage.
class RadosCounts : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 12; ++i) {
      ASSERT_TRUE(store_->index().create("anna", photo_of(i)));
      ASSERT_TRUE(memory_.index->create("anna", photo_of(i)));
    }
  }
  void change(rados::Write write) {
    ASSERT_TRUE(owners_->write("anna", std::move(write), owners_->deadline())->applied);
  }
  void forget_counts() {
    rados::Write write;
    write.erase = {rados::kStateKey};
    write.erase_ranges = {rados::all_months()};
    change(std::move(write));
  }
  void expect_same() {
    EXPECT_EQ(dump(store_->blobs(), store_->index(), store_->jobs(), {"anna"}),
              dump(*memory_.blobs, *memory_.index, *memory_.jobs, {"anna"}));
  }

  ManualClock clock_{kNowMs};
  const RadosStoreConfig config_ = test_cluster().config();
  const std::unique_ptr<RadosStore> store_ = open_store(config_, clock_);
  const MemoryStore memory_ = make_memory_store(clock_);
  const std::unique_ptr<rados::Cluster> cluster_ = rados::connect(config_).value();
  const std::unique_ptr<rados::Space> owners_ = cluster_->space(config_.index_pool, config_.farm + ".owners").value();
};

TEST_F(RadosCounts, AreMadeByTheFirstReaderOfAnObjectWithoutThem) {
  forget_counts();
  expect_same();
}

TEST_F(RadosCounts, AreMadeByTheNextWriterWhoeverDiedWhileCounting) {
  forget_counts();
  RadosStoreConfig dying = config_;
  dying.split_goes_on = [](SplitStep step) { return step != SplitStep::kCounting; };
  EXPECT_FALSE(open_store(dying, clock_)->index().months("anna", ListOrder::kTaken));
  ASSERT_TRUE(store_->index().remove("anna", photo_of(3).light.photo));
  ASSERT_TRUE(memory_.index->remove("anna", photo_of(3).light.photo));
  expect_same();
}

TEST_F(RadosCounts, WrongCountsAndOrdersAreRebuilt) {
  rados::Write write;
  const LightRow lost = photo_of(5).light, doubled = photo_of(6).light;
  write.erase = {rados::taken_key(lost.taken_at_ms, lost.photo), rados::uploaded_key(photo_of(7).light.photo)};
  write.set = {{rados::month_key(ListOrder::kTaken, month_of(kNowMs)), "-3"},
               {rados::taken_key(kNowMs + 5, doubled.photo),
                rados::with_token(1, embedded::encode(embedded::LightRecord{doubled, std::nullopt}))}};
  change(std::move(write));
  EXPECT_EQ(store_->index().months("anna", ListOrder::kTaken).error_or({}).code, ErrorCode::kCorruptData);
  ASSERT_TRUE(store_->index().rebuild_lists("anna"));
  expect_same();
}

TEST(RadosIndexPages, GoOnPastWhatOneAnswerHolds) {
  ManualClock clock(kNowMs);
  const RadosStoreConfig config = test_cluster().config();
  const auto store = open_store(config, clock);
  constexpr std::uint64_t kPhotos = 1100;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 16; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = t; i < kPhotos; i += 16) EXPECT_TRUE(store->index().create("anna", photo_of(i)));
      });
    }
  }
  EXPECT_EQ(objects_of(config, "anna"), 1u);
  for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
    for (int limit : {300, 1000}) EXPECT_EQ(all_of(store->index(), order, limit).size(), kPhotos);
  }
  const auto first = store->index().incomplete("", 1000);
  ASSERT_EQ(first->refs.size(), 1000u);
  EXPECT_EQ(store->index().incomplete(first->next, 1000)->refs.size(), kPhotos - 1000);
}

}  // namespace
}  // namespace tintype::testing
