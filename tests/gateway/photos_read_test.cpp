// GET /v1/photos and below, DELETE
#include <gtest/gtest.h>

#include <format>

#include "core/base/digest.h"
#include "core/base/time_text.h"
#include "storage_client/failing_store.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

class Photos : public GatewayTest {
 protected:
  // A photo uploaded at this time.
  std::string put_photo(UnixMs at_ms, UnixMs taken_at_ms) {
    Photo photo;
    photo.light.photo = SortableId::make(at_ms);
    photo.light.taken_at_ms = taken_at_ms;
    photo.light.bytes = 1;
    photo.heavy.sha256 = std::string(64, '0');
    photo.heavy.original_key = BlobKey{"local", photo.light.photo, 0, "original"}.to_string();
    photo.heavy.job.id = SortableId::make(at_ms);
    photo.heavy.job.owner = "local";
    photo.heavy.job.photo = photo.light.photo;
    photo.heavy.job.recipe = builtin_recipes()[0];
    const auto created = store.index->create("local", photo);
    EXPECT_TRUE(created) << created.error().message;
    return photo.light.photo.to_string();
  }
  std::vector<std::string> ids(const std::string& query) {
    std::vector<std::string> out;
    const TestJson page = get_json("/v1/photos" + query);
    for (const auto& photo : page["photos"]) out.push_back(photo["id"]);
    return out;
  }
  std::string upload_id(const std::string& bytes, const std::string& query = "") {
    return upload(bytes, query)["photo_id"];
  }
  Answer remove(const std::string& id, const std::string& headers = "") {
    return ask({.method = "DELETE", .target = "/v1/photos/" + id, .headers = headers, .body = ""});
  }
};

using Ids = std::vector<std::string>;

TEST_F(Photos, AreListedNewestFirstByEitherTime) {
  start();
  const std::string a = put_photo(parse_time("2026-01-01").value(), parse_time("2020-03-01").value());
  const std::string b = put_photo(parse_time("2026-01-02").value(), parse_time("2020-01-01").value());
  const std::string c = put_photo(parse_time("2026-01-03").value(), parse_time("2020-02-01").value());
  EXPECT_EQ(ids(""), (Ids{c, b, a}));
  EXPECT_EQ(ids("?by=uploaded"), (Ids{c, b, a}));
  EXPECT_EQ(ids("?by=taken"), (Ids{a, c, b}));
  EXPECT_EQ(ids("?from=2026-01-02&to=2026-01-03"), (Ids{b}));
  EXPECT_EQ(ids("?from=2026-01-02T01:00:00%2B01:00"), (Ids{c, b}));
  EXPECT_EQ(ids("?by=taken&to=2020-03-01"), (Ids{c, b}));
  EXPECT_EQ(ids(std::format("?from={}", parse_time("2026-01-03").value())), (Ids{c}));
}

