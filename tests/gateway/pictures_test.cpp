// Pictures by Accept and width, what stands in for them, what caches may keep, and signed URLs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <format>
#include <thread>

#include "gateway/access/access_file.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "storage_client/failing_store.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

constexpr const char* kBrowser = "Accept: image/avif,image/webp,image/*,*/*;q=0.8\r\n";

class Pictures : public GatewayTest {
 protected:
  Pictures() {
    std::string name = (std::filesystem::temp_directory_path() / "tintype-pictures-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    config.access_folder = folder_ + "/access";
  }
  ~Pictures() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string upload_id(const std::string& bytes = "original bytes") {
    return upload(bytes, "", "Content-Type: image/jpeg\r\n")["photo_id"];
  }
  void commit(const std::string& id) {
    commit_variants(id, {{"1024.avif", "avif bytes"}, {"1024.webp", "webp bytes"}});
  }
  std::string signed_url(const std::string& query = "?urls=1024.webp") {
    return get_json("/v1/photos" + query)["photos"][0]["url"];
  }
  AccessFile file() const { return AccessFile(config.access_folder); }

 private:
  std::string folder_;
};

TEST_F(Pictures, AreChosenByAcceptAndSaySo) {
  start();
  const std::string id = upload_id();
  const std::string path = "/v1/photos/" + id + "/picture";
  commit(id);
  const Answer avif = get(path + "?w=500", kBrowser);
  EXPECT_EQ(avif.body, "avif bytes");
  EXPECT_EQ(avif.header("content-type"), "image/avif");
  EXPECT_TRUE(avif.header("vary").contains("Accept"));
  EXPECT_EQ(avif.header("cache-control"), "private, no-cache");
  EXPECT_EQ(get(path, "Accept: image/webp\r\n").body, "webp bytes");
  EXPECT_EQ(get(path).body, "webp bytes");
  EXPECT_EQ(get(path, "Accept: image/jpeg\r\n").body, "original bytes");
  expect_problem(get(path, "Accept: image/png\r\n"), 406, "unsupported");
  expect_problem(get(path + "?w=0"), 400, "invalid_argument");
  EXPECT_EQ(get(path, kBrowser + std::format("If-None-Match: {}\r\n", avif.header("etag"))).status, 304);
  const Answer other = get(path, std::format("Accept: image/webp\r\nIf-None-Match: {}\r\n", avif.header("etag")));
  EXPECT_EQ(other.status, 200) << "another choice has another ETag";
  EXPECT_EQ(get(path, kBrowser + std::string("Range: bytes=0-3\r\n")).body, "avif");
}

TEST_F(Pictures, TheOriginalStandsInUntilThereIsOne) {
  start();
  const std::string id = upload_id();
  const std::string path = "/v1/photos/" + id;
  const Answer early = get(path + "/picture?w=500", kBrowser);
  EXPECT_EQ(early.status, 200);
  EXPECT_EQ(early.body, "original bytes");
  EXPECT_EQ(early.header("content-type"), "image/jpeg");
  EXPECT_EQ(early.header("cache-control"), "private, no-cache");
  // By name only where it is asked for.
  expect_problem(get(path + "/variants/1024.webp", kBrowser), 404, "not_found");
  EXPECT_EQ(get(path + "/variants/1024.webp?or=nearest", kBrowser).body, "original bytes");
  expect_problem(get(path + "/variants/999.webp?or=nearest", kBrowser), 404, "not_found");
  expect_problem(get(path + "/variants/1024.webp?or=x"), 400, "invalid_argument");
  commit(id);
  EXPECT_EQ(get(path + "/picture?w=500", kBrowser).body, "avif bytes");
  EXPECT_EQ(get(path + "/variants/1024.webp?or=nearest", kBrowser).body, "webp bytes");
  EXPECT_EQ(get(path + "/variants/256.webp?or=nearest", kBrowser).body, "avif bytes") << "the nearest rung";
}

TEST_F(Pictures, AreImmutableUnderTheirRevision) {
  start();
  const std::string id = upload_id();
  const std::string path = "/v1/photos/" + id;
  const std::string kForEver = "private, max-age=31536000, immutable";
  EXPECT_EQ(get(path + "/original?v=0").header("cache-control"), "private, no-cache") << "not yet probed";
  commit(id);
  for (const std::string below : {"/variants/1024.webp", "/picture", "/original"}) {
    EXPECT_EQ(get(path + below + "?v=1").header("cache-control"), kForEver) << below;
    EXPECT_EQ(get(path + below + "?v=0").header("cache-control"), "private, no-cache") << below;
    EXPECT_EQ(get(path + below).header("cache-control"), "private, no-cache") << below;
  }
  EXPECT_EQ(get_json(path)["revision"], 1);
  // A job that runs again may make other bytes: from its start on nothing is for ever.
  Job job = stored(id).heavy.job;
  ++job.generation;
  ASSERT_TRUE(store.index->set_job("local", SortableId::parse(id).value(), job));
  EXPECT_EQ(get(path + "/variants/1024.webp?v=1").header("cache-control"), "private, no-cache");
}

TEST_F(Pictures, SignedUrlsNeedNoHeader) {
  start();
  const std::string id = upload_id();
  commit(id);
  config.require_tokens = true;
  const std::string url = signed_url();
  EXPECT_TRUE(url.starts_with("/s/"));
  const Answer answer = get(url, "Origin: https://app.example\r\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, "webp bytes");
  EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
  const std::string cache_control = answer.header("cache-control");
  EXPECT_TRUE(cache_control.starts_with("public, max-age=")) << cache_control;
  EXPECT_TRUE(cache_control.ends_with("immutable")) << cache_control;
  EXPECT_EQ(answer.header("vary"), "");
  EXPECT_EQ(get(url, "If-None-Match: " + answer.header("etag") + "\r\n").status, 304);
  EXPECT_EQ(get(url, "Range: bytes=0-3\r\n").body, "webp");
  EXPECT_EQ(signed_url(), url) << "asked twice, the URL is the same, for caches' sake";
  const std::string of_detail = get_json("/v1/photos/" + id + "?urls=1024.webp")["url"];
  EXPECT_EQ(of_detail, url);

  const Answer wide = get(signed_url("?urls=w500"), kBrowser);
  EXPECT_EQ(wide.body, "avif bytes");
  EXPECT_EQ(wide.header("vary"), "Accept");
  EXPECT_EQ(get(signed_url("?urls=original")).body, "original bytes");
}

TEST_F(Pictures, SignedUrlsShowWhatThereIs) {
  start();
  const std::string id = upload_id();
  const std::string early_url = signed_url();
  const Answer early = get(early_url, kBrowser);
  EXPECT_EQ(early.body, "original bytes");
  EXPECT_EQ(early.header("cache-control"), "public, no-cache");
  commit(id);
  EXPECT_EQ(get(early_url, kBrowser).body, "webp bytes");
  EXPECT_EQ(get(early_url, kBrowser).header("cache-control"), "public, no-cache") << "of an older revision";
  EXPECT_NE(signed_url(), early_url);
  EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/photos/" + id}).status, 204);
  expect_problem(get(early_url), 404, "not_found");
}

TEST_F(Pictures, SignedUrlsOfOthersCannotBeMade) {
  start();
  const std::string mine = upload_id();
  const std::string theirs = upload("secret", "", "Tintype-Owner: eve\r\n")["photo_id"];
  const std::string url = signed_url();
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{mine, theirs}, {"/local/", "/eve/"}, {"1024.webp", "original"}}) {
    std::string forged = url;
    forged.replace(forged.find(from), from.size(), to);
    expect_problem(get(forged), 403, "denied");
  }
  std::string later = url;
  const std::size_t at = later.find("/k1/") + 4;
  later[at] = static_cast<char>(later[at] + 1);
  expect_problem(get(later), 403, "denied");
  expect_problem(get("/s/x/k1/99999999999/local/" + mine + "/0/original"), 403, "denied");
}

