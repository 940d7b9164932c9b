// Access tokens as a client meets them: who is let in, to what, how often.
#include <gtest/gtest.h>

#include <filesystem>
#include <format>

#include "gateway/access/access_file.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

class TokensOverHttp : public GatewayTest {
 protected:
  TokensOverHttp() {
    std::string name = (std::filesystem::temp_directory_path() / "tintype-tokens-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    config.access_folder = folder_ + "/access";
    config.require_tokens = true;
  }
  ~TokensOverHttp() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }

  AccessFile file() const { return AccessFile(config.access_folder); }

  // "Authorization: Bearer ...\r\n"
  std::string make_token(const std::string& owner, const std::string& scopes, TokenLimits limits = {},
                         UnixMs lives_ms = 3'600'000) {
    std::string text;
    const UnixMs now_ms = clock.now_ms();
    EXPECT_TRUE(file().change(now_ms, [&](AccessBook& book) -> Status {
      TokenRecord record;
      last_id = SortableId::make(now_ms).to_string();
      record.token = {last_id, owner, parse_scopes(scopes).value(), now_ms + lives_ms};
      record.limits = limits;
      book.tokens.push_back(record);
      text = token_text(record.token, book.newest_key().id, book.newest_key().secret);
      return {};
    }));
    return "Authorization: Bearer " + text + "\r\n";
  }

  Answer post(const std::string& headers, const std::string& body = "bytes") {
    return ask({.method = "POST", .target = "/v1/photos", .headers = headers, .body = body});
  }

  std::string last_id;

 private:
  std::string folder_;
};