TEST_F(Photos, ArePaged) {
  start();
  Ids all;
  for (int i = 0; i < 7; ++i) all.insert(all.begin(), put_photo(1'700'000'000'000 + i, 1));
  Ids seen;
  std::string cursor;
  int pages = 0;
  do {
    const TestJson page = get_json("/v1/photos?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& photo : page["photos"]) seen.push_back(photo["id"]);
    cursor = page["next"];
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(seen, all);
  EXPECT_EQ(pages, 3);
}

TEST_F(Photos, RefuseBadQueries) {
  start();
  for (const char* query : {"?limit=0", "?limit=1001", "?limit=x", "?limit=-1", "?limit=", "?by=size",
                            "?from=yesterday", "?to=", "?cursor=nonsense", "?form=2026"}) {
    expect_problem(get(std::string("/v1/photos") + query), 400, "invalid_argument");
  }
}

TEST_F(Photos, AreShownWhole) {
  start();
  const std::string id = upload_id("abc", "?name=a.jpg");
  TestJson photo = get_json("/v1/photos/" + id);
  EXPECT_EQ(photo["id"], id);
  EXPECT_EQ(photo["file_name"], "a.jpg");
  EXPECT_EQ(photo["bytes"], 3);
  EXPECT_EQ(photo["complete"], false);
  EXPECT_EQ(photo["format"], "");
  EXPECT_TRUE(photo["manifest"]["variants"].empty());

  commit_variants(id, {{"1024.avif", "avif bytes"}, {"1024.webp", "webp bytes"}});
  photo = get_json("/v1/photos/" + id);
  EXPECT_EQ(photo["complete"], true);
  EXPECT_EQ(photo["failed"], false);
  EXPECT_EQ(photo["format"], "jpeg");
  EXPECT_EQ(photo["width"], 4000);
  EXPECT_EQ(photo["taken_at"], "2001-09-09T01:46:40.000Z");
  EXPECT_EQ(photo["sha256"], to_hex(sha256(as_bytes("abc"))));
  EXPECT_EQ(photo["manifest"]["recipe"], "web");
  EXPECT_EQ(photo["manifest"]["warnings"], TestJson({"a warning"}));
  EXPECT_EQ(photo["manifest"]["source"]["width"], 4000);
  const TestJson& variant = photo["manifest"]["variants"][0];
  EXPECT_EQ(variant["name"], "1024.avif");
  EXPECT_EQ(variant["format"], "avif");
  EXPECT_EQ(variant["bytes"], 10);
  EXPECT_EQ(variant["encoder"], "test");
  // Where a blob lies is nobody's business.
  EXPECT_FALSE(photo.dump().contains("blob_key"));
  EXPECT_FALSE(photo.dump().contains("original"));
}

TEST_F(Photos, ThatAreNotThereAreNotFound) {
  start();
  for (const std::string path : {"", "/original", "/variants/1024.webp"}) {
    expect_problem(get("/v1/photos/0000000000000" + path), 404, "not_found");
    expect_problem(get("/v1/photos/nonsense" + path), 404, "not_found");
  }
  expect_problem(remove("0000000000000"), 404, "not_found");
}

TEST_F(Photos, OfOthersAreNotFound) {
  start();
  const std::string id = upload_id("abc");
  commit_variants(id, {{"1024.webp", "webp"}});
  const std::string eve = "Tintype-Owner: eve\r\n";
  for (const std::string path : {"", "/original", "/variants/1024.webp"}) {
    expect_problem(get("/v1/photos/" + id + path, eve), 404, "not_found");
  }
  expect_problem(remove(id, eve), 404, "not_found");
  EXPECT_EQ(get("/v1/photos/" + id + "/original").body, "abc");
}

TEST_F(Photos, OriginalsComeByteForByte) {
  start();
  const std::string bytes = noise(1'500'000);
  const std::string id = upload_id(bytes, "?name=%C3%A9%22%0d%0aX:y.jpg");
  const Answer answer = get("/v1/photos/" + id + "/original");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body == bytes);
  EXPECT_EQ(answer.header("content-type"), "application/octet-stream");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("accept-ranges"), "bytes");
  EXPECT_EQ(answer.header("etag"), "\"" + to_hex(sha256(as_bytes(bytes))) + "\"");
  EXPECT_EQ(answer.header("content-disposition"), "inline; filename*=UTF-8''%C3%A9%22__X%3Ay.jpg");
  EXPECT_EQ(answer.header("x"), "");

  commit_variants(id, {});
  EXPECT_EQ(get("/v1/photos/" + id + "/original").header("content-type"), "image/jpeg");
}

TEST_F(Photos, PartsOfOriginalsCome) {
  start();
  for (const std::size_t size : {1000uz, 900'000uz}) {  // at once, and in pieces
    const std::string bytes = noise(size);
    const std::string path = "/v1/photos/" + upload_id(bytes) + "/original";
    const auto part = [&](const std::string& range) { return get(path, "Range: " + range + "\r\n"); };

    Answer answer = part("bytes=10-509");
    EXPECT_EQ(answer.status, 206);
    EXPECT_TRUE(answer.body == bytes.substr(10, 500));
    EXPECT_EQ(answer.header("content-range"), std::format("bytes 10-509/{}", size));
    answer = part("bytes=-100");
    EXPECT_EQ(answer.status, 206);
    EXPECT_TRUE(answer.body == bytes.substr(size - 100));
    answer = part("bytes=3-");
    EXPECT_EQ(answer.status, 206);
    EXPECT_TRUE(answer.body == bytes.substr(3));
    answer = part(std::format("bytes={}-", size));
    expect_problem(answer, 416, "invalid_argument");
    EXPECT_EQ(answer.header("content-range"), std::format("bytes */{}", size));
    answer = part("bytes=0-1,5-6");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body == bytes);
    answer = part("nonsense");
    EXPECT_EQ(answer.status, 200);
  }
}

TEST_F(Photos, OriginalsAreConditional) {
  start();
  const std::string path = "/v1/photos/" + upload_id("0123456789") + "/original";
  const std::string etag = get(path).header("etag");
  Answer answer = get(path, "If-None-Match: \"x\", " + etag + "\r\n");
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.header("etag"), etag);
  EXPECT_EQ(get(path, "If-None-Match: \"x\"\r\n").status, 200);
  EXPECT_EQ(get(path, "Range: bytes=0-1\r\nIf-Range: " + etag + "\r\n").status, 206);
  EXPECT_EQ(get(path, "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n").status, 200);
}

