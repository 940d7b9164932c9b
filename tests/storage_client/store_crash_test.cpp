// Kill -9 of a process that hammers the store, 20 times on the same folder: everything it was told is there is there,
// what it was told is deleted is gone, and nothing is there by half.
//
// The hammer is this program started again: `store_crash_test --hammer FOLDER ROUND`. It says on its standard output
// what it is about to do and what was acknowledged, one line each; a line is one write(2), so none is torn.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <format>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "core/base/unique_fd.h"
#include "tests/storage_client/store_fixtures.h"

extern char** environ;

namespace tintype::testing {
namespace {

constexpr int kRounds = 20;
constexpr int kThreads = 4;
constexpr UnixMs kStartMs = 1'750'000'000'000;
const std::string kOwner = "anna";

// The bytes of a photo's blobs follow from its id; a quarter of the originals are files, the rest is packed.
std::size_t original_size(PhotoId photo) { return photo.value % 4 == 0 ? 100'000 : 5'000; }
std::uint32_t seed_of(PhotoId photo) { return static_cast<std::uint32_t>(photo.value >> 8 ^ photo.value); }
Bytes original_bytes(PhotoId photo) { return pattern(original_size(photo), seed_of(photo)); }
Bytes variant_bytes(PhotoId photo, int number) {
  return pattern(2'000 + static_cast<std::size_t>(number) * 30'000,
                 seed_of(photo) + static_cast<std::uint32_t>(number));
}
constexpr int kVariants = 3;
BlobKey variant_key(PhotoId photo, int number) { return blob_key(kOwner, photo, std::format("v{}", number)); }
std::string idempotency_key_of(PhotoId photo) { return "key " + photo.to_string(); }

void say(char what, PhotoId photo) {
  const std::string line = std::format("{} {}\n", what, photo.value);
  if (::write(STDOUT_FILENO, line.data(), line.size()) != std::ssize(line)) ::_exit(3);
}

template <typename T>
void must(const Result<T>& result) {
  if (result) return;
  std::fprintf(stderr, "hammer: %s\n", result.error().to_string().c_str());
  ::_exit(2);
}

void commit_variants(EmbeddedStore& store, PhotoId photo) {
  std::vector<Bytes> bytes;
  std::vector<BlobPut> puts;
  Manifest manifest = sample_manifest(0, kVariants);
  for (int v = 0; v < kVariants; ++v) {
    bytes.push_back(variant_bytes(photo, v));
    manifest.variants[static_cast<std::size_t>(v)].blob_key = variant_key(photo, v).to_string();
  }
  for (int v = 0; v < kVariants; ++v) puts.push_back({variant_key(photo, v), bytes[static_cast<std::size_t>(v)]});
  must(store.blobs().put_all(puts));
  LightUpdate update;
  update.complete = true;
  update.taken_at_ms = kStartMs - static_cast<UnixMs>(photo.value % 1000);
  must(store.index().commit_manifest(kOwner, photo, manifest, update));
}

// c/C: create begun/acknowledged; V: variants; J: job record; d/D: delete begun/acknowledged.
void live_a_photo(EmbeddedStore& store, PhotoId photo, unsigned fate) {
  must(write_blob(store.blobs(), blob_key(kOwner, photo), original_bytes(photo)));
  say('c', photo);
  must(store.index().create(kOwner, sample_photo(kOwner, photo, idempotency_key_of(photo))));
  say('C', photo);
  if (fate % 4 == 0) return;
  JobRecord record = sample_record(photo);
  must(store.jobs().put(record));
  say('J', photo);
  commit_variants(store, photo);
  say('V', photo);
  if (fate % 4 != 1) return;
  say('d', photo);
  must(store.index().remove(kOwner, photo));
  say('D', photo);
  must(store.blobs().remove_photo(kOwner, photo));
  must(store.index().purge(kOwner, photo));
}

[[noreturn]] void hammer(const std::string& folder, int round) {
  const SystemClock clock;
  auto store = open_store(small_config(folder), clock);
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0;; ++i) {
        live_a_photo(*store, photo_id(kStartMs + round * 10'000 + i, static_cast<std::uint64_t>(t)), i);
      }
    });
  }
  for (;;) ::pause();
}

struct Promises {
  std::set<PhotoId> begun, created, completed, recorded, delete_begun, deleted;

  void take(const std::string& lines) {
    std::istringstream in(lines);
    char what = 0;
    PhotoId photo;
    while (in >> what >> photo.value) {
      switch (what) {
        case 'c':
          begun.insert(photo);
          break;
        case 'C':
          created.insert(photo);
          break;
        case 'V':
          completed.insert(photo);
          break;
        case 'J':
          recorded.insert(photo);
          break;
        case 'd':
          delete_begun.insert(photo);
          break;
        case 'D':
          deleted.insert(photo);
          break;
        default:
          FAIL() << "the hammer said " << what;
      }
    }
  }
};