TEST_F(Pictures, SignedUrlsEndWithTheirKey) {
  start();
  upload_id();
  const std::string url = signed_url();
  ASSERT_TRUE(file().change(0, [](AccessBook& book) -> Status {
    book.keys.push_back(make_signing_key(book, 0));
    return {};
  }));
  EXPECT_EQ(get(url).status, 200);
  const std::string next = signed_url();
  EXPECT_TRUE(next.contains("/k2/"));
  ASSERT_TRUE(file().change(0, [](AccessBook& book) -> Status {
    book.keys.erase(book.keys.begin());
    return {};
  }));
  expect_problem(get(url), 403, "denied");
  EXPECT_EQ(get(next).status, 200);
}

TEST_F(Pictures, BadWishesForUrlsAreRefused) {
  start();
  for (const char* query :
       {"?urls=", "?urls=a/b", "?urls=..", "?urls=a%20b", "?urls=x&ttl=59", "?urls=x&ttl=2592001", "?urls=x&ttl=1h"}) {
    expect_problem(get(std::string("/v1/photos") + query), 400, "invalid_argument");
  }
}

// The gateway over the farm's caches, with the store behind them counted.
class CachedPictures : public Pictures {
 protected:
  CachedPictures() {
    blobs = cached_blobs_.get();
    index = cached_index_.get();
    blobs_at_hand = &cached_blobs_->at_hand();
    index_at_hand = &cached_index_->at_hand();
  }
  ~CachedPictures() override { gateway.reset(); }

