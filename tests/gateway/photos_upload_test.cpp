// POST /v1/photos
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/gateway/upload_fixture.h"

namespace tintype {
namespace {

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
  EXPECT_EQ(stored(upload("x", "?name=C:%5Cpics%5C%C3%A9t%C3%A9.jpg")["photo_id"]).heavy.file_name,
            "\xC3\xA9t\xC3\xA9.jpg");
}

TEST_F(Upload, RefusesBadParametersAndMakesNothing) {
  start();
  for (const std::string query :
       {"?recipe=nosuch", "?recipe=..%2Fweb", "?recipe=%2Fetc%2Fx.toml", "?recipe=web.toml", "?recipe=", "?class=fast",
        "?batch=a%20b", "?name=%FF", "?nonsense=1", "?name=a&name=b"}) {
    expect_problem(post(query, "", "x"), 400, "invalid_argument");
  }
  EXPECT_NE(post("?class=fast", "", "x").body.find("class=fast must be"), std::string::npos);
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
  client.send(
      std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nIdempotency-Key: k-1\r\nContent-Length: "
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

}  // namespace
}  // namespace tintype
