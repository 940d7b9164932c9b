// Exchanges, and answers going out.
#include "tests/gateway/http/server_fixture.h"

namespace tintype::http {
namespace {

TEST_F(HttpServer, KeepsAConnectionForManyRequests) {
  start();
  SocketClient client(port);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.send(to_text({.target = i % 2 ? "/none" : "/small"}, port)));
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, i % 2 ? 204 : 200);
  }
  client.send("GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive()->header("connection"), "close");
  EXPECT_TRUE(client.closes_within(5s));
  EXPECT_TRUE(soon([&] { return counts.finished == 51; }));
  EXPECT_EQ(counts.cut, 0);
}

TEST_F(HttpServer, AnswersRequestsThatComeTogether) {
  start();
  SocketClient client(port);
  const std::string two = to_text({.method = "POST", .target = "/echo", .headers = "", .body = "abc"}, port);
  client.send(two + to_text({.target = "/small"}, port) + two);
  EXPECT_EQ(client.receive()->body, "abc");
  EXPECT_EQ(client.receive()->body, "small");
  EXPECT_EQ(client.receive()->body, "abc");
}

TEST_F(HttpServer, SendsLargeBodiesInPieces) {
  start();
  const Answer answer = get("/large");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), "5000000");
  EXPECT_TRUE(answer.body == pattern(5'000'005).substr(5));
  EXPECT_TRUE(soon([&] { return counts.sources_open == 0; }));
}

TEST_F(HttpServer, ReadsNoFurtherThanTheClientTakes) {
  start();
  SocketClient client(port);
  client.send(to_text({.target = "/huge"}, port));
  client.receive_until("\r\n\r\n");
  std::this_thread::sleep_for(500ms);
  EXPECT_LT(counts.source_bytes, 64'000'000u);
  client.reset();
  EXPECT_TRUE(soon([&] { return counts.sources_open == 0; }));
  EXPECT_TRUE(soon([&] { return counts.cut == 1; }));
}

TEST_F(HttpServer, CutsAnAnswerItCannotFinish) {
  start();
  SocketClient client(port);
  client.send(to_text({.target = "/broken"}, port));
  EXPECT_FALSE(client.receive());  // shorter than was promised
  EXPECT_TRUE(soon([&] { return counts.cut == 1; }));
}

TEST_F(HttpServer, SendsHeadsAlone) {
  start();
  SocketClient client(port);
  for (const char* target : {"/small", "/large", "/small"}) {
    client.send(to_text({.method = "HEAD", .target = target}, port));
    const auto answer = client.receive(true);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("content-length"), target == std::string("/small") ? "5" : "5000000");
  }
  EXPECT_EQ(counts.source_bytes, 0u);
}

TEST_F(HttpServer, FeedsSendAtOnceAndThenBeat) {
  config.heartbeat_interval = 50ms;
  start();
  SocketClient client(port);
  client.send(to_text({.target = "/feed"}, port));
  const std::string head = client.receive_until("\r\n\r\n");
  EXPECT_TRUE(head.contains("text/event-stream"));
  EXPECT_FALSE(head.contains("Content-Length"));
  EXPECT_EQ(client.receive_until("\n\n"), "data: hello\n\n");
  EXPECT_EQ(client.receive_until("\n\n"), ":\n\n");
  EXPECT_EQ(client.receive_until("\n\n"), ":\n\n");
}

TEST_F(HttpServer, NoticesAtOnceThatAListenerLeft) {
  start();
  for (const bool hard : {false, true}) {
    auto client = std::make_unique<SocketClient>(port);
    client->send(to_text({.target = "/feed"}, port));
    client->receive_until("hello");
    EXPECT_EQ(counts.feeds_open, 1);
    if (hard) client->reset();
    client.reset();
    EXPECT_TRUE(soon([&] { return counts.feeds_open == 0; }));
  }
}

TEST_F(HttpServer, ReadersDoNotWaitForWriters) {
  config.workers = 1;
  start();
  SocketClient writer(port);
  writer.send(to_text({.method = "POST", .target = "/gated", .body = "abc"}, port));
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 1; }));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/small").body, "small");
  EXPECT_EQ(counts.sinks_finished, 0);
  application.gate.open();
  EXPECT_EQ(writer.receive()->status, 201);
}

TEST_F(HttpServer, SaysWhyItCannotListen) {
  start();
  ServerConfig same = config;
  same.port = port;
  const auto taken = start_server(same, application);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, tintype::ErrorCode::kUnavailable);
  EXPECT_TRUE(taken.error().message.contains(std::to_string(port)));
  same.address = "example.org";
  EXPECT_EQ(start_server(same, application).error().code, tintype::ErrorCode::kInvalidArgument);
}

TEST_F(HttpServer, AnswersNonsenseAndGoesOn) {
  start();
  for (const char* nonsense :
       {"\r\n\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    SocketClient client(port);
    client.send(nonsense);
    client.finish_sending();
    const auto answer = client.receive();
    EXPECT_TRUE(!answer || answer->status == 400) << nonsense;
  }
  EXPECT_EQ(get("/small").status, 200);
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
}

}  // namespace
}  // namespace tintype::http