  std::atomic<int> reads = 0;

 private:
  FaultPlan count() {
    return [this](std::string_view method) {
      // Not lists: the gateway's own housekeeping makes some at its start.
      if (method == "get" || method == "open") ++reads;
      return InjectedFault::kNone;
    };
  }
  std::unique_ptr<BlobStore> counted_blobs_ = make_failing(*store.blobs, count());
  std::unique_ptr<PhotoIndex> counted_index_ = make_failing(*store.index, count());
  std::unique_ptr<CachedBlobs> cached_blobs_ = make_cached(*counted_blobs_, CachedBlobsConfig{}, metrics);
  std::unique_ptr<CachedIndex> cached_index_ = make_cached(*counted_index_, CachedIndexConfig{}, metrics);
};

TEST_F(CachedPictures, TenThousandReadersCostTheStoreOneRead) {
  start();
  commit(upload_id());
  const std::string url = signed_url();
  reads = 0;
  std::vector<std::jthread> readers;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    readers.emplace_back([&] {
      SocketClient client(port);
      for (int i = 0; i < 1250; ++i) {
        client.send(to_text({.method = "GET", .target = url}, port));
        const auto answer = client.receive();
        wrong += !answer || answer->status != 200 || answer->body != "webp bytes";
      }
    });
  }
  readers.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(reads, 1) << "the photo; its picture was kept when it was written";
}

TEST_F(CachedPictures, FromMemoryTheyAreWhatTheyAreFromTheStore) {
  config.require_tokens = false;
  start();
  const std::string id = upload_id();
  commit(id);
  const std::string path = "/v1/photos/" + id;
  for (const std::string& target :
       {path + "/picture?w=300", path + "/variants/1024.webp?v=1", signed_url(), signed_url("?urls=w300")}) {
    for (const std::string headers :
         {"", "Range: bytes=1-3\r\n", "If-None-Match: *\r\n", "Range: bytes=99-\r\n", "Accept: image/png\r\n"}) {
      Answer cold, warm;
      for (Answer* answer : {&cold, &warm}) {
        *answer = get(target, headers);
        answer->headers.erase("date");
      }
      EXPECT_EQ(cold.status, warm.status) << target << headers;
      EXPECT_EQ(cold.headers, warm.headers) << target << headers;
      EXPECT_EQ(cold.body, warm.body) << target << headers;
    }
  }
  expect_problem(get(path + "/picture?x=1"), 400, "invalid_argument");
  expect_problem(get(path + "/picture", "Tintype-Owner: eve\r\n"), 404, "not_found");
  expect_problem(get(path + "/picture", "Authorization: Bearer x\r\n"), 401, "denied");
  expect_problem(get(path + "/picture", "Origin: https://evil.example\r\n"), 403, "denied");
  EXPECT_EQ(ask({.method = "DELETE", .target = path}).status, 204);
  expect_problem(get(path + "/picture"), 404, "not_found");
}

TEST_F(CachedPictures, AreCountedAgainstLimitsAndInMetrics) {
  start();
  const std::string id = upload_id();
  commit(id);
  std::string token;
  ASSERT_TRUE(file().change(clock.now_ms(), [&](AccessBook& book) -> Status {
    TokenRecord record;
    record.token = {SortableId::make(1).to_string(), "local", parse_scopes("read").value(), clock.now_ms() + 60'000};
    record.limits.requests_a_second = 2;
    book.tokens.push_back(record);
    token =
        "Authorization: Bearer " + token_text(record.token, book.newest_key().id, book.newest_key().secret) + "\r\n";
    return {};
  }));
  int refused = 0;
  for (int i = 0; i < 12; ++i) refused += get("/v1/photos/" + id + "/picture", token).status == 429;
  EXPECT_GE(refused, 6);
  EXPECT_LE(refused, 8);
  EXPECT_TRUE(soon([&] {
    return get("/metrics")
        .body.contains("tintype_http_requests_total{route=\"/v1/photos/{id}/picture\",status=\"429\"}");
  }));
}

TEST(PicturesWithoutKeys, AreNotSigned) {
  // No access folder: no key to sign with.
  class Keyless : public GatewayTest {
    void TestBody() override {}

   public:
    using GatewayTest::get;
    using GatewayTest::start;
  } keyless;
  keyless.start();
  expect_problem(keyless.get("/v1/photos?urls=256.webp"), 503, "unavailable");
  expect_problem(keyless.get("/s/x/k1/99999999999/local/0000000000000/0/original"), 403, "denied");
}

}  // namespace
}  // namespace tintype
