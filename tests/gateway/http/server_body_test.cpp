// Bodies coming in.
#include "tests/gateway/http/server_fixture.h"

namespace tintype::http {
namespace {

TEST_F(HttpServer, TakesBodiesOfEverySizeAndCut) {
  start();
  for (const std::size_t size :
       {1uz, 100uz, kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 3 * kPieceBytes, 1'000'000uz}) {
    const std::string body = pattern(size);
    EXPECT_EQ(fetch(port, {.method = "POST", .target = "/echo", .headers = "", .body = body}).body, body) << size;
  }
  SocketClient client(port);
  const std::string text = to_text({.method = "POST", .target = "/echo", .headers = "", .body = "0123456789"}, port);
  for (const char c : text) {
    ASSERT_TRUE(client.send({&c, 1}));
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(client.receive()->body, "0123456789");
  EXPECT_LE(counts.largest_piece, kPieceBytes);
}

TEST_F(HttpServer, TakesChunkedBodies) {
  start();
  const std::string body = pattern(700'000);
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t size = std::min<std::size_t>(body.size() - at, 1 + at % 70'001);
    client.send(std::format("{:x}\r\n", size) + body.substr(at, size) + "\r\n");
    at += size;
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.receive()->body, body);
  client.send(to_text({.target = "/small"}, port));
  EXPECT_EQ(client.receive()->body, "small");
}

TEST_F(HttpServer, GivesAnEmptyBodyToASink) {
  start();
  const Answer answer = fetch(port, {.method = "POST", .target = "/echo"});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpServer, SaysContinueBeforeItTakesABody) {
  start();
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(client.receive()->body, "abc");
}

TEST_F(HttpServer, DoesNotSayContinueToWhatItRefuses) {
  config.max_body_bytes = 1000;
  start();
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(client.receive()->status, 413);
  EXPECT_TRUE(client.closes_within(5s));
}

TEST_F(HttpServer, RefusesBodiesOverTheLimit) {
  config.max_body_bytes = 1000;
  start();
  const auto refused =
      fetch(port, {.method = "POST", .target = "/echo", .headers = "", .body = std::string(1001, 'a')});
  EXPECT_EQ(refused.status, 413);
  EXPECT_NE(refused.body.find("--max-upload-mb"), std::string::npos) << "what to do about it: " << refused.body;
  EXPECT_EQ(fetch(port, {.method = "POST", .target = "/echo", .headers = "", .body = std::string(1000, 'a')}).status,
            201);
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'a'));
  EXPECT_EQ(client.receive()->status, 413);
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
}

TEST_F(HttpServer, AnswersALargeBodyThatNobodyWantsWithoutReadingItAll) {
  start();
  SocketClient client(port);
  client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  client.send(std::string(100'000, 'a'));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_TRUE(client.closes_within(10s));
}

TEST_F(HttpServer, ASinkMayAnswerBeforeTheEnd) {
  start();
  SocketClient client(port);
  client.send("POST /full HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  client.send(std::string(2'000'000, 'a'));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 507);
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
  EXPECT_EQ(counts.sinks_finished, 0);
}

TEST_F(HttpServer, HoldsTwoPiecesAndNoMoreOfABodyThatIsNotTaken) {
  start();
  SocketClient client(port);
  client.send("POST /gated HTTP/1.1\r\nHost: x\r\nContent-Length: 64000000\r\n\r\n");
  std::atomic<std::size_t> sent = 0;
  std::thread sender([&] {
    const std::string piece(100'000, 'a');
    while (sent < 64'000'000 && client.send(piece)) sent += piece.size();
  });
  std::this_thread::sleep_for(500ms);
  const std::size_t stuck = sent;
  EXPECT_LT(stuck, 32'000'000u);  // two pieces, and the kernel's own buffers
  application.gate.open();
  sender.join();
  EXPECT_EQ(client.receive()->status, 201);
  EXPECT_EQ(counts.sink_bytes, 64'000'000u);
}

TEST_F(HttpServer, DropsTheSinkOfABodyThatIsCut) {
  start();
  for (const bool hard : {false, true}) {
    SocketClient client(port);
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + std::string(400'000, 'a'));
    ASSERT_TRUE(soon([&] { return counts.sinks_open == 1; }));
    if (hard) {
      client.reset();
    } else {
      client.finish_sending();
      EXPECT_TRUE(client.closes_within(5s));
    }
    EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
  }
  EXPECT_EQ(counts.sinks_finished, 0);
  EXPECT_TRUE(soon([&] { return counts.cut == 2; }));
}

}  // namespace
}  // namespace tintype::http