TEST_F(TokensOverHttp, NothingWithoutOneButHealth) {
  start();
  for (const char* path : {"/v1/photos", "/v1/photos/0000000000000", "/v1/jobs", "/v1/events", "/v1/dead", "/metrics",
                           "/v1/devices", "/v1/recipes"}) {
    const Answer answer = get(path);
    expect_problem(answer, 401, "denied");
    EXPECT_TRUE(answer.header("www-authenticate").starts_with("Bearer")) << path;
  }
  expect_problem(post("Tintype-Owner: alice\r\n"), 401, "denied");
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(TokensOverHttp, ATokenIsItsOwnerAndItsScopes) {
  start();
  const std::string alice = make_token("alice", "read,write");
  const std::string reader = make_token("alice", "read");
  const std::string bob = make_token("bob", "read,write");
  const Answer made = post(alice);
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/v1/photos/" + TestJson::parse(made.body)["photo_id"].get<std::string>();

  EXPECT_EQ(get(path, alice).status, 200);
  EXPECT_EQ(get(path, reader).status, 200);
  EXPECT_EQ(photos_of("alice"), 1u);
  // Another's photo is as absent as one that never was.
  const Answer others = get(path, bob);
  const Answer nobodys = get("/v1/photos/0000000000000", bob);
  expect_problem(others, 404, "not_found");
  expect_problem(nobodys, 404, "not_found");
  for (const char* below : {"/original", "/variants/256.webp"}) {
    expect_problem(get(path + below, bob), 404, "not_found");
  }
  expect_problem(ask({.method = "DELETE", .target = path, .headers = bob}), 404, "not_found");
  EXPECT_EQ(TestJson::parse(get("/v1/photos", bob).body)["photos"].size(), 0u);
  EXPECT_EQ(TestJson::parse(get("/v1/jobs", bob).body)["jobs"].size(), 0u);

  expect_problem(post(reader), 403, "denied");
  expect_problem(ask({.method = "DELETE", .target = path, .headers = reader}), 403, "denied");
  expect_problem(get("/v1/dead", alice), 403, "denied");
  expect_problem(get("/metrics", alice), 403, "denied");
  EXPECT_EQ(get("/metrics", make_token("ops", "admin")).status, 200);
  expect_problem(get(path, make_token("alice", "admin")), 403, "denied");
  EXPECT_EQ(get(path, alice).status, 200);
}

TEST_F(TokensOverHttp, TheHeaderOwnerMustFitTheToken) {
  start();
  const std::string alice = make_token("alice", "read");
  EXPECT_EQ(get("/v1/photos", alice + "Tintype-Owner: alice\r\n").status, 200);
  expect_problem(get("/v1/photos", alice + "Tintype-Owner: bob\r\n"), 403, "denied");
  const std::string any = make_token("*", "read,write");
  ASSERT_EQ(post(any + "Tintype-Owner: carol\r\n").status, 201);
  EXPECT_EQ(photos_of("carol"), 1u);
  expect_problem(get("/v1/photos", any), 400, "invalid_argument");
  expect_problem(get("/v1/photos", any + "Tintype-Owner: *\r\n"), 400, "invalid_argument");
}

TEST_F(TokensOverHttp, ForgedExpiredAndRevokedOnesAreRefusedAtOnce) {
  start();
  std::string alice = make_token("alice", "read");
  const std::string id = last_id;
  EXPECT_EQ(get("/v1/photos", alice).status, 200);
  std::string forged = alice;
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  expect_problem(get("/v1/photos", forged), 401, "denied");
  expect_problem(get("/v1/photos", make_token("alice", "read", {}, -1000)), 401, "denied");
  for (const char* odd : {"Bearer", "Bearer ", "Basic YTpi", "Bearer  x", ""}) {
    expect_problem(get("/v1/photos", std::string("Authorization: ") + odd + "\r\n"), 401, "denied");
  }
  ASSERT_TRUE(file().change(clock.now_ms(), [&](AccessBook& book) -> Status {
    book.find_token(id)->revoked_at_ms = clock.now_ms();
    return {};
  }));
  const Answer revoked = get("/v1/photos", alice);
  expect_problem(revoked, 401, "denied");
  EXPECT_TRUE(revoked.body.contains("revoked"));
}

TEST_F(TokensOverHttp, RotationKeepsOldTokensUntilTheirKeyIsDropped) {
  start();
  const std::string before = make_token("alice", "read");
  ASSERT_TRUE(file().change(0, [](AccessBook& book) -> Status {
    book.keys.push_back(make_signing_key(book, 0));
    return {};
  }));
  const std::string after = make_token("alice", "read");
  EXPECT_EQ(get("/v1/photos", before).status, 200);
  EXPECT_EQ(get("/v1/photos", after).status, 200);
  ASSERT_TRUE(file().change(0, [](AccessBook& book) -> Status {
    book.keys.erase(book.keys.begin());
    return {};
  }));
  EXPECT_EQ(get("/v1/photos", before).status, 401);
  EXPECT_EQ(get("/v1/photos", after).status, 200);
}

TEST_F(TokensOverHttp, LimitsAnswer429WithATime) {
  start();
  const std::string slow = make_token("alice", "read", {.requests_a_second = 0.5});
  EXPECT_EQ(get("/v1/photos", slow).status, 200);
  const Answer over = get("/v1/photos", slow);
  expect_problem(over, 429, "rate_limited");
  EXPECT_EQ(over.header("retry-after"), "2");
  EXPECT_TRUE(TestJson::parse(over.body)["retryable"].get<bool>());

  const std::string small = make_token("bob", "read,write", {.bytes_a_day = 1000});
  expect_problem(post(small, noise(1001)), 429, "rate_limited");
  EXPECT_EQ(post(small, noise(600)).status, 201);
  EXPECT_TRUE(soon([&] { return post(small, noise(401)).status == 429; }));
  EXPECT_EQ(photos_of("bob"), 1u);
}

TEST_F(TokensOverHttp, JobsInFlightAreCounted) {
  start();
  const std::string one = make_token("alice", "read,write", {.jobs_in_flight = 1});
  const Answer first = post(one, noise(10));
  ASSERT_EQ(first.status, 201);
  expect_problem(post(one, noise(11)), 429, "rate_limited");
  EXPECT_EQ(get("/v1/photos", one).status, 200) << "reading makes no jobs";
  const JobId job = SortableId::parse(TestJson::parse(first.body)["job_id"].get<std::string>()).value();
  ASSERT_TRUE(store.jobs->update(job, [](JobRecord& record) {
    record.state = JobState::kDone;
    return true;
  }));
  EXPECT_EQ(post(one, noise(12)).status, 201);
}

TEST_F(TokensOverHttp, ACompressionTakesAJobsSlotUntilItIsOver) {
  start();
  const std::string one = make_token("alice", "read,write", {.jobs_in_flight = 1});
  const auto compress = [&](const std::string& token, const std::string& query) {
    return ask({.method = "POST", .target = "/v1/compress?" + query, .headers = token, .body = noise(10)});
  };
  SocketClient waiting(port);
  waiting.send(
      to_text({.method = "POST", .target = "/v1/compress?deadline_ms=1500", .headers = one, .body = noise(10)}, port));
  EXPECT_TRUE(soon([&] { return photos_of("_transient") == 1; }));
  const Answer over = compress(one, "deadline_ms=200");
  expect_problem(over, 429, "rate_limited");
  EXPECT_EQ(over.header("retry-after"), "1");
  expect_problem(post(one, noise(11)), 429, "rate_limited");
  EXPECT_EQ(compress(make_token("bob", "read,write", {.jobs_in_flight = 1}), "deadline_ms=200").status, 504)
      << "another's slot";
  EXPECT_EQ(waiting.receive()->status, 504);
  EXPECT_TRUE(soon([&] { return post(one, noise(12)).status == 201; })) << "its slot is free again";
}

TEST_F(TokensOverHttp, OnLoopbackTheHeaderStays) {
  config.require_tokens = false;
  start();
  EXPECT_EQ(post("Tintype-Owner: dave\r\n").status, 201);
  EXPECT_EQ(photos_of("dave"), 1u);
  EXPECT_EQ(get("/metrics").status, 200);
  // A token that is shown is held to, here as elsewhere.
  expect_problem(post(make_token("alice", "read")), 403, "denied");
  expect_problem(get("/v1/photos", "Authorization: Bearer nonsense\r\n"), 401, "denied");
}

TEST_F(TokensOverHttp, AnOpenAddressDemandsThem) {
  config.require_tokens = false;
  config.address = "0.0.0.0";
  start();
  expect_problem(get("/v1/photos"), 401, "denied");
  EXPECT_EQ(get("/v1/photos", make_token("alice", "read") + "X-Any: name\r\n").status, 200);
  gateway.reset();
  config.trust_network = true;
  start();
  EXPECT_EQ(get("/v1/photos").status, 200);
}

}  // namespace
}  // namespace tintype
