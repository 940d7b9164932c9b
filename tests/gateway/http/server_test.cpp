// The server under a small application, spoken to over real sockets.
#include "gateway/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <format>
#include <mutex>
#include <thread>

#include "tests/gateway/socket_client.h"

namespace tintype::http {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// Opens once.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// Bytes that can be told apart by where they stand.
std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 131 % 251);
  return out;
}

struct Counts {
  std::atomic<int> sinks_open = 0;
  std::atomic<int> sinks_finished = 0;
  std::atomic<std::uint64_t> sink_bytes = 0;
  std::atomic<std::size_t> largest_piece = 0;
  std::atomic<int> sources_open = 0;
  std::atomic<std::uint64_t> source_bytes = 0;
  std::atomic<int> feeds_open = 0;
  std::atomic<int> finished = 0;
  std::atomic<int> cut = 0;
};

class CountingSink : public BodySink {
 public:
  CountingSink(Counts& counts, Gate* gate, std::uint64_t answer_after)
      : counts_(counts), gate_(gate), answer_after_(answer_after) {
    ++counts_.sinks_open;
  }
  ~CountingSink() override { --counts_.sinks_open; }
  std::optional<Response> write(ByteView piece) override {
    if (gate_) gate_->wait();
    counts_.largest_piece = std::max(counts_.largest_piece.load(), piece.size());
    counts_.sink_bytes += piece.size();
    text_ += as_text(piece);
    if (answer_after_ && text_.size() >= answer_after_) return Response(507, "text/plain", "full");
    return {};
  }
  Response finish() override {
    ++counts_.sinks_finished;
    return Response(201, "text/plain", std::move(text_));
  }

 private:
  Counts& counts_;
  Gate* gate_;
  std::uint64_t answer_after_;
  std::string text_;
};

class PatternSource : public BodySource {
 public:
  PatternSource(Counts& counts, std::uint64_t breaks_at) : counts_(counts), breaks_at_(breaks_at) { ++counts_.sources_open; }
  ~PatternSource() override { --counts_.sources_open; }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (breaks_at_ && offset >= breaks_at_) return fail(tintype::ErrorCode::kIo, "broken");
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>((offset + i) * 131 % 251);
    counts_.source_bytes += out.size();
    return out.size();
  }

 private:
  Counts& counts_;
  std::uint64_t breaks_at_;
};

class TestFeed : public EventFeed {
 public:
  explicit TestFeed(Counts& counts) : counts_(counts) { ++counts_.feeds_open; }
  ~TestFeed() override { --counts_.feeds_open; }
  void on_ready(std::function<void()>) override {}
  std::string take() override { return std::exchange(text_, {}); }
  bool ended() const override { return false; }

 private:
  Counts& counts_;
  std::string text_ = "data: hello\n\n";
};

class TestApplication : public Application {
 public:
  Counts counts;
  Gate gate;

  Begun begin(Request& request) override {
    if (request.target == "/echo") return std::make_unique<CountingSink>(counts, nullptr, 0);
    if (request.target == "/gated") return std::make_unique<CountingSink>(counts, &gate, 0);
    if (request.target == "/full") return std::make_unique<CountingSink>(counts, nullptr, 300'000);
    if (request.target == "/large") return Response(200, "x/y", StreamedBody{source(0), 5, 5'000'000});
    if (request.target == "/broken") return Response(200, "x/y", StreamedBody{source(600'000), 0, 5'000'000});
    if (request.target == "/huge") return Response(200, "x/y", StreamedBody{source(0), 0, 1ull << 40});
    if (request.target == "/feed") return Response(200, "text/event-stream", std::make_unique<TestFeed>(counts));
    if (request.target == "/wait") gate.wait();
    if (request.target == "/none") return Response(204);
    return Response(200, "text/plain", "small");
  }
  Response refuse(int status, const std::string& detail) override { return Response(status, "text/plain", detail); }
  void finished(const Request&, const Finished& facts) override {
    ++counts.finished;
    if (facts.cut) ++counts.cut;
  }

 private:
  std::unique_ptr<BodySource> source(std::uint64_t breaks_at) { return std::make_unique<PatternSource>(counts, breaks_at); }
};

class HttpServer : public testing::Test {
 protected:
  void start() {
    auto started = start_server(config, application);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    port = server->port();
  }
  Answer get(const std::string& target) { return fetch(port, {.target = target}); }

  // Waits for what another thread does.
  template <typename Condition>
  bool soon(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  }

  ServerConfig config;
  TestApplication application;
  Counts& counts = application.counts;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

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

TEST_F(HttpServer, TakesBodiesOfEverySizeAndCut) {
  start();
  for (const std::size_t size : {1uz, 100uz, kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 3 * kPieceBytes, 1'000'000uz}) {
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
  EXPECT_EQ(fetch(port, {.method = "POST", .target = "/echo", .headers = "", .body = std::string(1001, 'a')}).status, 413);
  EXPECT_EQ(fetch(port, {.method = "POST", .target = "/echo", .headers = "", .body = std::string(1000, 'a')}).status, 201);
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

TEST_F(HttpServer, HasPatienceWithBodiesThatMove) {
  config.idle_timeout = 400ms;
  start();
  SocketClient client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.send(std::string(100, 'a')));
    std::this_thread::sleep_for(60ms);
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
  for (const char* nonsense : {"\r\n\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
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
