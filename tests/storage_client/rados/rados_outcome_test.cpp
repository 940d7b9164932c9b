// Requests whose answer never comes, makers that die between two objects, and what removed blobs leave.
#include <gtest/gtest.h>

#include <atomic>
#include <format>
#include <fstream>
#include <mutex>
#include <random>

#include "storage_client/memory/memory_store.h"
#include "storage_client/rados/bundle_rows.h"
#include "storage_client/rados/cluster.h"
#include "tests/storage_client/rados/test_cluster.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;
const PhotoId kPhoto = photo_id(kNowMs);

std::string answer(const Status& status) { return status ? "ok" : std::string(error_name(status.error().code)); }
std::string answer(const Result<PhotoIndex::Created>& created) {
  return created ? std::format("{} {}", created->photo.to_string(), created->existed)
                 : std::string(error_name(created.error().code));
}
std::string answer(const Result<BlobInfo>& info) {
  return info ? std::to_string(info->size) : std::string(error_name(info.error().code));
}

TEST(RadosOutcome, EveryAnswerIsAsIfNoRequestHadTimedOut) {
  ManualClock clock(kNowMs);
  RadosStoreConfig config = test_cluster().config();
  std::mutex mutex;
  std::mt19937 random(7);
  std::atomic<int> injected = 0;
  config.faults = [&](std::string_view) {
    std::lock_guard lock(mutex);
    const auto roll = random() % 10;
    if (roll < 4) ++injected;
    return roll < 2 ? InjectedFault::kBefore : roll < 4 ? InjectedFault::kAfter : InjectedFault::kNone;
  };
  const auto store = open_store(config, clock);
  const MemoryStore memory = make_memory_store(clock);
  std::mt19937 choice(11);
  const auto below = [&](unsigned limit) { return choice() % limit; };
  const auto same = [&](const auto& call, const std::string& what) {
    EXPECT_EQ(answer(call(store->index(), store->blobs(), store->jobs())),
              answer(call(*memory.index, *memory.blobs, *memory.jobs)))
        << what;
  };
  for (int i = 0; i < 400 && !::testing::Test::HasFailure(); ++i) {
    const PhotoId id = photo_id(kNowMs + below(6));
    const std::string what = std::format("operation {} on {}", i, id.to_string());
    clock.advance_ms(1);
    switch (below(8)) {
      case 0:
      case 1: {
        const Photo photo = sample_photo("anna", id, below(2) == 0 ? "" : std::format("key {}", below(4)));
        same([&](PhotoIndex& index, BlobStore&, JobStore&) { return index.create("anna", photo); }, what + " create");
        break;
      }
      case 2: {
        const auto stored = memory.index->get("anna", id);
        const std::uint64_t revision = (stored ? stored->heavy.manifest.revision : 0) + (below(4) == 0 ? 1 : 0);
        LightUpdate update;
        update.taken_at_ms = kNowMs + below(100);
        update.complete = below(2) == 0;
        same([&](PhotoIndex& index, BlobStore&,
                 JobStore&) { return index.commit_manifest("anna", id, sample_manifest(revision, 2), update); },
             what + " commit");
        break;
      }
      case 3: {
        const Job job = sample_job("anna", id, 1 + static_cast<std::uint32_t>(below(3)));
        const bool renews = below(2) == 0;
        same([&](PhotoIndex& index, BlobStore&,
                 JobStore&) { return renews ? index.renew_job("anna", id, job) : index.set_job("anna", id, job); },
             what + " job");
        break;
      }
      case 4:
        same([&](PhotoIndex& index, BlobStore&, JobStore&) { return index.remove("anna", id); }, what + " remove");
        if (below(2) == 0)
          same([&](PhotoIndex& index, BlobStore&, JobStore&) { return index.purge("anna", id); }, what + " purge");
        break;
      case 5: {
        const Bytes bytes = pattern(below(2) == 0 ? 1000 : 200'000, static_cast<std::uint32_t>(i));
        same([&](PhotoIndex&, BlobStore& blobs, JobStore&) { return write_blob(blobs, blob_key("anna", id), bytes); },
             what + " write");
        break;
      }
      case 6: {
        const Bytes bytes = pattern(3000, static_cast<std::uint32_t>(i));
        same(
            [&](PhotoIndex&, BlobStore& blobs, JobStore&) {
              return blobs.put_all(
                  std::vector<BlobPut>{{blob_key("anna", id, "a"), bytes}, {blob_key("anna", id, "b"), bytes}});
            },
            what + " put_all");
        break;
      }
      default:
        same([&](PhotoIndex&, BlobStore& blobs, JobStore&) { return blobs.remove(blob_key("anna", id)); },
             what + " remove blob");
        same([&](PhotoIndex&, BlobStore&, JobStore& jobs) { return jobs.put(sample_record(photo_id(kNowMs, 1))); },
             what + " put job");
    }
  }
  EXPECT_GT(injected, 300);
  EXPECT_EQ(dump(store->blobs(), store->index(), store->jobs(), {"anna"}),
            dump(*memory.blobs, *memory.index, *memory.jobs, {"anna"}));
}

TEST(RadosOutcome, AWriteThatNeverGetsThroughEndsWithinItsDeadline) {
  ManualClock clock(kNowMs);
  RadosStoreConfig config = test_cluster().config();
  config.call_deadline_ms = 1000;
  config.faults = [](std::string_view) { return InjectedFault::kBefore; };
  const auto store = open_store(config, clock);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(store->index().create("anna", sample_photo("anna", kPhoto)).error().code, ErrorCode::kTimedOut);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(RadosOutcome, AKeyWhoseMakerDiedIsTakenOverOnceNoPhotoCanComeOfIt) {
  ManualClock clock(kNowMs);
  RadosStoreConfig config = test_cluster().config();
  RadosStoreConfig dying = config;
  dying.call_deadline_ms = 1000;
  dying.faults = [](std::string_view object) {
    return object == "anna" ? InjectedFault::kBefore : InjectedFault::kNone;
  };
  const PhotoId lost = photo_id(kNowMs, 1);
  const PhotoId kept = photo_id(kNowMs, 2);
  EXPECT_EQ(open_store(dying, clock)->index().create("anna", sample_photo("anna", lost, "k")).error().code,
            ErrorCode::kTimedOut);
  const auto store = open_store(config, clock);
  EXPECT_EQ(*store->index().find_idempotent("anna", "k"), std::nullopt);
  auto created = store->index().create("anna", sample_photo("anna", kept, "k"));
  ASSERT_TRUE(created) << created.error().to_string();
  EXPECT_EQ(answer(created), kept.to_string() + " false");
  EXPECT_EQ(*store->index().find_idempotent("anna", "k"), kept);
  EXPECT_EQ(store->index().create("anna", sample_photo("anna", lost)).error().code, ErrorCode::kAlreadyExists)
      << "fenced";
  EXPECT_TRUE(store->index().create("anna", sample_photo("anna", photo_id(kNowMs, 3), "k"))->existed);
  EXPECT_EQ(store->index().incomplete("", 10)->refs.size(), 1u) << "the dead one's mark stands for nothing";
}

TEST(RadosOutcome, AClusterThatDoesNotAnswerIsUnavailable) {
  ManualClock clock(kNowMs);
  Logger log(LogLevel::kOff);
  const TemporaryFolder folder;
  RadosStoreConfig config;
  config.conf_path = folder.path() + "/none.conf";
  EXPECT_EQ(open_rados_store(config, clock, log).error().code, ErrorCode::kInvalidArgument);
  config = test_cluster().config();
  config.blob_pool = "no.such.pool";
  EXPECT_EQ(open_rados_store(config, clock, log).error().code, ErrorCode::kNotFound);
  config.user = "nobody";
  EXPECT_EQ(open_rados_store(config, clock, log).error().code, ErrorCode::kInvalidArgument);
}

class RadosTrash : public ::testing::Test {
 protected:
  bool has_chunk(std::uint64_t token) {
    const auto chunks = cluster_->space(config_.blob_pool, config_.farm + ".chunks").value();
    rados::Read read;
    std::vector<std::uint8_t> out(1);
    read.data = out;
    return chunks->read(rados::chunk_name(token, 0), std::move(read), chunks->deadline())->exists;
  }
  std::uint64_t token_of(const BlobKey& key) {
    const auto bundles = cluster_->space(config_.blob_pool, config_.farm + ".bundles").value();
    rados::Read read;
    read.keys = {rados::entry_key(key)};
    const auto found = bundles->read(rados::bundle_name(key.owner, key.photo), std::move(read), bundles->deadline());
    return rados::decode_entry(found->row(rados::entry_key(key)))->token;
  }

  ManualClock clock_{kNowMs};
  RadosStoreConfig config_ = test_cluster().config();
  std::unique_ptr<rados::Cluster> cluster_ = rados::connect(config_).value();
  const BlobKey key_ = blob_key("anna", kPhoto);
};

TEST_F(RadosTrash, ChunksOfARemovedBlobGoWhenTheirTimeHasCome) {
  const auto store = open_store(config_, clock_);
  ASSERT_TRUE(write_blob(store->blobs(), key_, pattern(300'000)));
  const std::uint64_t token = token_of(key_);
  ASSERT_TRUE(store->blobs().remove(key_));
  ASSERT_TRUE(store->blobs().list("", 10));
  EXPECT_TRUE(has_chunk(token)) << "who has it open may still read";
  clock_.advance_ms(config_.trash_after_ms);
  ASSERT_TRUE(store->blobs().list("", 10));
  EXPECT_FALSE(has_chunk(token));
}

TEST_F(RadosTrash, ChunksThatABlobHasAreLeftAlone) {
  const Bytes bytes = pattern(300'000);
  {
    // Dies between entry and note: the note says "may be nobody's", the entry says whose.
    RadosStoreConfig dying = config_;
    dying.call_deadline_ms = 1000;
    std::atomic<bool> placed = false;
    dying.faults = [&](std::string_view object) {
      if (object.starts_with("anna/")) placed = true;
      return placed && object.starts_with("trash.") ? InjectedFault::kBefore : InjectedFault::kNone;
    };
    const auto store = open_store(dying, clock_);
    ASSERT_TRUE(write_blob(store->blobs(), key_, bytes));
  }
  const auto store = open_store(config_, clock_);
  clock_.advance_ms(48 * 60 * 60 * 1000);
  ASSERT_TRUE(store->blobs().list("", 10));
  EXPECT_EQ(as_text(*read_blob(store->blobs(), key_, 1 << 20)), as_text(bytes));
}

TEST_F(RadosTrash, AnUploadWhoseCommitNeverCameLeavesNothing) {
  RadosStoreConfig dying = config_;
  dying.call_deadline_ms = 1000;
  std::mutex mutex;
  std::string chunk;
  dying.faults = [&](std::string_view object) {
    std::lock_guard lock(mutex);
    if (object.ends_with(".0") && object.size() == 18) chunk = object.substr(0, 16);
    return object.starts_with("anna/") ? InjectedFault::kBefore : InjectedFault::kNone;
  };
  {
    const auto store = open_store(dying, clock_);
    EXPECT_EQ(write_blob(store->blobs(), key_, pattern(300'000)).error().code, ErrorCode::kTimedOut);
  }
  ASSERT_EQ(chunk.size(), 16u);
  const std::uint64_t token = std::stoull(chunk, nullptr, 16);
  EXPECT_TRUE(has_chunk(token));
  const auto store = open_store(config_, clock_);
  clock_.advance_ms(25 * 60 * 60 * 1000);
  ASSERT_TRUE(store->blobs().list("", 10));
  EXPECT_FALSE(has_chunk(token));
  EXPECT_TRUE(write_blob(store->blobs(), key_, pattern(300'000)));
}

TEST(RadosBlobs, OneThatIsLargerThanWhatFliesAtOnceReadsBackWhole) {
  ManualClock clock(kNowMs);
  RadosStoreConfig config = test_cluster().config();
  config.chunks_in_flight = 3;
  const auto store = open_store(config, clock);
  const Bytes bytes = pattern(2'000'003);
  ASSERT_TRUE(write_blob(store->blobs(), blob_key("anna", kPhoto), bytes, 777'777));
  EXPECT_EQ(as_text(*read_blob(store->blobs(), blob_key("anna", kPhoto), 1 << 30)), as_text(bytes));
  // A bundle that is full sends the rest to chunks.
  config.bundle_limit_bytes = 100'000;
  const auto tight = open_store(config, clock);
  const BlobKey a = blob_key("bert", kPhoto, "a"), b = blob_key("bert", kPhoto, "b");
  const ByteView part = bytes.view().first(60'000);
  ASSERT_TRUE(tight->blobs().put_all(std::vector<BlobPut>{{a, part}, {b, part}}));
  EXPECT_EQ(as_text(*read_blob(tight->blobs(), b, 1 << 30)), as_text(part));
  EXPECT_EQ((*tight->blobs().open(a))->whole() != nullptr, true);
  EXPECT_EQ((*tight->blobs().open(b))->whole(), nullptr);
}

}  // namespace
}  // namespace tintype::testing
