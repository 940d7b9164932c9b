// GET /v1/events
#include <gtest/gtest.h>

#include <format>

#include "gateway/jobs/event_hub.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

Event event(const std::string& type, const std::string& owner = "local", const std::string& batch = "") {
  Event e;
  e.id = "01.0." + type;
  e.type = type;
  e.owner = owner;
  e.photo = SortableId{1};
  e.job = SortableId{2};
  e.batch = batch;
  e.at_ms = 1'700'000'000'000;
  return e;
}

class Events : public GatewayTest {
 protected:
  std::unique_ptr<SocketClient> listen(const std::string& query = "", const std::string& headers = "") {
    auto client = std::make_unique<SocketClient>(port);
    client->send(to_text({.method = "GET", .target = "/v1/events" + query, .headers = headers, .body = ""}, port));
    const std::string head = client->receive_until("\r\n\r\n");
    EXPECT_TRUE(head.contains("200 OK")) << head;
    EXPECT_TRUE(head.contains("Content-Type: text/event-stream")) << head;
    EXPECT_EQ(client->receive_until("\n\n"), ":\n\n");
    return client;
  }
};

TEST_F(Events, ReachTheirListeners) {
  start();
  const auto all = listen();
  const auto batch = listen("?batch=b");
  const auto eve = listen("", "Tintype-Owner: eve\r\n");
  Event done = event("job.done", "local", "b");
  done.bytes_in = 10;
  done.bytes_out = 5;
  ASSERT_TRUE(event_log->publish(event("job.running")));
  ASSERT_TRUE(event_log->publish(done));
  Event failed = event("job.failed", "eve");
  failed.error = {ErrorCode::kCorruptImage, "broken"};
  ASSERT_TRUE(event_log->publish(failed));

  EXPECT_TRUE(all->receive_until("\n\n").starts_with("id: 01.0.job.running\nevent: job.running\ndata: {"));
  const std::string text = batch->receive_until("\n\n");
  EXPECT_EQ(all->receive_until("\n\n"), text);
  ASSERT_TRUE(text.starts_with("id: 01.0.job.done\nevent: job.done\ndata: {")) << text;
  const TestJson data = TestJson::parse(text.substr(text.find('{')));
  EXPECT_EQ(data, (TestJson{{"type", "job.done"},
                            {"job", SortableId{2}.to_string()},
                            {"photo", SortableId{1}.to_string()},
                            {"batch", "b"},
                            {"at", "2023-11-14T22:13:20.000Z"},
                            {"error", nullptr},
                            {"bytes_in", 10},
                            {"bytes_out", 5}}));
  const std::string of_eve = eve->receive_until("\n\n");
  EXPECT_TRUE(of_eve.contains("\"code\":\"corrupt_image\"")) << of_eve;
}

TEST_F(Events, OfACancelComeThrough) {
  start();
  const auto client = listen();
  const TestJson receipt = upload("abc");
  EXPECT_EQ(ask({.method = "POST", .target = "/v1/jobs/" + receipt["job_id"].get<std::string>() + "/cancel"}).status,
            202);
  EXPECT_TRUE(client->receive_until("\n\n").contains("job.cancel_requested"));
}

TEST_F(Events, CannotForgeLines) {
  start();
  const auto client = listen();
  Event hostile = event("job.done");
  hostile.id = "x\nevent: evil\n\n";
  hostile.batch = "b\n\ndata: evil";
  ASSERT_TRUE(event_log->publish(hostile));
  const std::string text = client->receive_until("\n\n");
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
}

TEST_F(Events, RefuseABadBatch) {
  start();
  expect_problem(get("/v1/events?batch=a%0ab"), 400, "invalid_argument");
}

TEST_F(Events, ManyListenersThatLeaveAreForgotten) {
  start();
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<SocketClient>> clients;
    for (int i = 0; i < 50; ++i) clients.push_back(listen());
    ASSERT_TRUE(event_log->publish(event("job.done")));
    for (const auto& client : clients) EXPECT_TRUE(client->receive_until("\n\n").contains("job.done"));
  }
  EXPECT_EQ(get("/healthz").status, 200);
}

// An event log that cannot be subscribed to at first.
class LateLog final : public EventLog {
 public:
  explicit LateLog(EventLog& log) : log_(log) {}
  Status publish(const Event& e) override { return log_.publish(e); }
  Result<std::unique_ptr<EventSubscription>> subscribe(std::function<void(const Event&)> on_event) override {
    if (down) return fail(ErrorCode::kUnavailable, "the queue is down");
    return log_.subscribe(std::move(on_event));
  }
  std::atomic<bool> down = true;

 private:
  EventLog& log_;
};

TEST_F(Events, ComeOnceTheLogIsThere) {
  LateLog late(*event_log);
  events = &late;
  start();
  expect_problem(get("/v1/events"), 503, "unavailable");
  late.down = false;
  const auto client = listen();
  ASSERT_TRUE(event_log->publish(event("job.done")));
  EXPECT_TRUE(client->receive_until("\n\n").contains("job.done"));
  gateway.reset();
}

TEST(EventHub, DropsAListenerThatDoesNotKeepUp) {
  const auto log = make_memory_event_log();
  EventHub hub(*log);
  const auto feed = hub.listen("local", "").value();
  const auto quick = hub.listen("local", "").value();
  std::atomic<int> woken = 0;
  feed->on_ready([&] { ++woken; });
  std::ptrdiff_t taken = 0;  // events that the quick one has
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(log->publish(event("job.done")));
    while (taken < i - 100) {
      taken += std::ranges::count(quick->take(), '{');
      std::this_thread::yield();
    }
  }
  EXPECT_TRUE(feed->ended());
  EXPECT_FALSE(quick->ended());
  EXPECT_GE(woken, 1);
  EXPECT_LE(feed->take().size(), 128u << 10);
  hub.stop();
}

}  // namespace
}  // namespace tintype
