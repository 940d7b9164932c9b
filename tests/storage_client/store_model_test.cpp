// Thousands of random operations on the embedded store and on the memory store at once: every answer must be the
// same, through reopening at random moments.
#include <gtest/gtest.h>

#include <format>
#include <random>

#include "core/base/digest.h"
#include "storage_client/memory/memory_store.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kStartMs = 1'750'000'000'000;
constexpr int kOperations = 4000;

// Answers as text. Cursors are part of them.
template <typename T>
std::string answer(const Result<T>& result, const std::function<std::string(const T&)>& text) {
  return result ? text(*result) : std::string(error_name(result.error().code));
}
std::string answer(const Status& status) { return status ? "ok" : std::string(error_name(status.error().code)); }

std::string text(const RefPage& page) {
  std::string out = page.next;
  for (const PhotoRef& ref : page.refs)
    out += std::format("\n{} {} {}", ref.since_ms, ref.owner, ref.photo.to_string());
  return out;
}

std::string text(const ListPage& page) {
  std::string out = page.next;
  for (const LightRow& row : page.rows) out += "\n" + describe(row);
  return out;
}

class Model {
 public:
  explicit Model(unsigned seed) : random_(seed), store_(open_store(small_config(folder_.path()), clock_)) {}

  void run() {
    for (int i = 0; i < kOperations; ++i) {
      const int kind = below(100);
      trace_ = std::format("operation {} kind {}", i, kind);
      SCOPED_TRACE(trace_);
      if (kind < 60) {
        change_index();
      } else if (kind < 80) {
        ask_index();
      } else if (kind < 92) {
        use_blobs();
      } else {
        use_jobs();
      }
      if (below(3) == 0) clock_.advance_ms(below(20));
      if (below(250) == 0) reopen();
      if (::testing::Test::HasFailure()) return;
    }
    reopen();
    const auto both = {"ann", "anna"};
    EXPECT_EQ(dump(store_->blobs(), store_->index(), store_->jobs(), both),
              dump(*memory_.blobs, *memory_.index, *memory_.jobs, both));
  }