TEST_F(Photos, HeadsComeWithoutBodies) {
  start();
  for (const std::size_t size : {1000uz, 900'000uz}) {
    const std::string path = "/v1/photos/" + upload_id(noise(size)) + "/original";
    SocketClient client(port);
    client.send(to_text({.method = "HEAD", .target = path}, port));
    const auto answer = client.receive(true);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("content-length"), std::to_string(size));
    client.send(to_text({.method = "HEAD", .target = path, .headers = "Range: bytes=0-9\r\n", .body = ""}, port));
    const auto whole = client.receive(true);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->status, 200);
    EXPECT_EQ(whole->header("content-length"), std::to_string(size));
  }
}

TEST_F(Photos, VariantsCome) {
  start();
  const std::string id = upload_id("abc");
  const std::string large = noise(700'000);
  commit_variants(id, {{"1024.avif", "avif bytes"}, {"2048.webp", large}});
  Answer answer = get("/v1/photos/" + id + "/variants/1024.avif");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "avif bytes");
  EXPECT_EQ(answer.header("content-type"), "image/avif");
  EXPECT_EQ(answer.header("etag"), "\"" + to_hex(sha256(as_bytes("avif bytes"))) + "\"");
  EXPECT_EQ(get("/v1/photos/" + id + "/variants/1024.avif", "If-None-Match: " + answer.header("etag") + "\r\n").status,
            304);
  answer = get("/v1/photos/" + id + "/variants/2048.webp");
  EXPECT_TRUE(answer.body == large);
  EXPECT_EQ(answer.header("content-type"), "image/webp");
  EXPECT_EQ(get("/v1/photos/" + id + "/variants/2048.webp", "Range: bytes=1-2\r\n").body, large.substr(1, 2));
}

TEST_F(Photos, VariantsThatAreStillComingSaySo) {
  start();
  const TestJson receipt = upload("abc");
  const std::string id = receipt["photo_id"];
  const auto problem = [&](const std::string& name) {
    const Answer answer = get("/v1/photos/" + id + "/variants/" + name);
    expect_problem(answer, 404, "not_found");
    return TestJson::parse(answer.body);
  };
  EXPECT_EQ(problem("1024.avif")["retryable"], true);
  EXPECT_EQ(problem("1024.avif")["job_id"], receipt["job_id"]);
  EXPECT_EQ(problem("1000.avif")["retryable"], false);  // no rung of its recipe
  ASSERT_TRUE(store.index->set_failed("local", SortableId::parse(id).value()));
  EXPECT_EQ(problem("1024.avif")["retryable"], false);
}

TEST_F(Photos, WhoseBytesCannotBeReadAreCutNotShortened) {
  std::atomic<bool> faulty = false;
  const auto failing = make_failing(*store.blobs, [&](std::string_view method) {
    return faulty && method == "read" ? InjectedFault::kBefore : InjectedFault::kNone;
  });
  blobs = failing.get();
  start();
  const std::string small = upload_id(noise(1000));
  const std::string large = upload_id(noise(900'000));
  faulty = true;
  expect_problem(get("/v1/photos/" + small + "/original"), 503, "unavailable");
  SocketClient client(port);
  client.send(to_text({.target = "/v1/photos/" + large + "/original"}, port));
  EXPECT_FALSE(client.receive());
  gateway.reset();
}

TEST_F(Photos, ThatAreDeletedAreGoneFromEverything) {
  start();
  const TestJson receipt = upload("abc");
  const std::string id = receipt["photo_id"];
  commit_variants(id, {{"1024.webp", "webp"}});
  EXPECT_EQ(remove(id).status, 204);
  for (const std::string path : {"", "/original", "/variants/1024.webp"}) {
    expect_problem(get("/v1/photos/" + id + path), 404, "not_found");
  }
  EXPECT_TRUE(ids("").empty());
  EXPECT_TRUE(blob_keys().empty());
  expect_problem(get("/v1/jobs/" + receipt["job_id"].get<std::string>()), 404, "not_found");
  expect_problem(remove(id), 404, "not_found");
}

TEST_F(Photos, AreGoneEvenWhenTheirBlobsCannotBeRemovedYet) {
  const auto failing = make_failing(*store.blobs, [](std::string_view method) {
    return method == "remove_photo" ? InjectedFault::kBefore : InjectedFault::kNone;
  });
  blobs = failing.get();
  start();
  const std::string id = upload_id("abc");
  EXPECT_EQ(remove(id).status, 204);
  expect_problem(get("/v1/photos/" + id), 404, "not_found");
  const RefPage tombstones = store.index->tombstones("", 10).value();  // what the sweeper goes by
  ASSERT_EQ(tombstones.refs.size(), 1u);
  EXPECT_EQ(tombstones.refs[0].photo.to_string(), id);
  EXPECT_NE(tombstones.refs[0].job, JobId{});
  gateway.reset();
}

}  // namespace
}  // namespace tintype
