#include "cli/fleet/fleet_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/core/queue/temporary_folder.h"

namespace tintype {
namespace {

using testing::HasSubstr;

class FleetConfigTest : public testing::Test {
 protected:
  // The start of every file; lines are counted from its end.
  static constexpr const char* kNats = "nats.urls = [\"nats://127.0.0.1:4222\"]\n";

  std::string write(const std::string& text) {
    std::ofstream(path_) << text;
    ::chmod(path_.c_str(), 0600);
    return path_;
  }
  std::string refusal(const std::string& text, const std::vector<std::string>& assignments = {}) {
    const auto config = read_fleet_config(write(text), assignments);
    if (config) return "";
    EXPECT_EQ(config.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(config.error().message, HasSubstr(assignments.empty() ? path_ : "--set"));
    return config.error().message;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/fleet.toml";
};

TEST_F(FleetConfigTest, ServersAloneAreEnough) {
  const auto config = read_fleet_config(write(kNats));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->nats.replicas, 3);
  EXPECT_FALSE(config->gateway.name.empty()) << "the host's";
  EXPECT_FALSE(config->node.name.empty());
  EXPECT_TRUE(queue_config(*config));
  EXPECT_TRUE(gateway_config(*config));
}

TEST_F(FleetConfigTest, WhatItSaysReachesTheParts) {
  std::ofstream(folder_.path() + "/password") << "secret\n";
  const auto config = read_fleet_config(write(std::format(R"(
farm = "summer"
[nats]
urls = ["tls://a:4222", "tls://b:4222"]
replicas = 1
user = "tintype"
password_file = "{}/password"
ca_file = "/ca.pem"
ack_wait_s = 7
[ceph]
conf = "/c.conf"
keyring = "/k"
user = "client.summer"
call_deadline_s = 9
[gateway]
name = "g1"
listen = "[::1]:9000"
state_dir = "/state"
blob_cache_mb = 3
max_upload_mb = 100
[node]
workers = 4
yield = false
)",
                                                          folder_.path())));
  ASSERT_TRUE(config) << config.error().message;
  const auto queue = queue_config(*config);
  ASSERT_TRUE(queue) << queue.error().message;
  EXPECT_EQ(queue->url, "tls://a:4222,tls://b:4222");
  EXPECT_EQ(queue->name_prefix, "summer-") << "farms share servers";
  EXPECT_EQ(queue->replicas, 1);
  EXPECT_EQ(queue->credentials.password, "secret");
  EXPECT_EQ(queue->ack_wait, std::chrono::seconds(7));
  const RadosStoreConfig store = store_config(*config);
  EXPECT_EQ(store.farm, "summer");
  EXPECT_EQ(store.keyring, "/k");
  EXPECT_EQ(store.call_deadline_ms, 9000);
  const auto gateway = gateway_config(*config);
  ASSERT_TRUE(gateway) << gateway.error().message;
  EXPECT_EQ(gateway->address, "::1");
  EXPECT_EQ(gateway->port, 9000);
  EXPECT_EQ(gateway->staging_folder, "/state/uploads");
  EXPECT_EQ(gateway->max_upload_bytes, 100u << 20);
  EXPECT_EQ(blob_cache_config(*config).max_bytes, 3u << 20);
  EXPECT_EQ(lanes_config(*config).cpu.slots, 4);
  EXPECT_FALSE(scheduler_config(*config).pressure.enabled);
  EXPECT_EQ(scheduler_config(*config).runner.limits.max_bytes, 100u << 20);
}

TEST_F(FleetConfigTest, ASettingOfOneProcessComesAfterTheFile) {
  const auto config = read_fleet_config(write(kNats), {"gateway.listen=127.0.0.1:1", "node.workers=9",
                                                       "node.yield=false", "nats.urls=nats://a:1,nats://b:2"});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->gateway.listen, "127.0.0.1:1");
  EXPECT_EQ(config->node.workers, 9);
  EXPECT_FALSE(config->node.yield);
  EXPECT_EQ(config->nats.urls, (std::vector<std::string>{"nats://a:1", "nats://b:2"}));
}

TEST_F(FleetConfigTest, WhatIsWrongIsNamed) {
  const std::string nats = kNats;
  EXPECT_THAT(refusal(""), HasSubstr("nats.urls is missing"));
  EXPECT_THAT(refusal(nats + "[nats"), HasSubstr("line 2"));
  EXPECT_THAT(refusal(nats + "colour = 1"), HasSubstr("line 2: colour is unknown; there are farm, store"));
  EXPECT_THAT(refusal(nats + "[gate]\nlisten = \"\""), HasSubstr("line 2: there is no table [gate]"));
  EXPECT_THAT(refusal(nats + "[node]\nworker = 1"),
              HasSubstr("line 3: node.worker is unknown; there are name, workers"));
  EXPECT_THAT(refusal(nats + "[node]\nworkers = \"2\""), HasSubstr("line 3: node.workers must be a whole number"));
  EXPECT_THAT(refusal(nats + "[node]\nworkers = 2000"), HasSubstr("node.workers must be from 0 to 1024"));
  EXPECT_THAT(refusal(nats + "[node]\nyield = 1"), HasSubstr("node.yield must be true or false"));
  EXPECT_THAT(refusal(nats + "[log]\nlevel = \"loud\""), HasSubstr("log.level must be one of: debug info"));
  EXPECT_THAT(refusal("nats.urls = \"nats://a\""), HasSubstr("nats.urls must be a list"));
  EXPECT_THAT(refusal("nats.urls = [\"http://a\"]"), HasSubstr("write nats://HOST:PORT or tls://HOST:PORT"));
  EXPECT_THAT(refusal(nats + "[gateway]\nlisten = \"8420\""), HasSubstr("write ADDRESS:PORT"));
  EXPECT_THAT(refusal(nats + "[ceph]\nuser = \"tintype\""), HasSubstr("user must start with client."));
  EXPECT_THAT(refusal(nats, {"node.workers"}), HasSubstr("write TABLE.KEY=VALUE"));
  EXPECT_THAT(refusal(nats, {"node.worker=1"}), HasSubstr("there is no setting of this name"));
  EXPECT_THAT(refusal(nats, {"node.workers=many"}), HasSubstr("node.workers must be a whole number"));
}

TEST_F(FleetConfigTest, TheEmbeddedStoreIsRefusedWithTheReason) {
  const std::string why = refusal(std::string("store = \"embedded\"\n") + kNats);
  EXPECT_THAT(why, HasSubstr("the embedded store belongs to one process"));
  EXPECT_THAT(why, HasSubstr("tintype serve"));
}

TEST_F(FleetConfigTest, APasswordThatOthersMayReadIsRefused) {
  const std::string text = std::string(kNats) + "nats.user = \"a\"\nnats.password = \"b\"\n";
  EXPECT_EQ(refusal(text), "");
  ::chmod(path_.c_str(), 0644);
  const auto config = read_fleet_config(path_);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("chmod 600"));
}

