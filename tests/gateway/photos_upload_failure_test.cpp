// POST /v1/photos when something goes wrong: nothing is lost that was answered, nothing is left of what was not.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/base/metric_names.h"
#include "storage_client/failing_store.h"
#include "tests/gateway/store_decorators.h"
#include "tests/gateway/upload_fixture.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

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
  SocketClient client(port);                                            // known at the millionth
  client.send(
      std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nTransfer-Encoding: chunked\r\n\r\n", port));
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
  const std::string large =
      to_text({.method = "POST", .target = "/v1/photos", .headers = "", .body = noise(900'000)}, port);
  for (std::size_t at = 100'000; at < large.size(); at += 50'000) {
    SocketClient client(port);
    client.send(std::string_view(large).substr(0, at));
    if (at % 100'000) client.reset();
  }
  const std::string chunked = std::format(
      "POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nTransfer-Encoding: "
      "chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n",
      port);
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
