// Many hostile clients at once: each is refused as docs/api.md says, memory stays bounded, and others are served
// meanwhile.
#include <sys/resource.h>

#include <chrono>
#include <deque>
#include <format>
#include <fstream>

#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

constexpr int kIdle = 1000;
constexpr int kSlow = 100;

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * 4096;
}

bool allow_descriptors(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, count));
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

class HostileClients : public GatewayTest {
 protected:
  // What a client in good faith does, and how long it takes.
  std::chrono::duration<double> serve_one() {
    const auto began = std::chrono::steady_clock::now();
    const std::string id = upload(noise(50'000))["photo_id"];
    EXPECT_EQ(get("/v1/photos/" + id + "/original").body.size(), 50'000u);
    EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/photos/" + id}).status, 204);
    return std::chrono::steady_clock::now() - began;
  }
};

TEST_F(HostileClients, IdleAndSlowOnesTakeLittleAndHinderNobody) {
  if (!allow_descriptors(4 * (kIdle + kSlow))) GTEST_SKIP() << "too few descriptors are allowed here (ulimit -n)";
  config.idle_timeout = 1500ms;
  config.header_timeout = 1500ms;
  start();
  serve_one();
  const std::uint64_t before = resident_bytes();
  std::deque<SocketClient> idle, slow;
  for (int i = 0; i < kIdle; ++i) idle.emplace_back(port);
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back(port);
    slow.back().send(
        i % 2 == 0
            ? "POST /v1/photos HTTP/1.1\r\nHost: x\r\nA: "
            : std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 500000000\r\n\r\nabc",
                          port));
  }
  for (int i = 0; i < 10; ++i) EXPECT_LT(serve_one(), 2s);
  // The client's own ends are in this process too.
  EXPECT_LT(resident_bytes() - before, std::uint64_t{kIdle + kSlow} * 64 << 10) << "64 KiB a connection";
  for (SocketClient& client : slow) {
    const auto answer = client.receive();
    EXPECT_TRUE(!answer || answer->status == 408) << answer->status;
  }
  for (SocketClient& client : idle) EXPECT_TRUE(client.closes_within(10s));
  EXPECT_EQ(photos_of(), 0u);
  EXPECT_TRUE(soon([&] { return blob_keys().empty(); })) << "pieces of uploads are left";
}

TEST_F(HostileClients, LengthsThatAreWrongLeaveNothing) {
  start();
  const std::string head = std::format("POST /v1/photos HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", port);
  for (const char* lie :
       {"Content-Length: -1\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "Content-Length: 3, 4\r\n\r\nabcd",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "Content-Length: 0x3\r\n\r\nabc", "Content-Length: +3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    SocketClient client(port);
    client.send(head + lie);
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << lie;
    EXPECT_GE(answer->status, 400) << lie;
    EXPECT_LT(answer->status, 500) << lie;
    EXPECT_TRUE(client.closes_within(5s)) << lie;
  }
  SocketClient over(port);
  over.send(head + std::format("Content-Length: {}\r\n\r\n", config.max_upload_bytes + 1));
  EXPECT_EQ(over.receive()->status, 413);
  SocketClient cut(port);
  cut.send(head + "Content-Length: 1000\r\n\r\nabc");
  cut.reset();
  serve_one();
  EXPECT_EQ(photos_of(), 0u);
  EXPECT_TRUE(soon([&] { return blob_keys().empty(); }));
}

TEST_F(HostileClients, PathsNeverLeadOut) {
  start();
  const std::string id = upload("abc")["photo_id"];
  for (const std::string& target :
       {std::string("/../etc/passwd"), std::string("/v1/photos/../../etc/passwd"),
        std::string("/v1/photos/%2e%2e%2f%2e%2e/original"), "/v1/photos/" + id + "/variants/..%2foriginal",
        "/v1/photos/" + id + "/variants/%00", "/v1/photos/" + id + "%00/original", "/v1/photos/" + id + "/original/",
        "//v1/photos/" + id, std::string("/v1/recipes/..%2f..%2fetc%2fpasswd"), std::string("/v1/photos/%ff%fe"),
        "/v1/photos/" + id + "/variants/" + std::string(5000, 'a'), std::string("http://evil.example/v1/photos"),
        std::string("*")}) {
    const Answer answer = get(target);
    EXPECT_GE(answer.status, 400) << target;
    EXPECT_LT(answer.status, 500) << target;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json") << target;
  }
  EXPECT_EQ(get("/v1/photos/" + id + "/original").body, "abc");
}

}  // namespace
}  // namespace tintype