TEST_F(FleetConfigTest, CredentialsThatContradictAreRefused) {
  auto config = read_fleet_config(write(std::string(kNats) + "nats.user = \"a\"\nnats.credentials_file = \"/c\"\n"));
  ASSERT_TRUE(config);
  EXPECT_THAT(queue_config(*config).error().message, HasSubstr("three ways to log in"));
}

TEST_F(FleetConfigTest, AMissingFileSaysWhereToGetOne) {
  const auto config = read_fleet_config(folder_.path() + "/none.toml");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("tintype config example"));
}

// Each line of the example, taken at its word, is a setting.
TEST_F(FleetConfigTest, TheExampleIsAConfiguration) {
  std::string text = fleet_config_example();
  for (std::size_t at = 0; (at = text.find("\n# ", at)) != text.npos;) {
    const std::size_t equals = text.find(" = ", at);
    if (equals < text.find('\n', at + 1)) text.erase(at + 1, 2);
    ++at;
  }
  const auto config = read_fleet_config(write(text));
  ASSERT_TRUE(config) << config.error().message << "\n" << text;
  EXPECT_EQ(config->nats.urls.size(), 3u);
}

TEST_F(FleetConfigTest, TheExampleOfTheRepositoryIsUpToDate) {
  std::ifstream in(TINTYPE_SOURCE_DIR "/deploy/fleet/fleet.toml");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(text, fleet_config_example()) << "tintype config example > deploy/fleet/fleet.toml";
}

}  // namespace
}  // namespace tintype
