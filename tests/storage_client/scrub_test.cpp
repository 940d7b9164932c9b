// A scrub finds what is wrong with a store, mends what can be mended, and takes nothing for wrong that is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "storage_client/embedded/folder_documents.h"
#include "storage_client/failing_store.h"
#include "storage_client/memory/memory_documents.h"
#include "storage_client/memory/memory_store.h"
#include "storage_client/scrub/scrubber.h"
#include "tests/storage_client/migration_cases.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;
constexpr UnixMs kHourMs = 3'600'000;
const PhotoId kWhole = photo_id(kNowMs + 5, 5);  // bert's, complete

class ScrubTest : public ::testing::Test {
 protected:
  ScrubTest() { fill(store()); }
  StoreSeams store() { return {*store_.blobs, *store_.index, *store_.jobs}; }

  ScrubState scrub(ScrubState state = {}) { return scrub(*store_.blobs, *store_.index, std::move(state)); }
  ScrubState scrub(BlobStore& blobs, PhotoIndex& index, ScrubState state = {}) {
    ScrubConfig config;
    config.blobs_a_page = 3;
    Scrub({config}, {blobs, index, clock_,
                     [this](std::chrono::milliseconds time) {
                       slept_ += time;
                       clock_.advance_ms(time.count());
                       return stop_after_pauses_ < 0 || stop_after_pauses_-- > 0;
                     },
                     [this](const ScrubState& now) -> Status {
                       kept_ = now;
                       return {};
                     }})
        .run(state);
    return state;
  }
  Photo photo(PhotoId id = kWhole) { return *store_.index->get("bert", id); }
  BlobKey key_of(const std::string& text) { return BlobKey::parse(text).value(); }
  void replace(const std::string& key, const Bytes& bytes) {
    ASSERT_TRUE(store_.blobs->remove(key_of(key)));
    ASSERT_TRUE(write_blob(*store_.blobs, key_of(key), bytes));
  }

  ManualClock clock_{kNowMs};
  MemoryStore store_ = make_memory_store(clock_);
  ScrubState kept_;
  std::chrono::milliseconds slept_{0};
  int stop_after_pauses_ = -1;
};

TEST_F(ScrubTest, FindsNothingInAStoreThatIsWhole) {
  const std::string before = face_of(store());
  const ScrubState state = scrub();
  EXPECT_EQ(state.end, ScrubEnd::kDone) << state.error.message;
  EXPECT_EQ(state.count.found(), 0u);
  EXPECT_EQ(state.count.photos, 6u);
  EXPECT_EQ(state.count.owners, 2u);
  EXPECT_EQ(state.count.blobs, store_.blobs->list("", 1000)->blobs.size());
  EXPECT_EQ(state.count.bytes, state.bytes_to_see);
  EXPECT_EQ(face_of(store()), before);
}

TEST_F(ScrubTest, AWrongOriginalIsToldAndLeft) {
  const Bytes wrong = pattern(photo().light.bytes, 99);
  replace(photo().heavy.original_key, wrong);
  const ScrubState state = scrub();
  EXPECT_EQ(state.count.wrong_originals, 1u);
  EXPECT_EQ(state.count.repaired + state.count.jobs, 0u);
  ASSERT_EQ(state.findings.size(), 1u);
  EXPECT_EQ(state.findings[0].photo_id, kWhole.to_string());
  EXPECT_FALSE(state.findings[0].repaired);
  EXPECT_EQ(digest_of(*store_.blobs, key_of(photo().heavy.original_key))->sha256, to_hex(sha256(wrong)));
  EXPECT_TRUE(photo().light.complete);
}

TEST_F(ScrubTest, AMissingOriginalIsTold) {
  ASSERT_TRUE(store_.blobs->remove(key_of(photo().heavy.original_key)));
  const ScrubState state = scrub();
  EXPECT_EQ(state.count.missing_originals, 1u);
  EXPECT_EQ(state.count.repaired, 0u);
  EXPECT_TRUE(photo().light.complete);
}

