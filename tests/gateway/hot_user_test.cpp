// One user whom everybody looks at: ten thousand requests over a thousand connections, and the store is read
// once.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "tests/gateway/gateway_fixture.h"
#include "tests/gateway/store_decorators.h"

namespace tintype {
namespace {

constexpr std::size_t kConnections = 1000;
constexpr int kRounds = 10;

class CountedIndex final : public AskedIndex {
 public:
  explicit CountedIndex(PhotoIndex& index) : AskedIndex(index, [](const Photo&) { return Status(); }) {}
  Result<Photo> get(const std::string& owner, PhotoId photo) override {
    ++gets;
    return AskedIndex::get(owner, photo);
  }
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    if (owner == "local") ++lists;  // the sweep of results looks, too
    return AskedIndex::list(owner, query);
  }
  std::atomic<int> gets = 0, lists = 0;
};

class CountedBlobs final : public FillingBlobs {
 public:
  explicit CountedBlobs(BlobStore& blobs) : FillingBlobs(blobs, 1 << 30) {}
  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override {
    ++opens;
    return FillingBlobs::open(key);
  }
  std::atomic<int> opens = 0;
};

void allow_descriptors(rlim_t count) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur >= count) return;
  ASSERT_GE(limit.rlim_max, count) << "raise the limit of open files (ulimit -Hn)";
  limit.rlim_cur = count;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

class HotUser : public GatewayTest {};

TEST_F(HotUser, TenThousandReadersCostTheStoreOneRead) {
  ASSERT_NO_FATAL_FAILURE(allow_descriptors(2 * kConnections + 200));
  start();
  const std::string id = upload("original bytes", "", "Content-Type: image/jpeg\r\n")["photo_id"];
  const std::string picture = noise(5000);
  commit_variants(id, {{"256.webp", picture}});
  gateway.reset();

  CountedIndex counted_index(*store.index);
  CountedBlobs counted_blobs(*store.blobs);
  const auto cached_blobs = make_cached(counted_blobs, CachedBlobsConfig{}, metrics);
  const auto cached_index = make_cached(counted_index, CachedIndexConfig{}, metrics);
  blobs = cached_blobs.get();
  index = cached_index.get();
  blobs_at_hand = &cached_blobs->at_hand();
  index_at_hand = &cached_index->at_hand();
  config.max_connections = static_cast<int>(kConnections) + 10;
  config.threads = 16;
  start();

  const std::string list = "/v1/photos?limit=100", detail = "/v1/photos/" + id;
  const std::string targets[] = {list, detail, detail + "/variants/256.webp"};
  std::vector<SocketClient> readers;
  for (std::size_t i = 0; i < kConnections; ++i) readers.emplace_back(port);
  std::size_t right = 0;
  std::string said[std::size(targets)];
  for (int round = 0; round < kRounds; ++round) {
    // All of them ask before any is answered.
    for (std::size_t i = 0; i < kConnections; ++i) {
      ASSERT_TRUE(readers[i].send(to_text({.target = targets[i % std::size(targets)]}, port)));
    }
    for (std::size_t i = 0; i < kConnections; ++i) {
      const auto answer = readers[i].receive();
      ASSERT_TRUE(answer) << "reader " << i << " of round " << round;
      std::string& expected = said[i % std::size(targets)];
      if (expected.empty()) expected = answer->body;
      right += answer->status == 200 && answer->body == expected;
    }
  }
  EXPECT_EQ(right, kConnections * kRounds);
  EXPECT_TRUE(said[0].contains(id));
  EXPECT_TRUE(said[1].contains("256.webp"));
  EXPECT_TRUE(said[2] == picture);
  EXPECT_EQ(counted_index.lists, 1);
  EXPECT_EQ(counted_index.gets, 1);
  EXPECT_EQ(counted_blobs.opens, 1);
  gateway.reset();
}

}  // namespace
}  // namespace tintype
