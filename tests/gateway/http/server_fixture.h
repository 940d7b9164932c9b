// A server under a small application, spoken to over real sockets.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <format>
#include <mutex>
#include <thread>

#include "gateway/http/server.h"
#include "tests/gateway/socket_client.h"

namespace tintype::http {

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
inline std::string pattern(std::size_t size) {
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
  PatternSource(Counts& counts, std::uint64_t breaks_at) : counts_(counts), breaks_at_(breaks_at) {
    ++counts_.sources_open;
  }
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
    if (request.target == "/gated-full") return std::make_unique<CountingSink>(counts, &gate, 1);
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
  std::unique_ptr<BodySource> source(std::uint64_t breaks_at) {
    return std::make_unique<PatternSource>(counts, breaks_at);
  }
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
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  ServerConfig config;
  TestApplication application;
  Counts& counts = application.counts;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

}  // namespace tintype::http
