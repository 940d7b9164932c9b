// POST /v1/photos
#include <gtest/gtest.h>

#include <format>
#include <set>
#include <thread>

#include "core/base/digest.h"
#include "core/base/metric_names.h"
#include "storage_client/failing_store.h"
#include "tests/gateway/gateway_fixture.h"
#include "tests/gateway/store_decorators.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

std::string base64(ByteView bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < have ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= have ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string digest_header(const std::string& bytes) {
  return std::format("Repr-Digest: sha-256=:{}:\r\n", base64(sha256(as_bytes(bytes))));
}

class Upload : public GatewayTest {
 protected:
  // Nothing of an upload is left anywhere.
  void expect_nothing() {
    EXPECT_TRUE(soon([&] { return blob_keys().empty(); }));
    EXPECT_EQ(photos_of(), 0u);
    EXPECT_TRUE(take_jobs().empty());
    EXPECT_TRUE(store.jobs->list({})->records.empty());
  }
  Answer post(const std::string& query, const std::string& headers, const std::string& body) {
    return ask({.method = "POST", .target = "/v1/photos" + query, .headers = headers, .body = body});
  }
};

TEST_F(Upload, IsDurableListedRecordedAndEnqueued) {
  start();
  const std::string bytes = noise(3'000'000);
  const TestJson receipt = upload(bytes, "?name=IMG_1.jpg&recipe=web-webp&class=bulk&batch=b-1",
                                  "Content-Type: image/jpeg\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-"
                                  "b7ad6b7169203331-01\r\n");
  EXPECT_EQ(receipt["bytes"], bytes.size());
  EXPECT_EQ(receipt["sha256"], to_hex(sha256(as_bytes(bytes))));
  EXPECT_EQ(receipt["existed"], false);

  const Photo photo = stored(receipt["photo_id"]);
  EXPECT_EQ(photo.light.bytes, bytes.size());
  EXPECT_FALSE(photo.light.complete);
  EXPECT_EQ(photo.heavy.file_name, "IMG_1.jpg");
  EXPECT_EQ(photo.heavy.content_type, "image/jpeg");
  EXPECT_EQ(photo.heavy.sha256, receipt["sha256"].get<std::string>());
  EXPECT_TRUE(blob_text(photo.heavy.original_key) == bytes);
  EXPECT_EQ(photos_of(), 1u);

  const auto deliveries = take_jobs(JobClass::kBulk);
  ASSERT_EQ(deliveries.size(), 1u);
  const Job& job = deliveries[0]->job().value();
  EXPECT_EQ(job.id.to_string(), receipt["job_id"].get<std::string>());
  EXPECT_EQ(job.photo.to_string(), receipt["photo_id"].get<std::string>());
  EXPECT_EQ(job.owner, "local");
  EXPECT_EQ(job.recipe.name, "web-webp");
  EXPECT_EQ(job.batch, "b-1");
  EXPECT_EQ(job.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(photo.heavy.job.message_id(), job.message_id());

  const JobRecord record = store.jobs->get(job.id).value();
  EXPECT_EQ(record.state, JobState::kQueued);
  EXPECT_EQ(record.bytes_in, bytes.size());
}

TEST_F(Upload, TakesDefaults) {
  start();
  const TestJson receipt = upload("x");
  const Photo photo = stored(receipt["photo_id"]);
  EXPECT_EQ(photo.heavy.job.recipe.name, "web");
  EXPECT_EQ(photo.heavy.job.job_class, JobClass::kUpload);
  EXPECT_EQ(photo.heavy.file_name, "");
  EXPECT_EQ(photo.heavy.job.trace_id.size(), 32u);
}

TEST_F(Upload, OfNoBytesIsTaken) {
  start();
  EXPECT_EQ(post("", "Content-Length: 0\r\n", "").status, 201);
}

TEST_F(Upload, KeepsOwnersApart) {
  start();
  upload("one", "", "Tintype-Owner: ada\r\n");
  upload("two", "", "Tintype-Owner: bob\r\n");
  EXPECT_EQ(photos_of("ada"), 1u);
  EXPECT_EQ(photos_of("bob"), 1u);
  EXPECT_EQ(photos_of("local"), 0u);
}

TEST_F(Upload, KeepsOfTheNameWhatIsAName) {
  start();
  EXPECT_EQ(stored(upload("x", "?name=..%252F..%2Fetc%2Fa%0Ab.jpg")["photo_id"]).heavy.file_name, "a_b.jpg");
  EXPECT_EQ(stored(upload("x", "?name=C:%5Cpics%5C%C3%A9t%C3%A9.jpg")["photo_id"]).heavy.file_name, "\xC3\xA9t\xC3\xA9.jpg");
}

TEST_F(Upload, RefusesBadParametersAndMakesNothing) {
  start();
  for (const std::string query :
       {"?recipe=nosuch", "?recipe=..%2Fweb", "?recipe=%2Fetc%2Fx.toml", "?recipe=web.toml", "?recipe=", "?class=fast", "?batch=a%20b",
        "?name=%FF", "?nonsense=1", "?name=a&name=b"}) {
    expect_problem(post(query, "", "x"), 400, "invalid_argument");
  }
  expect_problem(post("?name=" + std::string(256, 'a'), "", "x"), 400, "invalid_argument");
  for (const std::string header :
       {"Tintype-Owner: ../eve\r\n", "Tintype-Owner: \r\n", "Idempotency-Key: \r\n", "Idempotency-Key: a b\r\n",
        "Repr-Digest: sha-256=abc\r\n", "Repr-Digest: sha-256=:YWJj:\r\n", "Repr-Digest: sha-256\r\n"}) {
    expect_problem(post("", header, "x"), 400, "invalid_argument");
  }
  expect_problem(post("", "Idempotency-Key: " + std::string(256, 'k') + "\r\n", "x"), 400, "invalid_argument");
  expect_nothing();
}

TEST_F(Upload, HonoursTheDigest) {
  start();
  const std::string bytes = noise(400'000);
  upload(bytes, "", digest_header(bytes));
  upload(bytes, "", "Repr-Digest: md5=:AAAA:\r\n");  // one we do not compute
  upload(bytes, "", "Repr-Digest: md5=:AAAA:, " + digest_header(bytes).substr(13));
}

TEST_F(Upload, RefusesBytesThatAreNotWhatTheDigestSays) {
  start();
  const Answer answer = post("", digest_header("other"), noise(400'000));
  expect_problem(answer, 422, "invalid_argument");
  EXPECT_TRUE(answer.body.contains("\"retryable\":true"));
  expect_nothing();
}

TEST_F(Upload, OfTheSameKeyIsTheSamePhoto) {
  start();
  const std::string key = "Idempotency-Key: k-1\r\n";
  const TestJson first = upload("abc", "", key);
  const Answer again = post("", key, "abc");
  EXPECT_EQ(again.status, 200);
  const TestJson receipt = TestJson::parse(again.body);
  EXPECT_EQ(receipt["existed"], true);
  for (const char* field : {"photo_id", "job_id", "bytes", "sha256"}) EXPECT_EQ(receipt[field], first[field]) << field;
  EXPECT_EQ(blob_keys().size(), 1u);
  EXPECT_EQ(take_jobs().size(), 1u);
  // Another owner's key is another key.
  upload("abc", "", key + "Tintype-Owner: ada\r\n");
}

TEST_F(Upload, OfAKnownKeyIsAnsweredBeforeTheBodyIsRead) {
  start();
  upload("abc", "", "Idempotency-Key: k-1\r\n");
  SocketClient client(port);
  client.send(std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nIdempotency-Key: k-1\r\nContent-Length: "
                          "100000000\r\n\r\n",
                          port));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_F(Upload, OfAKnownKeyWithOtherBytesIsAConflict) {
  start();
  upload("abc", "", "Idempotency-Key: k-1\r\n");
  const Answer answer = post("", "Idempotency-Key: k-1\r\n" + digest_header("abd"), "abd");
  expect_problem(answer, 409, "conflict");
  EXPECT_TRUE(answer.body.contains("\"retryable\":false"));
}

TEST_F(Upload, TheKeyOfADeletedPhotoIsFree) {
  start();
  const TestJson first = upload("abc", "", "Idempotency-Key: k-1\r\n");
  EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/photos/" + first["photo_id"].get<std::string>()}).status, 204);
  EXPECT_NE(upload("abc", "", "Idempotency-Key: k-1\r\n")["photo_id"], first["photo_id"]);
}

TEST_F(Upload, ManyAtOnceOfOneKeyMakeOnePhoto) {
  config.threads = 4;
  start();
  const std::string bytes = noise(200'000);
  std::vector<Answer> answers(12);
  {
    std::vector<std::jthread> clients;
    for (Answer& answer : answers) {
      clients.emplace_back([&] { answer = post("", "Idempotency-Key: k-1\r\n", bytes); });
    }
  }
  std::set<std::string> ids;
  int created = 0;
  for (const Answer& answer : answers) {
    EXPECT_TRUE(answer.status == 200 || answer.status == 201) << answer.body;
    created += answer.status == 201;
    ids.insert(TestJson::parse(answer.body)["photo_id"]);
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(photos_of(), 1u);
  EXPECT_EQ(blob_keys().size(), 1u);
  EXPECT_EQ(take_jobs().size(), 1u);
}

TEST_F(Upload, IsTakenWhenTheQueueIsFullOrDown) {
  for (const ErrorCode code : {ErrorCode::kQueueFull, ErrorCode::kUnavailable}) {
    gateway.reset();
    MoodyQueue moody(*memory_queue, [&] { return fail(code, "not now"); });
    queue = &moody;
    start();
    const double before = metrics.counter(metric::kQueuePublishFailures).value();
    const TestJson receipt = upload("abc");
    EXPECT_EQ(metrics.counter(metric::kQueuePublishFailures).value(), before + 1);
    EXPECT_EQ(get("/v1/photos/" + receipt["photo_id"].get<std::string>()).status, 200);
    gateway.reset();
  }
  // What the sweeper goes by.
  EXPECT_EQ(store.index->incomplete("", 10)->refs.size(), 2u);
}

TEST_F(Upload, IsTakenWhenTheJobRecordCannotBeKept) {
  const auto failing = make_failing(*store.jobs, [](std::string_view) { return InjectedFault::kBefore; });
  jobs = failing.get();
  start();
  upload("abc");
  EXPECT_EQ(take_jobs().size(), 1u);
  gateway.reset();
}

TEST_F(Upload, SaysWhenTheDiskIsFull) {
  FillingBlobs filling(*store.blobs, 1'000'000);
  blobs = &filling;
  start();
  expect_problem(post("", "", noise(1'000'001)), 507, "storage_full");  // known before the first byte
  SocketClient client(port);  // known at the millionth
  client.send(std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nTransfer-Encoding: chunked\r\n\r\n", port));
  for (int i = 0; i < 20 && client.send("186a0\r\n" + noise(100'000) + "\r\n"); ++i) {
  }
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  expect_problem(*answer, 507, "storage_full");
  expect_nothing();
  gateway.reset();
}

TEST_F(Upload, OverTheLimitIsRefusedUnread) {
  config.max_upload_bytes = 1'000'000;
  start();
  SocketClient client(port);
  client.send(std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 1000001\r\n\r\n", port));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  expect_problem(*answer, 413, "image_too_large");
  expect_nothing();
}

TEST_F(Upload, TakesAnotherIdWhenItsOwnIsTaken) {
  std::vector<PhotoId> refused;
  AskedIndex asked(*store.index, [&](const Photo& photo) -> Status {
    if (refused.size() == 2) return {};
    refused.push_back(photo.light.photo);
    return fail(ErrorCode::kAlreadyExists, "taken");
  });
  index = &asked;
  start();
  const std::string bytes = noise(600'000);
  const TestJson receipt = upload(bytes, "", digest_header(bytes));
  ASSERT_EQ(refused.size(), 2u);
  const Photo photo = stored(receipt["photo_id"]);
  EXPECT_NE(photo.light.photo, refused[0]);
  EXPECT_NE(photo.light.photo, refused[1]);
  EXPECT_EQ(photo.heavy.job.photo, photo.light.photo);
  EXPECT_EQ(blob_keys(), std::vector{photo.heavy.original_key});
  EXPECT_TRUE(blob_text(photo.heavy.original_key) == bytes);
  gateway.reset();
}

TEST_F(Upload, WhoseFateIsUnknownKeepsItsBlobAndCanBeRepeated) {
  std::atomic<bool> faulty = true;
  const auto failing = make_failing(*store.index, [&](std::string_view method) {
    return method == "create" && faulty.exchange(false) ? InjectedFault::kAfter : InjectedFault::kNone;
  });
  index = failing.get();
  start();
  expect_problem(post("", "Idempotency-Key: k-1\r\n", "abc"), 503, "unavailable");
  const Answer again = post("", "Idempotency-Key: k-1\r\n", "abc");
  EXPECT_EQ(again.status, 200);
  const std::string id = TestJson::parse(again.body)["photo_id"];
  EXPECT_EQ(get("/v1/photos/" + id + "/original").body, "abc");
  gateway.reset();
}

TEST_F(Upload, FailsWholeWhenTheBlobCannotBeMadeDurable) {
  const auto failing = make_failing(*store.blobs, [](std::string_view method) {
    return method == "commit" ? InjectedFault::kBefore : InjectedFault::kNone;
  });
  blobs = failing.get();
  start();
  expect_problem(post("", "", "abc"), 503, "unavailable");
  expect_nothing();
  gateway.reset();
}

// At every byte: politely, or with a reset.
TEST_F(Upload, CutAnywhereLeavesNothing) {
  start();
  const std::string text = to_text({.method = "POST", .target = "/v1/photos", .headers = "", .body = noise(700)}, port);
  for (std::size_t at = 0; at < text.size(); ++at) {
    SocketClient client(port);
    ASSERT_TRUE(client.send(std::string_view(text).substr(0, at)));
    if (at % 2) client.reset();
  }
  const std::string large = to_text({.method = "POST", .target = "/v1/photos", .headers = "", .body = noise(900'000)}, port);
  for (std::size_t at = 100'000; at < large.size(); at += 50'000) {
    SocketClient client(port);
    client.send(std::string_view(large).substr(0, at));
    if (at % 100'000) client.reset();
  }
  const std::string chunked = std::format(
      "POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n", port);
  for (std::size_t at = 0; at < chunked.size(); ++at) {
    SocketClient client(port);
    client.send(std::string_view(chunked).substr(0, at));
  }
  std::this_thread::sleep_for(100ms);
  gateway.reset();
  expect_nothing();
}

TEST_F(Upload, ThatIsTooSlowLeavesNothing) {
  config.idle_timeout = 200ms;
  start();
  SocketClient client(port);
  client.send(std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 1000\r\n\r\nabc", port));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  expect_problem(*answer, 408, "timed_out");
  expect_nothing();
}

}  // namespace
}  // namespace tintype