// Starts the hammer, lets it work for a while after its first word, kills it; what it said.
std::string hammer_and_kill(const std::string& folder, int round, int work_ms) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string mode = "--hammer";
  std::string dir = folder;
  std::string number = std::to_string(round);
  char* argv[] = {program.data(), mode.data(), dir.data(), number.data(), nullptr};
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  write_end.reset();

  std::string said(1, '\0');
  EXPECT_EQ(::read(read_end.get(), said.data(), 1), 1) << "the hammer died before its first word";
  // It must not wait for us: the pipe is read while it works.
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(work_ms));
    ::kill(pid, SIGKILL);
  });
  std::array<char, 65536> buffer;
  for (ssize_t got = 0; (got = ::read(read_end.get(), buffer.data(), buffer.size())) > 0;) {
    said.append(buffer.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the hammer ended by itself, status " << status;
  return said;
}

std::vector<PhotoId> list_all(PhotoIndex& index, ListOrder order) {
  std::vector<PhotoId> ids;
  ListQuery query;
  query.by = order;
  query.limit = 1000;
  do {
    const auto page = index.list(kOwner, query);
    EXPECT_TRUE(page);
    if (!page) return ids;
    for (const LightRow& row : page->rows) ids.push_back(row.photo);
    query.cursor = page->next;
  } while (!query.cursor.empty());
  return ids;
}

std::set<PhotoId> marked(const std::function<Result<RefPage>(const std::string&)>& ask) {
  std::set<PhotoId> ids;
  std::string after;
  do {
    const auto page = ask(after);
    EXPECT_TRUE(page);
    if (!page) return ids;
    for (const PhotoRef& ref : page->refs) EXPECT_TRUE(ids.insert(ref.photo).second) << "marked twice";
    after = page->next;
  } while (!after.empty());
  return ids;
}

bool holds(BlobStore& blobs, const BlobKey& key, const Bytes& expected) {
  const auto bytes = read_blob(blobs, key, 1 << 20);
  return bytes && as_text(*bytes) == as_text(expected);
}

void check(EmbeddedStore& store, const Promises& promises) {
  const auto uploaded = list_all(store.index(), ListOrder::kUploaded);
  const auto taken = list_all(store.index(), ListOrder::kTaken);
  const std::set<PhotoId> listed(uploaded.begin(), uploaded.end());
  EXPECT_EQ(listed, std::set<PhotoId>(taken.begin(), taken.end())) << "the two orders differ";
  EXPECT_EQ(uploaded.size(), taken.size());
  const auto incomplete = marked([&](const std::string& after) { return store.index().incomplete(after, 1000); });
  const auto tombstones = marked([&](const std::string& after) { return store.index().tombstones(after, 1000); });

  for (PhotoId photo : promises.created) {
    EXPECT_TRUE(listed.contains(photo) || promises.delete_begun.contains(photo)) << photo.to_string() << " is lost";
  }
  for (PhotoId photo : promises.deleted) {
    EXPECT_FALSE(listed.contains(photo)) << photo.to_string() << " came back";
    EXPECT_EQ(store.index().get(kOwner, photo).error().code, ErrorCode::kNotFound);
  }
  for (PhotoId photo : promises.recorded) EXPECT_TRUE(store.jobs().get(photo)) << photo.to_string();
  for (PhotoId photo : listed) {
    SCOPED_TRACE(photo.to_string());
    EXPECT_TRUE(promises.begun.contains(photo));
    EXPECT_FALSE(tombstones.contains(photo));
    EXPECT_TRUE(holds(store.blobs(), blob_key(kOwner, photo), original_bytes(photo)))
        << "an index row without its blob";
    EXPECT_EQ(*store.index().find_idempotent(kOwner, idempotency_key_of(photo)), photo);
    const auto read = store.index().get(kOwner, photo);
    ASSERT_TRUE(read) << read.error().to_string();
    const auto& variants = read->heavy.manifest.variants;
    EXPECT_TRUE(variants.empty() || std::ssize(variants) == kVariants);
    EXPECT_EQ(read->light.complete, !variants.empty());
    EXPECT_EQ(read->heavy.manifest.revision, variants.empty() ? 0u : 1u);
    EXPECT_EQ(incomplete.contains(photo), variants.empty());
    EXPECT_TRUE(!variants.empty() || !promises.completed.contains(photo)) << "an acknowledged commit is lost";
    for (int v = 0; v < std::ssize(variants); ++v) {
      EXPECT_TRUE(holds(store.blobs(), variant_key(photo, v), variant_bytes(photo, v)));
    }
  }
  for (PhotoId photo : incomplete) EXPECT_TRUE(listed.contains(photo));
}

TEST(StoreCrash, NothingAcknowledgedIsLostAndNothingIsThereByHalf) {
  TemporaryFolder folder;
  const SystemClock clock;
  std::mt19937 random(20);
  Promises promises;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(std::format("round {}", round));
    const int work_ms = std::uniform_int_distribution(0, 250)(random);
    promises.take(hammer_and_kill(folder.path(), round, work_ms));
    auto store = open_store(small_config(folder.path()), clock);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() + "/incoming"));
    check(*store, promises);
    if (HasFailure()) return;
  }
  EXPECT_GT(promises.created.size(), 100u) << "the hammer did too little to prove anything";
  EXPECT_GT(promises.deleted.size(), 10u);
}

}  // namespace
}  // namespace tintype::testing

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--hammer") tintype::testing::hammer(argv[2], std::atoi(argv[3]));
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
