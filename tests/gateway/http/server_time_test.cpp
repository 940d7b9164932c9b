// Clients that are slow, many, or there when the server ends.
#include "tests/gateway/http/server_fixture.h"

namespace tintype::http {
namespace {

TEST_F(HttpServer, GivesUpSlowHeads) {
  config.header_timeout = 200ms;
  start();
  SocketClient silent(port);
  SocketClient half(port);
  half.send("GET / HTTP/1.1\r\nHost:");
  SocketClient dripping(port);
  std::jthread drip([&](std::stop_token stop) {
    while (!stop.stop_requested() && dripping.send("G")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_EQ(half.receive()->status, 408);
  EXPECT_TRUE(silent.closes_within(5s));
  drip.request_stop();
  drip.join();
  const auto answer = dripping.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
}

TEST_F(HttpServer, GivesUpSlowBodies) {
  config.idle_timeout = 400ms;  // 102 bytes in each
  start();
  SocketClient silent(port);
  silent.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  SocketClient dripping(port);
  dripping.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  std::jthread drip([&](std::stop_token stop) {
    while (!stop.stop_requested() && dripping.send("a")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_EQ(silent.receive()->status, 408);
  const auto answer = dripping.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  drip.request_stop();
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
  EXPECT_EQ(counts.sinks_finished, 0);
}

// What still comes goes somewhere, though the sink has gone with what had come. (The piece that was read into once went
// with it, too; the address sanitizer sees that here.)
TEST_F(HttpServer, TakesBytesThatComeAfterItGaveUp) {
  config.idle_timeout = 100ms;
  start();
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  ASSERT_TRUE(soon([&] { return counts.sinks_open == 1; }));
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
  EXPECT_TRUE(client.send(std::string(500, 'd')));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(counts.sinks_finished, 0);
}

// The sink is the worker's while it has a piece; what it answers then comes too late. (The thread sanitizer sees
// whoever looks at the sink meanwhile.)
TEST_F(HttpServer, GivesUpWhileTheSinkHasAPiece) {
  config.idle_timeout = 100ms;
  start();
  SocketClient client(port);
  client.send("POST /gated-full HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n");
  client.send(std::string(300'000, 'a'));
  std::this_thread::sleep_for(500ms);
  application.gate.open();
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(soon([&] { return counts.sinks_open == 0; }));
  EXPECT_EQ(counts.sinks_finished, 0);
}

// Who takes nothing more gets no further word, not even that it was too slow: the one before is still on its way.
TEST_F(HttpServer, GivesUpWhoDoesNotTakeItsContinue) {
  config.idle_timeout = 1s;
  start();
  const auto grows = [](const std::atomic<int>& count, int past) {
    const auto end = std::chrono::steady_clock::now() + 300ms;
    while (count <= past && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(200us);
    return count > past;
  };
  // Exchanges until there is no room for a word of the server's. True if that is "100 Continue": the body is not read.
  const auto fill = [&](SocketClient& client, const std::string& body) {
    const std::string head = std::format(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.size());
    for (;;) {
      const int taken = counts.sinks_finished, answered = counts.finished;
      client.send(head);
      EXPECT_TRUE(grows(counts.sinks_open, 0));
      client.send(body);
      if (!grows(counts.sinks_finished, taken)) return true;
      if (!grows(counts.finished, answered)) return false;
    }
  };
  auto client = SocketClient::with_little_room(port);
  std::string body = "aaaaa";  // answers of another length leave room elsewhere
  for (int tries = 1; !fill(client, body); ++tries) {
    ASSERT_LT(tries, 100);
    client.reset();
    ASSERT_TRUE(soon([&] { return counts.cut == tries; }));
    client = SocketClient::with_little_room(port);
    body += 'a';
  }
  const int cut = counts.cut;
  std::this_thread::sleep_for(1'300ms);
  EXPECT_FALSE(client.receive_until("408", 2s).contains("408"));
  EXPECT_TRUE(soon([&] { return counts.cut == cut + 1; }));
}

TEST_F(HttpServer, HasPatienceWithBodiesThatMove) {
  config.idle_timeout = 1500ms;  // not a piece is late, unless this thread is held up for most of it
  start();
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.send(std::string(100, 'a')));
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(client.receive()->status, 201);
}

TEST_F(HttpServer, GivesUpReadersThatDoNotRead) {
  config.idle_timeout = 300ms;
  start();
  SocketClient client(port);
  client.send(to_text({.target = "/huge"}, port));
  EXPECT_TRUE(soon([&] { return counts.cut == 1 && counts.sources_open == 0; }));
}

TEST_F(HttpServer, ClosesConnectionsThatStayIdle) {
  config.idle_timeout = 100ms;
  start();
  SocketClient client(port);
  client.send(to_text({.target = "/small"}, port));
  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_TRUE(client.closes_within(5s));
  EXPECT_EQ(counts.finished, 1);
}

TEST_F(HttpServer, IsNotHeldUpBySlowClients) {
  config.workers = 1;
  start();
  std::vector<std::unique_ptr<SocketClient>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<SocketClient>(port));
    if (i % 3 == 1) slow.back()->send("GET / HT");
    if (i % 3 == 2) slow.back()->send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get("/small").status, 200);
}

TEST_F(HttpServer, TellsClientsThatItIsFull) {
  config.max_connections = 3;
  start();
  std::vector<std::unique_ptr<SocketClient>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<SocketClient>(port));
    held.back()->send(to_text({.target = "/small"}, port));
    EXPECT_EQ(held.back()->receive()->status, 200);
  }
  EXPECT_EQ(get("/small").status, 503);
  held.pop_back();
  EXPECT_TRUE(soon([&] { return get("/small").status == 200; }));
}

TEST_F(HttpServer, DrainsAfterTheAnswersUnderWay) {
  start();
  SocketClient idle(port);
  idle.send(to_text({.target = "/small"}, port));
  EXPECT_EQ(idle.receive()->status, 200);
  SocketClient busy(port);
  busy.send(to_text({.target = "/wait"}, port));
  SocketClient listening(port);
  listening.send(to_text({.target = "/feed"}, port));
  listening.receive_until("hello");
  std::this_thread::sleep_for(50ms);

  server->drain();
  EXPECT_TRUE(idle.closes_within(5s));
  EXPECT_FALSE(listening.closes_within(100ms));
  EXPECT_FALSE(SocketClient(port).send("GET / HTTP/1.1\r\n\r\n") && SocketClient(port).receive());
  std::thread opener([&] {
    std::this_thread::sleep_for(200ms);
    application.gate.open();
  });
  const auto before = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);  // less than drain_timeout: nothing was left
  const auto answer = busy.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "small");
  EXPECT_EQ(answer->header("connection"), "close");
  opener.join();
  EXPECT_EQ(counts.feeds_open, 0);
}

TEST_F(HttpServer, CutsWhatDoesNotEndInTime) {
  config.drain_timeout = 200ms;
  start();
  SocketClient upload(port);
  upload.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  SocketClient download(port);
  download.send(to_text({.target = "/huge"}, port));
  download.receive_until("\r\n\r\n");
  server.reset();
  EXPECT_TRUE(upload.closes_within(5s));
  EXPECT_EQ(counts.sinks_open, 0);
  EXPECT_EQ(counts.sources_open, 0);
  EXPECT_EQ(counts.cut, 2);
}

}  // namespace
}  // namespace tintype::http