TEST_F(ScrubTest, WrongAndMissingVariantsAreMadeAgainByAJob) {
  for (const bool is_missing : {false, true}) {
    const Photo before = photo();
    const Variant bad = before.heavy.manifest.variants.at(1);
    if (is_missing) {
      ASSERT_TRUE(store_.blobs->remove(key_of(bad.blob_key)));
    } else {
      replace(bad.blob_key, pattern(bad.bytes, 99));
    }
    const ScrubState state = scrub();
    EXPECT_EQ(state.count.wrong_variants, is_missing ? 0u : 1u);
    EXPECT_EQ(state.count.missing_variants, is_missing ? 1u : 0u);
    EXPECT_EQ(state.count.repaired, 1u);
    EXPECT_EQ(state.count.jobs, 1u);
    const Photo after = photo();
    EXPECT_EQ(after.heavy.job.generation, before.heavy.job.generation + 1);
    EXPECT_FALSE(after.light.complete);
    EXPECT_FALSE(after.heavy.manifest.is_complete_for(after.heavy.job.recipe)) << "or no job would make it again";
    ASSERT_EQ(after.heavy.manifest.variants.size(), 1u);
    EXPECT_EQ(after.heavy.manifest.variants[0].name, before.heavy.manifest.variants[0].name);
    bool is_marked = false;
    const RefPage marks = store_.index->incomplete("", 1000).value();
    for (const PhotoRef& ref : marks.refs) is_marked |= ref.photo == kWhole;
    EXPECT_TRUE(is_marked) << "what the sweeper enqueues by";
    EXPECT_EQ(store_.blobs->stat(key_of(bad.blob_key)).error_or({}).code, ErrorCode::kNotFound);
    EXPECT_EQ(scrub().count.found(), 0u);
    complete(store(), "bert", kWhole, 5);
  }
}

TEST_F(ScrubTest, WithoutRepairNothingIsChanged) {
  const Variant bad = photo().heavy.manifest.variants.at(1);
  replace(bad.blob_key, pattern(bad.bytes, 99));
  clock_.advance_ms(2 * kHourMs);
  ASSERT_TRUE(write_blob(*store_.blobs, blob_key("nobody", kWhole), pattern(10)));
  clock_.advance_ms(2 * kHourMs);
  const std::string before = describe(photo());
  ScrubState order;
  order.repair = false;
  const ScrubState state = scrub(order);
  EXPECT_EQ(state.count.found(), 2u);
  EXPECT_EQ(state.count.repaired, 0u);
  EXPECT_EQ(describe(photo()), before);
  EXPECT_TRUE(store_.blobs->stat(blob_key("nobody", kWhole)));
}

TEST_F(ScrubTest, BlobsThatNoPhotoNamesGoOnceTheyAreOlderThanAnyJob) {
  const BlobKey of_nobody = blob_key("nobody", kWhole), of_photo = blob_key("bert", kWhole, "1024.webp-lost");
  ASSERT_TRUE(write_blob(*store_.blobs, of_nobody, pattern(10)));
  ASSERT_TRUE(write_blob(*store_.blobs, of_photo, pattern(20)));
  EXPECT_EQ(scrub().count.orphans, 0u) << "a job may be about to name them";
  clock_.advance_ms(2 * kHourMs);
  const BlobKey young = blob_key("bert", kWhole, "512.webp-new");
  ASSERT_TRUE(write_blob(*store_.blobs, young, pattern(30)));
  const ScrubState state = scrub();
  EXPECT_EQ(state.count.orphans, 2u);
  EXPECT_EQ(state.count.orphan_bytes, 30u);
  EXPECT_EQ(state.count.repaired, 2u);
  EXPECT_FALSE(store_.blobs->stat(of_nobody));
  EXPECT_FALSE(store_.blobs->stat(of_photo));
  EXPECT_TRUE(store_.blobs->stat(young));
  EXPECT_TRUE(store_.blobs->stat(key_of(photo().heavy.original_key)));
}

