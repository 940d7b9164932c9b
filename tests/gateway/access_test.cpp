// Who is let in, what a path may say, and the operators' pages.
#include <gtest/gtest.h>

#include <format>
#include <regex>

#include "gateway/problem.h"
#include "gateway/routes.h"
#include "storage_client/failing_store.h"
#include "tests/gateway/gateway_fixture.h"
#include "tests/gateway/store_decorators.h"

namespace tintype {
namespace {

class Access : public GatewayTest {
 protected:
  int status_with(const std::string& host, const std::string& headers = "") {
    SocketClient client(port);
    client.send(std::format("GET /healthz HTTP/1.1\r\nHost: {}\r\n{}\r\n", host, headers));
    const auto answer = client.receive();
    return answer ? answer->status : 0;
  }
};

TEST_F(Access, OnlyItsOwnNamesAreAnsweredTo) {
  start();
  EXPECT_EQ(status_with(std::format("127.0.0.1:{}", port)), 200);
  EXPECT_EQ(status_with(std::format("localhost:{}", port)), 200);
  EXPECT_EQ(status_with(std::format("LOCALHOST:{}", port)), 200);
  for (const std::string& host :
       {std::string("127.0.0.1"), std::string("evil.example"), std::format("evil.example:{}", port),
        std::format("127.0.0.1:{}", port + 1), std::format("127.0.0.1.evil.example:{}", port),
        std::format("0.0.0.0:{}", port), std::string()}) {
    EXPECT_EQ(status_with(host), 403) << host;
  }
}

TEST_F(Access, PagesOfOtherOriginsAreRefused) {
  start();
  const std::string host = std::format("127.0.0.1:{}", port);
  EXPECT_EQ(status_with(host, "Origin: http://" + host + "\r\n"), 200);
  for (const std::string origin : {"http://evil.example", "null", "", "http://localhost:1"}) {
    EXPECT_EQ(status_with(host, "Origin: " + origin + "\r\n"), 403) << origin;
  }
  // Nothing is done before that is looked at.
  expect_problem(
      ask({.method = "POST", .target = "/v1/photos", .headers = "Origin: http://evil.example\r\n", .body = "x"}), 403,
      "denied");
  EXPECT_EQ(photos_of(), 0u);
}

TEST_F(Access, ATrustedNetworkMayUseAnyName) {
  config.trust_network = true;
  config.address = "0.0.0.0";
  start();
  EXPECT_EQ(status_with("farm.example"), 200);
  EXPECT_EQ(status_with("farm.example", "Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(status_with("farm.example", "Origin: http://farm.example\r\n"), 200);
}

TEST_F(Access, AnOpenAddressDemandsTokens) {
  for (const char* address : {"0.0.0.0", "192.0.2.1", "::", "farm.example"}) {
    config.address = address;
    config.access_folder = "";
    EXPECT_TRUE(config.demands_tokens());
    const Status valid = config.validate();
    ASSERT_FALSE(valid) << address;
    EXPECT_TRUE(valid.error().message.contains("--trust-network"));
    config.access_folder = "/somewhere";
    EXPECT_TRUE(config.validate()) << address;
  }
}

TEST_F(Access, BadConfigurationsAreRefused) {
  const auto refused = [](const std::function<void(GatewayConfig&)>& change) {
    GatewayConfig bad;
    change(bad);
    return !bad.validate();
  };
  EXPECT_TRUE(GatewayConfig().validate());
  EXPECT_TRUE(refused([](auto& c) { c.threads = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.max_connections = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.max_upload_bytes = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.idle_timeout = std::chrono::milliseconds(0); }));
  EXPECT_TRUE(refused([](auto& c) { c.header_timeout = std::chrono::milliseconds(0); }));
  EXPECT_TRUE(refused([](auto& c) { c.large_body_bytes = 0; }));
}

TEST_F(Access, UnknownPathsAndMethods) {
  start();
  for (const char* path : {"/v1", "/v1/", "/v2/photos", "/v1/photos/", "/v1//photos", "/v1/photos/x/y",
                           "/v1/photos/x/original/z", "/V1/photos", "/v1/photos/x/variants/"}) {
    expect_problem(get(path), 404, "not_found");
  }
  for (const char* path :
       {"/../etc/passwd", "/v1/photos/..%2f..%2fetc", "/v1/photos/%2e%2e", "/v1/%00", "/v1/photos/a%5cb", "/%zz"}) {
    expect_problem(get(path), 400, "invalid_argument");
  }
  const Answer answer = ask({.method = "PATCH", .target = "/v1/photos"});
  expect_problem(answer, 405, "unsupported");
  EXPECT_EQ(answer.header("allow"), "POST, GET, HEAD");
  expect_problem(ask({.method = "BREW", .target = "/healthz"}), 405, "unsupported");
  expect_problem(get("/healthz?x=1"), 400, "invalid_argument");
}

TEST_F(Access, WhatIsReflectedIsEscaped) {
  start();
  const Answer answer = get("/v1/photos?limit=%22%3Cscript%3E%FF%0d%0aX-Evil:1");
  expect_problem(answer, 400, "invalid_argument");
  EXPECT_EQ(answer.header("x-evil"), "");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
}

TEST_F(Access, RefusalsOfTheServerAreProblemsToo) {
  start();
  SocketClient client(port);
  client.send("nonsense\r\n\r\n");
  expect_problem(client.receive().value_or(Answer{}), 400, "invalid_argument");
  SocketClient long_head(port);
  long_head.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20'000, 'a'));
  expect_problem(long_head.receive().value_or(Answer{}), 431, "invalid_argument");
}

TEST_F(Access, HealthReadinessMetricsDevices) {
  start();
  EXPECT_EQ(get_json("/healthz"), (TestJson{{"ok", true}}));
  EXPECT_EQ(
      get_json("/readyz"),
      (TestJson{
          {"ready", true}, {"state", "ok"}, {"store", "ok"}, {"uploads", "ok"}, {"queue", "ok"}, {"lanes", "ok"}}));
  EXPECT_EQ(get_json("/v1/devices"), (TestJson{{"nodes", TestJson::array()}}));
  upload("abc");
  const auto metrics_text = [&] { return get("/metrics").body; };
  EXPECT_TRUE(soon([&] {
    return metrics_text().contains("tintype_http_requests_total{route=\"/v1/photos\",status=\"201\"} 1");
  })) << metrics_text();
  EXPECT_TRUE(metrics_text().contains("tintype_http_received_bytes_total 3\n"));
  EXPECT_TRUE(metrics_text().contains("tintype_http_request_seconds_count{route=\"/v1/photos\"} 1"));
  EXPECT_TRUE(metrics_text().contains("tintype_store_free_bytes"));
}

TEST_F(Access, ReadinessTellsQueueFromStore) {
  MoodyQueue moody(*memory_queue, [] { return fail(ErrorCode::kUnavailable, "no nats-server"); });
  queue = &moody;
  std::atomic<bool> store_down = false;
  const auto failing = make_failing(
      *store.index, [&](std::string_view) { return store_down ? InjectedFault::kBefore : InjectedFault::kNone; });
  index = failing.get();
  start();
  EXPECT_EQ(get_json("/readyz"), (TestJson{{"ready", true},
                                           {"state", "queue_down"},
                                           {"store", "ok"},
                                           {"uploads", "ok"},
                                           {"queue", "no nats-server"},
                                           {"lanes", "ok"}}));
  upload("abc");
  store_down = true;
  const Answer answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(TestJson::parse(answer.body)["ready"], false);
  EXPECT_EQ(TestJson::parse(answer.body)["state"], "store_down");
  EXPECT_EQ(get_json("/healthz"), (TestJson{{"ok", true}})) << "alive all the same";
  gateway.reset();
}

TEST_F(Access, BelowTheWatermarkUploadsAreRefusedAndTheRestGoesOn) {
  class Full final : public FillingBlobs {
   public:
    using FillingBlobs::FillingBlobs;
    Status takes_blobs() override { return fail(ErrorCode::kStorageFull, "no space"); }
  };
  const std::string id = (start(), upload("abc"))["photo_id"];
  gateway.reset();
  Full full(*store.blobs, 0);
  blobs = &full;
  start();
  expect_problem(ask({.method = "POST", .target = "/v1/photos", .body = "abc"}), 507, "storage_full");
  EXPECT_EQ(get_json("/readyz")["state"], "read_only");
  EXPECT_TRUE(get("/metrics").body.contains("tintype_store_takes_uploads 0\n"));
  EXPECT_EQ(get("/v1/photos/" + id + "/original").body, "abc");
  EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/photos/" + id}).status, 204);
  gateway.reset();
}

TEST_F(Access, TheFrontPageTellsWhereToLook) {
  start();
  const Answer page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_TRUE(page.body.contains("<h1>Tintype 0.")) << page.body;
  const std::regex link("href=\"([^\"]*)\"");
  int links = 0;
  for (std::sregex_iterator it(page.body.begin(), page.body.end(), link), end; it != end; ++it, ++links) {
    EXPECT_EQ(get("/" + (*it)[1].str()).status, 200) << (*it)[1];
  }
  EXPECT_GT(links, 3);
}

TEST_F(Access, ASnapshotIsTakenAndDropped) {
  start();
  expect_problem(ask({.method = "POST", .target = "/v1/snapshot"}), 501, "unsupported");
  gateway.reset();
  bool dropped = false;
  GatewayServices services{
      *blobs, *index, *jobs, *queue, *events, clock, metrics, log, [] { return std::string("{}"); }};
  services.take_snapshot = [] { return Result<std::string>("/data/store/snapshot"); };
  services.drop_snapshot = [&] { return dropped = true, Status(); };
  gateway = std::move(*start_gateway(config, services));
  port = static_cast<std::uint16_t>(std::stoi(gateway->url().substr(gateway->url().rfind(':') + 1)));
  const Answer taken = ask({.method = "POST", .target = "/v1/snapshot"});
  EXPECT_EQ(taken.status, 201);
  EXPECT_EQ(TestJson::parse(taken.body), (TestJson{{"folder", "/data/store/snapshot"}}));
  EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/snapshot"}).status, 204);
  EXPECT_TRUE(dropped);
}

TEST(Problems, EveryCodeHasAStatusOfItsKind) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_GE(http_status(code), 400) << error_name(code);
    EXPECT_LT(http_status(code), 600) << error_name(code);
    EXPECT_TRUE(!is_bad_picture(code) || http_status(code) < 500) << error_name(code);
  }
  EXPECT_EQ(http_status(ErrorCode::kStorageFull), 507);
  EXPECT_EQ(http_status(ErrorCode::kQueueFull), 429);
}

TEST(Routes, MatchWholePathsAndNameTheirArguments) {
  const std::vector<std::string> path = {"v1", "photos", "abc", "variants", "1024.avif"};
  const RouteMatch found = find_route("GET", path);
  ASSERT_TRUE(found.route);
  EXPECT_EQ(found.arguments, (std::vector<std::string>{"abc", "1024.avif"}));
  EXPECT_EQ(find_route("HEAD", path).route, found.route);
  EXPECT_EQ(find_route("PUT", path).route, nullptr);
  EXPECT_EQ(find_route("PUT", path).allowed, "GET, HEAD");
}

}  // namespace
}  // namespace tintype
