// A fleet in one program: gateways and nodes as `tintype gateway` and `tintype node` put them together, over one store
// in memory and a real nats-server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/fleet/gateway_process.h"
#include "cli/fleet/node_process.h"
#include "core/queue/nats/nats_server.h"
#include "gateway/access/access_document.h"
#include "storage_client/memory/memory_documents.h"
#include "storage_client/memory/memory_store.h"
#include "tests/core/queue/nats/raw_nats.h"
#include "tests/core/queue/sample_job.h"
#include "tests/core/queue/temporary_folder.h"
#include "tests/gateway/socket_client.h"
#include "workers/simulated/simulated_lane.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Json = nlohmann::json;

// What the processes said.
class LogLines final : public LogSink {
 public:
  void write(std::string_view line) override {
    const std::lock_guard lock(mutex_);
    text_ += line;
    if (std::getenv("TINTYPE_LOG")) write_line(2, line);
  }
  bool contains(std::string_view word) const {
    const std::lock_guard lock(mutex_);
    return text_.contains(word);
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class FleetTest : public testing::Test {
 protected:
  FleetTest() {
    config_.nats.replicas = 1;
    config_.nats.ack_wait_s = 2;
    config_.nats.max_stream_mb = 64;
    config_.gateway.listen = "127.0.0.1:0";
    config_.gateway.threads = 2;
    config_.gateway.min_free_mb = 16;
    config_.gateway.drain_s = 1;
    config_.node.yield = false;
    config_.node.drain_s = 2;
    config_.node.sweep_period_s = 1;
    start_server();
  }
  ~FleetTest() override {
    nodes_.clear();
    gateways_.clear();
    queues_.clear();
  }

  void start_server() {
    auto server = start_nats_server({.data_dir = folder_.path() + "/nats"}, log_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    config_.nats.urls = {server_->url()};
  }

  // Each process has a connection of its own.
  NatsQueue& connect() {
    auto queue = connect_nats_queue(queue_config(config_).value(), clock_, log_);
    EXPECT_TRUE(queue) << queue.error().message;
    return *queues_.emplace_back(std::make_unique<NatsQueue>(std::move(*queue)));
  }

  void start_gateway(const std::string& name) {
    FleetConfig config = config_;
    config.gateway.name = name;
    config.gateway.state_dir = folder_.path() + "/" + name;
    std::filesystem::create_directories(config.gateway.state_dir);
    auto gateway = start_gateway_process(config, stores(), connect(), clock_, log_);
    ASSERT_TRUE(gateway) << gateway.error().message;
    const std::string url = (*gateway)->url();
    ports_.push_back(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    gateways_.push_back(std::move(*gateway));
  }

  void start_node(const std::string& name) {
    FleetConfig config = config_;
    config.node.name = name;
    lanes_.push_back(make_simulated_lane({.name = name, .slots = 2}).value());
    auto node = start_node_process(config, stores(), connect(), {lanes_.back().get()}, clock_, metrics_, log_);
    ASSERT_TRUE(node) << node.error().message;
    nodes_.push_back(std::move(*node));
  }

  FleetStores stores() { return {*store_.blobs, *store_.index, *store_.jobs, *documents_}; }

  std::string upload(int gateway, const std::string& headers = "") {
    const Answer answer = fetch(ports_[gateway], {.method = "POST",
                                                  .target = "/v1/photos",
                                                  .headers = headers,
                                                  .body = "picture " + std::to_string(++uploads_)});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return Json::parse(answer.body, nullptr, false).value("photo_id", "");
  }
  Answer get(int gateway, const std::string& target, const std::string& headers = "") {
    return fetch(ports_[gateway], {.method = "GET", .target = target, .headers = headers});
  }
  bool soon(const std::function<bool()>& holds, std::chrono::milliseconds within = 60s) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }
  bool is_complete(int gateway, const std::string& photo) {
    return get(gateway, "/v1/photos/" + photo).body.contains("\"complete\":true");
  }
  std::string nodes_seen_by(int gateway) {
    std::string names;
    const Json devices = Json::parse(get(gateway, "/v1/devices").body, nullptr, false);
    for (const Json& node : devices["nodes"]) names += node["node"].get<std::string>() + " ";
    return names;
  }

  const SystemClock clock_;
  LogLines log_lines_;
  Logger log_{LogLevel::kInfo, log_lines_, LogFormat::kText};
  Metrics metrics_;
  TemporaryFolder folder_;
  FleetConfig config_;
  MemoryStore store_ = make_memory_store(clock_);
  std::unique_ptr<Documents> documents_ = make_memory_documents();
  std::unique_ptr<NatsServer> server_;
  std::vector<std::unique_ptr<NatsQueue>> queues_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<GatewayProcess>> gateways_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<NodeProcess>> nodes_;
  int uploads_ = 0;
};

TEST_F(FleetTest, WhatOneGatewayTookTheOtherListsAtOnceAndAnyNodeWorksOn) {
  start_gateway("g1");
  start_gateway("g2");
  start_node("n1");
  start_node("n2");
  std::vector<std::string> photos;
  for (int i = 0; i < 20; ++i) {
    photos.push_back(upload(i % 2));
    EXPECT_THAT(get((i + 1) % 2, "/v1/photos").body, HasSubstr(photos.back())) << "through the other gateway";
  }
  for (const std::string& photo : photos) {
    for (int gateway : {0, 1}) EXPECT_TRUE(soon([&] { return is_complete(gateway, photo); })) << photo;
  }
  EXPECT_TRUE(soon([&] { return nodes_seen_by(0) == "n1 n2 " && nodes_seen_by(1) == "n1 n2 "; }));
}

// At once, and also when gateways can tell each other nothing: no queue is there.
TEST_F(FleetTest, APhotoDeletedAtOneGatewayIsShownByNone) {
  start_gateway("g1");
  start_gateway("g2");
  std::vector<std::string> photos;
  for (int i = 0; i < 20; ++i) photos.push_back(upload(0));
  for (const std::string& photo : photos) {
    if (photo == photos.back()) server_.reset();
    const std::string original = "/v1/photos/" + photo + "/original";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(1, original).status, 200) << "its bytes are in memory";
    EXPECT_EQ(fetch(ports_[0], {.method = "DELETE", .target = "/v1/photos/" + photo}).status, 204);
    EXPECT_EQ(get(1, original).status, 404);
    EXPECT_EQ(get(1, "/v1/photos/" + photo).status, 404);
    EXPECT_FALSE(get(1, "/v1/photos").body.contains(photo));
  }
}

// What is shown as complete through one gateway is so through all.
TEST_F(FleetTest, VariantsThatOneGatewayNamesTheOtherHas) {
  start_gateway("g1");
  start_gateway("g2");
  start_node("n1");
  for (int i = 0; i < 20; ++i) {
    const std::string photo = upload(0);
    std::vector<Json> variants;
    ASSERT_TRUE(soon([&] {
      EXPECT_EQ(get(1, "/v1/photos/" + photo).status, 200);
      const Json shown = Json::parse(get(0, "/v1/photos/" + photo).body, nullptr, false);
      if (shown.value("complete", false)) variants = shown["manifest"]["variants"].get<std::vector<Json>>();
      return !variants.empty();
    }));
    for (const Json& variant : variants) {
      const std::string name = variant["name"].get<std::string>();
      EXPECT_EQ(get(1, "/v1/photos/" + photo + "/variants/" + name).status, 200) << name;
    }
  }
}

TEST_F(FleetTest, ATokenMadeOnceWorksAtEveryGatewayAndARevokedOneAtNone) {
  config_.gateway.require_tokens = true;
  start_gateway("g1");
  start_gateway("g2");
  const AccessDocument access(*documents_);
  const std::string id = SortableId::make(clock_.now_ms()).to_string();
  std::string text;
  ASSERT_TRUE(access.change(clock_.now_ms(), [&](AccessBook& book) -> Status {
    TokenRecord record;
    record.token = {id, "local", Scopes::all(), clock_.now_ms() + 60'000};
    book.tokens.push_back(record);
    text = token_text(record.token, book.newest_key().id, book.newest_key().secret);
    return {};
  }));
  const std::string header = "Authorization: Bearer " + text + "\r\n";
  for (int gateway : {0, 1}) {
    EXPECT_EQ(get(gateway, "/v1/photos").status, 401);
    EXPECT_TRUE(soon([&] { return get(gateway, "/v1/photos", header).status == 200; }));
  }
  ASSERT_TRUE(access.change(clock_.now_ms(), [&](AccessBook& book) -> Status {
    book.find_token(id)->revoked_at_ms = clock_.now_ms();
    return {};
  }));
  for (int gateway : {0, 1}) EXPECT_TRUE(soon([&] { return get(gateway, "/v1/photos", header).status == 401; }));
}

TEST_F(FleetTest, ARecipePutAtOneGatewayIsKnownAtTheOther) {
  start_gateway("g1");
  start_gateway("g2");
  std::string toml = to_toml(builtin_recipes().front());
  toml.replace(toml.find("\"web\""), 5, "\"ours\"");
  EXPECT_EQ(fetch(ports_[0], {.method = "PUT", .target = "/v1/recipes/ours", .body = toml}).status, 201);
  EXPECT_EQ(get(1, "/v1/recipes/ours").status, 200);
  EXPECT_THAT(get(1, "/v1/recipes").body, HasSubstr("\"ours\""));
  EXPECT_EQ(fetch(ports_[1], {.method = "POST", .target = "/v1/photos?recipe=ours", .body = "x"}).status, 201);
  EXPECT_EQ(fetch(ports_[1], {.method = "PUT", .target = "/v1/recipes/ours", .body = toml}).status, 200);
}

TEST_F(FleetTest, AResumableUploadIsItsGatewaysAndTheOtherSaysSo) {
  start_gateway("g1");
  start_gateway("g2");
  const std::string tus = "Tus-Resumable: 1.0.0\r\n";
  const Answer made =
      fetch(ports_[0], {.method = "POST", .target = "/v1/uploads", .headers = tus + "Upload-Length: 4\r\n"});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string where = made.header("location");
  EXPECT_TRUE(where.starts_with("/v1/uploads/g1-")) << where;
  const std::string patch = tus + "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n";
  const Answer other = fetch(ports_[1], {.method = "PATCH", .target = where, .headers = patch, .body = "abcd"});
  EXPECT_EQ(other.status, 503) << "not 404, on which clients begin anew";
  EXPECT_THAT(other.body, HasSubstr("the gateway g1 keeps this upload"));
  const Answer own = fetch(ports_[0], {.method = "PATCH", .target = where, .headers = patch, .body = "abcd"});
  EXPECT_EQ(own.status, 204) << own.body;
  EXPECT_THAT(get(1, "/v1/photos").body, HasSubstr(own.header("tintype-photo")));
}

TEST_F(FleetTest, NodesComeAndGoAndTheWorkIsDone) {
  start_gateway("g1");
  start_node("n1");
  const std::string first = upload(0);
  EXPECT_TRUE(soon([&] { return is_complete(0, first); }));
  start_node("n2");
  EXPECT_TRUE(soon([&] { return nodes_seen_by(0) == "n1 n2 "; }));
  std::vector<std::string> photos;
  for (int i = 0; i < 10; ++i) photos.push_back(upload(0));
  nodes_[0]->drain();
  EXPECT_TRUE(soon([&] { return nodes_seen_by(0) == "n2 "; }, 8s))
      << "it said that it leaves: unheard, it would be missed after ten";
  for (int i = 0; i < 10; ++i) photos.push_back(upload(0));
  for (const std::string& photo : photos) EXPECT_TRUE(soon([&] { return is_complete(0, photo); })) << photo;
}

// Everything that the queue had is gone, its streams too; the store knows what is to be done.
TEST_F(FleetTest, AQueueThatLostAllItHeldIsRebuiltFromTheStore) {
  start_gateway("g1");
  std::vector<std::string> photos;
  for (int i = 0; i < 10; ++i) photos.push_back(upload(0));
  server_.reset();
  std::filesystem::remove_all(folder_.path() + "/nats/jetstream");
  photos.push_back(upload(0));  // and what is taken while there is none
  start_server();
  start_node("n1");
  for (const std::string& photo : photos) EXPECT_TRUE(soon([&] { return is_complete(0, photo); }, 30s)) << photo;
}

// As an earlier program wrote it: without what was added since.
TEST_F(FleetTest, AMessageOfTheProgramBeforeIsWorkedOn) {
  start_gateway("g1");
  const std::string photo = upload(0);
  NatsQueue& queue = connect();
  std::unique_ptr<Delivery> delivery;
  ASSERT_TRUE(soon([&] {
    auto fetched = queue.jobs->fetch(JobClass::kUpload, 1, 100ms);
    if (fetched && !fetched->empty()) delivery = std::move(fetched->front());
    return delivery != nullptr;
  }));
  Json message = Json::parse(delivery->raw());
  ASSERT_TRUE(delivery->ack());
  message.erase("asked_by");
  message["schema"] = 1;
  const auto job = parse_job(message.dump());
  ASSERT_TRUE(job) << job.error().message;
  Job again = *job;
  ++again.generation;
  ASSERT_TRUE(queue.jobs->publish(again));
  start_node("n1");
  EXPECT_TRUE(soon([&] { return is_complete(0, photo); }));
}

// While a fleet is upgraded, an old node hands it back: for a node that knows it.
TEST_F(FleetTest, AMessageOfANewerProgramIsNotGivenUp) {
  start_node("n1");
  NatsQueue& queue = connect();
  Json message = Json::parse(to_json(sample_job()));
  message["schema"] = kJobSchemaVersion + 1;
  ASSERT_TRUE(RawNats(server_->url()).publish("jobs.upload.1", message.dump()));
  ASSERT_TRUE(soon([&] { return log_lines_.contains("job_of_newer_program"); }));
  EXPECT_EQ(queue.jobs->depth()->dead, 0u);
  EXPECT_EQ(RawNats(server_->url()).message_count("TINTYPE_JOBS_UPLOAD"), 1);
  // What is no job at all is.
  ASSERT_TRUE(RawNats(server_->url()).publish("jobs.upload.1", "{}"));
  EXPECT_TRUE(soon([&] { return queue.jobs->depth()->dead == 1; }));
}

}  // namespace
}  // namespace tintype