TEST_F(ScrubTest, AVariantThatIsReplacedWhileItIsReadIsNotWrong) {
  // The job's commit lands between the scrub's look at the row and its reading of the blob.
  class Racing final : public BlobStore {
   public:
    Racing(BlobStore& blobs, std::function<void()> before_open) : blobs_(blobs), before_open_(std::move(before_open)) {}
    Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override {
      if (key.photo == kWhole && key.part != "original") std::exchange(before_open_, [] {})();
      return blobs_.open(key);
    }
    Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t hint) override {
      return blobs_.create(key, hint);
    }
    Status put_all(std::span<const BlobPut> puts) override { return blobs_.put_all(puts); }
    Result<BlobInfo> stat(const BlobKey& key) override { return blobs_.stat(key); }
    Status remove(const BlobKey& key) override { return blobs_.remove(key); }
    Status remove_photo(const std::string& owner, PhotoId id) override { return blobs_.remove_photo(owner, id); }
    Result<BlobListing> list(const std::string& after, int limit) override { return blobs_.list(after, limit); }
    Result<std::uint64_t> free_bytes() override { return blobs_.free_bytes(); }

   private:
    BlobStore& blobs_;
    std::function<void()> before_open_;
  } racing(*store_.blobs, [this] { complete(store(), "bert", kWhole, 8); });
  const ScrubState state = scrub(racing, *store_.index);
  EXPECT_EQ(state.end, ScrubEnd::kDone);
  EXPECT_EQ(state.count.found(), 0u);
  EXPECT_EQ(photo().heavy.manifest.variants.size(), 2u);
}

TEST_F(ScrubTest, GoesOnWhereItWasStopped) {
  const std::uint64_t all = store_.blobs->list("", 1000)->blobs.size();
  std::uint64_t stops = 0;
  ScrubState state;
  do {
    stop_after_pauses_ = 12;
    state = scrub(parse_scrub_state(to_json(state)).value());
    ASSERT_LT(++stops, 100u);
    ASSERT_TRUE(state.end == ScrubEnd::kStopped || state.end == ScrubEnd::kDone);
  } while (state.end != ScrubEnd::kDone);
  EXPECT_GT(stops, 2u);
  EXPECT_EQ(state.count.blobs, all) << "each counts once";
  EXPECT_EQ(state.count.owners, 2u);
  EXPECT_EQ(state.count.found(), 0u);
}