 private:
  int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
  std::string any_owner() { return below(2) == 0 ? "ann" : "anna"; }
  PhotoId any_photo() { return photo_id(kStartMs + below(12) * 5, static_cast<std::uint64_t>(below(3))); }
  UnixMs any_time() { return kStartMs + below(80) - 10; }
  UnixMs any_month() { return kStartMs + (below(5) - 2) * UnixMs{2'700'000'000}; }

  void reopen() {
    store_.reset();
    store_ = open_store(small_config(folder_.path()), clock_);
  }

  template <typename T, typename Call>
  void same(Call call, const std::function<std::string(const T&)>& to_text) {
    EXPECT_EQ(answer<T>(call(store_->index()), to_text), answer<T>(call(*memory_.index), to_text));
  }
  template <typename Call>
  void same(Call call) {
    EXPECT_EQ(answer(call(store_->index())), answer(call(*memory_.index)));
  }

  void change_index() {
    const std::string owner = any_owner();
    const PhotoId id = any_photo();
    switch (below(8)) {
      case 0:
      case 1: {
        Photo photo = sample_photo(owner, id, below(2) == 0 ? "" : std::format("key {}", below(10)));
        photo.light.taken_at_ms = below(2) == 0 ? any_time() : any_month();
        // Large enough in sum that memory tables are flushed and compacted meanwhile.
        photo.heavy.exif_json = std::string(static_cast<std::size_t>(below(20'000)), 'e');
        same<PhotoIndex::Created>(
            [&](PhotoIndex& index) { return index.create(owner, photo); },
            [](const PhotoIndex::Created& c) { return std::format("{} {}", c.photo.to_string(), c.existed); });
        break;
      }
      case 2:
      case 3: {
        const auto stored = memory_.index->get(owner, id);
        const std::uint64_t revision = stored ? stored->heavy.manifest.revision : 0;
        const Manifest manifest = sample_manifest(below(4) == 0 ? revision + 1 : revision, below(4));
        LightUpdate update;
        if (below(2) == 0) update.taken_at_ms = below(2) == 0 ? any_time() : any_month();
        if (below(2) == 0) update.width = static_cast<std::uint32_t>(below(5000));
        if (below(2) == 0) update.complete = below(2) == 0;
        if (below(4) == 0) update.failed = below(2) == 0;
        if (below(4) == 0) update.thumbhash = std::string(static_cast<std::size_t>(below(34)), 'h');
        same([&](PhotoIndex& index) { return index.commit_manifest(owner, id, manifest, update); });
        break;
      }
      case 4: {
        const Job job = sample_job(owner, id, static_cast<std::uint32_t>(below(5)));
        const bool renews = below(2) == 0;
        same([&](PhotoIndex& index) {
          return renews ? index.renew_job(owner, id, job) : index.set_job(owner, id, job);
        });
        break;
      }
      case 5:
        same([&](PhotoIndex& index) { return index.set_failed(owner, id); });
        break;
      case 6:
        same([&](PhotoIndex& index) { return index.remove(owner, id); });
        break;
      default:
        same([&](PhotoIndex& index) { return index.purge(owner, id); });
    }
  }

  void ask_index() {
    const std::string owner = any_owner();
    const PhotoId id = any_photo();
    const int limit = 1 + below(12);
    switch (below(7)) {
      case 6:
        same<std::vector<MonthCount>>(
            [&](PhotoIndex& index) {
              return index.months(owner, limit % 2 == 0 ? ListOrder::kUploaded : ListOrder::kTaken);
            },
            [](const std::vector<MonthCount>& months) {
              std::string out;
              for (const auto& [month, photos] : months) out += std::format("{}: {}\n", month, photos);
              return out;
            });
        break;
      case 0:
        same<Photo>([&](PhotoIndex& index) { return index.get(owner, id); },
                    [](const Photo& p) { return describe(p); });
        break;
      case 1:
      case 2: {
        ListQuery query;
        query.by = below(2) == 0 ? ListOrder::kUploaded : ListOrder::kTaken;
        if (below(2) == 0) query.from_ms = any_time();
        if (below(2) == 0) query.to_ms = any_time();
        query.limit = limit;
        do {
          auto page = memory_.index->list(owner, query);
          ASSERT_TRUE(page);
          same<ListPage>([&](PhotoIndex& index) { return index.list(owner, query); },
                         [](const ListPage& p) { return text(p); });
          query.cursor = page->next;
        } while (!query.cursor.empty() && below(4) != 0);
        break;
      }
      case 3: {
        std::string after;
        do {
          auto page = memory_.index->incomplete(after, limit);
          same<RefPage>([&](PhotoIndex& index) { return index.incomplete(after, limit); },
                        [](const RefPage& p) { return text(p); });
          same<RefPage>([&](PhotoIndex& index) { return index.tombstones(after, limit); },
                        [](const RefPage& p) { return text(p); });
          after = page->next;
        } while (!after.empty());
        break;
      }
      case 4:
        same<bool>([&](PhotoIndex& index) { return index.owns_blobs(owner, id); },
                   [](const bool& owns) { return std::to_string(owns); });
        break;
      default: {
        const std::string key = std::format("key {}", below(10));
        same<std::optional<PhotoId>>(
            [&](PhotoIndex& index) { return index.find_idempotent(owner, key); },
            [](const std::optional<PhotoId>& found) { return found ? found->to_string() : "none"; });
      }
    }
  }

  void use_blobs() {
    const std::string owner = any_owner();
    const PhotoId id = any_photo();
    const BlobKey key = blob_key(owner, id, std::format("part{}", below(3)));
    const auto any_bytes = [&] {
      return pattern(static_cast<std::size_t>(below(3) == 0 ? 60'000 + below(10'000) : below(2000)),
                     static_cast<std::uint32_t>(below(1000)));
    };
    const auto both = [&](const auto& call) { EXPECT_EQ(call(store_->blobs()), call(*memory_.blobs)); };
    switch (below(6)) {
      case 0: {
        const Bytes bytes = any_bytes();
        both([&](BlobStore& blobs) {
          return answer<BlobInfo>(write_blob(blobs, key, bytes), [](const BlobInfo& info) {
            return std::format("{} {}", info.size, info.written_at_ms);
          });
        });
        break;
      }
      case 1: {
        std::vector<Bytes> bytes;
        std::vector<BlobPut> puts;
        for (int i = 0; i < 3; ++i) bytes.push_back(any_bytes());
        for (int i = 0; i < 3; ++i)
          puts.push_back({blob_key(owner, id, std::format("part{}", i)), bytes[static_cast<std::size_t>(i)]});
        both([&](BlobStore& blobs) { return answer(blobs.put_all(puts)); });
        break;
      }
      case 2:
        both([&](BlobStore& blobs) { return answer(blobs.remove(key)); });
        break;
      case 3:
        both([&](BlobStore& blobs) { return answer(blobs.remove_photo(owner, id)); });
        break;
      case 4:
        both([&](BlobStore& blobs) {
          return answer<BlobInfo>(blobs.stat(key), [](const BlobInfo& info) {
            return std::format("{} {}", info.size, info.written_at_ms);
          });
        });
        break;
      default:
        both([&](BlobStore& blobs) {
          return answer<Bytes>(read_blob(blobs, key, 1 << 20), [](const Bytes& b) { return to_hex(sha256(b)); });
        });
    }
  }

  void use_jobs() {
    const JobId id = any_photo();
    const auto both = [&](const auto& call) { EXPECT_EQ(call(store_->jobs()), call(*memory_.jobs)); };
    const auto state = static_cast<JobState>(below(5));
    switch (below(4)) {
      case 0: {
        JobRecord record = sample_record(id, any_owner());
        record.state = state;
        both([&](JobStore& jobs) { return answer(jobs.put(record)); });
        break;
      }
      case 1: {
        const bool keep = below(3) != 0;
        both([&](JobStore& jobs) {
          return answer<JobRecord>(jobs.update(id,
                                               [&](JobRecord& record) {
                                                 record.state = state;
                                                 return keep;
                                               }),
                                   [](const JobRecord& record) { return to_json(record); });
        });
        break;
      }
      case 2: {
        JobQuery query;
        query.limit = 1 + below(10);
        if (below(2) == 0) query.state = state;
        if (below(2) == 0) query.owner = any_owner();
        if (below(2) == 0) query.cursor = any_photo().to_string();
        both([&](JobStore& jobs) {
          return answer<JobPage>(jobs.list(query), [](const JobPage& page) {
            std::string out = page.next;
            for (const JobRecord& record : page.records) out += to_json(record);
            return out;
          });
        });
        break;
      }
      default:
        both([&](JobStore& jobs) { return answer(jobs.remove(id)); });
    }
  }

  std::mt19937 random_;
  ManualClock clock_{kStartMs};
  TemporaryFolder folder_{FolderOn::kMemory};
  MemoryStore memory_ = make_memory_store(clock_);
  std::unique_ptr<EmbeddedStore> store_;
  std::string trace_;
};

class StoreModel : public ::testing::TestWithParam<unsigned> {};

TEST_P(StoreModel, AnswersAsTheMemoryStoreDoes) { Model(GetParam()).run(); }

INSTANTIATE_TEST_SUITE_P(Seeds, StoreModel, ::testing::Values(1u, 2u, 3u));

}  // namespace
}  // namespace tintype::testing