TEST_F(ScrubTest, WaitsForAStoreThatCannotBeReached) {
  std::atomic<int> calls = 0;
  const FaultPlan flaky = [&](std::string_view) {
    return calls++ % 40 == 3 ? InjectedFault::kBefore : InjectedFault::kNone;
  };
  const auto blobs = make_failing(*store_.blobs, flaky);
  const ScrubState state = scrub(*blobs, *store_.index);
  EXPECT_EQ(state.end, ScrubEnd::kDone) << state.error.message;
  EXPECT_EQ(state.count.found(), 0u);
  const auto gone = make_failing(*store_.blobs, [](std::string_view) { return InjectedFault::kBefore; });
  const ScrubState failed = scrub(*gone, *store_.index);
  EXPECT_EQ(failed.end, ScrubEnd::kFailed);
  EXPECT_EQ(failed.error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(scrub(parse_scrub_state(to_json(failed)).value()).end, ScrubEnd::kDone);
}

TEST_F(ScrubTest, ReadsNoFasterThanItWasAskedTo) {
  ScrubState order;
  order.bytes_a_second = 1'000'000;
  const ScrubState state = scrub(order);
  EXPECT_NEAR(static_cast<double>(slept_.count()) / 1000, static_cast<double>(state.count.bytes) / 1e6, 0.5);
}

// Lists as a bug or a broken disk may leave them.
class WrongLists final : public PhotoIndex {
 public:
  explicit WrongLists(PhotoIndex& index) : index_(index) {}
  bool loses_a_row = false, miscounts = false, is_unreadable = false;
  int rebuilt = 0;

  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    TT_ASSIGN(ListPage page, index_.list(owner, query));
    if (loses_a_row && query.by == ListOrder::kTaken && owner == "bert") page.rows.pop_back();
    return page;
  }
  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) override {
    if (is_unreadable) return fail(ErrorCode::kCorruptData, "a count cannot be read");
    TT_ASSIGN(auto months, index_.months(owner, by));
    if (miscounts && owner == "bert") ++months.front().photos;
    return months;
  }
  Status rebuild_lists(const std::string& owner) override {
    ++rebuilt;
    loses_a_row = miscounts = is_unreadable = false;
    return index_.rebuild_lists(owner);
  }
  Result<Created> create(const std::string& owner, const Photo& photo) override { return index_.create(owner, photo); }
  Result<Photo> get(const std::string& owner, PhotoId photo) override { return index_.get(owner, photo); }
  Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) override {
    return index_.find_idempotent(owner, key);
  }
  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override {
    return index_.commit_manifest(owner, photo, manifest, update);
  }
  Status set_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return index_.set_job(owner, photo, job);
  }
  Status renew_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return index_.renew_job(owner, photo, job);
  }
  Status set_failed(const std::string& owner, PhotoId photo) override { return index_.set_failed(owner, photo); }
  Status remove(const std::string& owner, PhotoId photo) override { return index_.remove(owner, photo); }
  Result<RefPage> incomplete(const std::string& after, int limit) override { return index_.incomplete(after, limit); }
  Result<RefPage> tombstones(const std::string& after, int limit) override { return index_.tombstones(after, limit); }
  Status purge(const std::string& owner, PhotoId photo) override { return index_.purge(owner, photo); }
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override { return index_.owns_blobs(owner, photo); }

 private:
  PhotoIndex& index_;
};

TEST_F(ScrubTest, ListsAndCountsThatDisagreeAreRebuilt) {
  WrongLists index(*store_.index);
  for (bool WrongLists::* wrong : {&WrongLists::loses_a_row, &WrongLists::miscounts, &WrongLists::is_unreadable}) {
    index.rebuilt = 0;
    index.*wrong = true;
    const ScrubState state = scrub(*store_.blobs, index);
    EXPECT_EQ(state.count.wrong_lists, 1u);
    EXPECT_EQ(state.count.repaired, 1u);
    EXPECT_EQ(index.rebuilt, 1);
    EXPECT_EQ(state.findings.at(0).kind, ScrubKind::kWrongLists);
  }
}

TEST(EmbeddedScrub, BytesThatRottedOnTheDiskAreFound) {
  ManualClock clock(kNowMs);
  const TemporaryFolder folder;
  {
    const auto store = open_store(small_config(folder.path()), clock);
    fill({store->blobs(), store->index(), store->jobs()});
  }
  std::string rotted;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path() + "/originals")) {
    if (!file.is_regular_file()) continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(1000);
    bytes.put('\x7f').put('\x01').put('\x7f');
    rotted = file.path();
    break;
  }
  ASSERT_FALSE(rotted.empty());
  const auto store = open_store(small_config(folder.path()), clock);
  ScrubState state;
  Scrub({}, {store->blobs(), store->index(), clock, [](std::chrono::milliseconds) { return true; },
             [](const ScrubState&) { return Status(); }})
      .run(state);
  EXPECT_EQ(state.end, ScrubEnd::kDone) << state.error.message;
  EXPECT_EQ(state.count.wrong_originals, 1u);
  EXPECT_EQ(state.count.found(), 1u);
}

class ScrubberTest : public ScrubTest {
 protected:
  std::unique_ptr<Scrubber> scrubber(const std::string& name, BlobStore* blobs = nullptr) {
    return std::make_unique<Scrubber>(
        name, ScrubConfig{},
        ScrubberServices{blobs ? *blobs : *store_.blobs, *store_.index, *documents_, system_, log_});
  }
  ScrubState wait(Scrubber& scrubber) {
    for (int i = 0; i < 1000; ++i) {
      const auto state = scrubber.state();
      if (state && state->end != ScrubEnd::kRunning) return *state;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "the scrub does not end";
    return {};
  }

  SystemClock system_;
  Logger log_{LogLevel::kOff};
  std::unique_ptr<Documents> documents_ = make_memory_documents();
};

TEST_F(ScrubberTest, RunsAndKeepsItsResultForEveryProcess) {
  const auto one = scrubber("one"), other = scrubber("other");
  EXPECT_EQ(one->state().error_or({}).code, ErrorCode::kNotFound);
  ASSERT_TRUE(one->start({}));
  EXPECT_EQ(wait(*other).end, ScrubEnd::kDone);
  EXPECT_EQ(other->state()->runner, "one");
  EXPECT_TRUE(other->start({})) << "the next one";
  EXPECT_EQ(wait(*one).runner, "other");
}

TEST_F(ScrubberTest, OneAtATimeInTheWholeFarmAndStoppedOnesGoOn) {
  const auto one = scrubber("one"), other = scrubber("other");
  ScrubOrder slow;
  slow.bytes_a_second = 100'000;
  ASSERT_TRUE(one->start(slow));
  EXPECT_EQ(one->start({}).error_or({}).code, ErrorCode::kConflict);
  EXPECT_EQ(other->start({}).error_or({}).code, ErrorCode::kConflict);
  EXPECT_EQ(other->stop().error_or({}).code, ErrorCode::kConflict);
  ASSERT_TRUE(one->stop());
  EXPECT_EQ(one->state()->end, ScrubEnd::kStopped);
  const UnixMs began = one->state()->started_at_ms;
  ASSERT_TRUE(other->start({}));
  EXPECT_EQ(wait(*other).started_at_ms, began);
}

TEST_F(ScrubberTest, ARunnerThatIsSilentHasFailedAndAnotherGoesOn) {
  ScrubState dead;
  dead.runner = "dead";
  dead.started_at_ms = 1;
  dead.updated_at_ms = system_.now_ms() - 2 * kHourMs;
  dead.count.blobs = 7;
  ASSERT_TRUE(documents_->write(kScrubDocument, to_json(dead), 0));
  const auto one = scrubber("one");
  EXPECT_EQ(one->state()->end, ScrubEnd::kFailed);
  EXPECT_THAT(one->state()->error.message, ::testing::HasSubstr("dead"));
  ASSERT_TRUE(one->start({}));
  const ScrubState done = wait(*one);
  EXPECT_EQ(done.end, ScrubEnd::kDone);
  EXPECT_GT(done.count.blobs, 7u);
}

TEST_F(ScrubberTest, ItsDocumentSurvivesTheProcess) {
  const TemporaryFolder folder;
  documents_ = open_folder_documents(folder.path()).value();
  {
    const auto one = scrubber("one");
    ASSERT_TRUE(one->start({}));
    wait(*one);
  }
  documents_ = open_folder_documents(folder.path()).value();
  EXPECT_EQ(scrubber("one")->state()->end, ScrubEnd::kDone);
}

TEST(ScrubStates, ReadBackAsTheyWereWritten) {
  ScrubState state;
  state.end = ScrubEnd::kFailed;
  state.error = {ErrorCode::kTimedOut, "why"};
  state.cursor = "anna/x";
  state.phase = ScrubPhase::kPhotos;
  state.count.orphan_bytes = 1ull << 60;
  state.findings.push_back({ScrubKind::kWrongVariant, "anna", "id", "key", "what", true});
  EXPECT_EQ(to_json(parse_scrub_state(to_json(state)).value()), to_json(state));
  for (const char* bad : {"", "{}", R"({"schema":2})", R"({"schema":1,"state":"x"})"})
    EXPECT_FALSE(parse_scrub_state(bad));
}

}  // namespace
}  // namespace tintype::testing
