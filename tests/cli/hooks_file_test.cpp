#include "cli/hooks_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tintype {
namespace {

class HooksFile : public ::testing::Test {
 protected:
  HooksFile() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~HooksFile() override { std::filesystem::remove_all(folder_); }

  Result<HooksConfig> read(const std::string& text) {
    std::ofstream(folder_ + "/hooks.toml", std::ios::trunc) << text;
    return read_hooks_file(folder_ + "/hooks.toml");
  }
  std::string fault(const std::string& text) {
    const auto config = read(text);
    return config ? "none" : config.error().message;
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / "tintype-hooks-file-XXXXXX").string();
};

TEST_F(HooksFile, SaysEverything) {
  std::ofstream(folder_ + "/secret") << "s3cr3t\n";
  const auto config = read(R"(
[[s3]]
bucket = "camera"
endpoint = "http://minio.local:9000/"
prefix = "incoming/"
region = "eu-1"
access_key = "AKID"
secret_key_file = ")" + folder_ +
                           R"(/secret"
allow_networks = ["10.1.0.0/16", "fd00::1"]
owner_is_first_folder = true
recipe = "web-webp"
class = "bulk"
batch = "camera"
[[s3]]
bucket = "other"
endpoint = "https://s3.example.com"
[tus]
folder = "/srv/tusd/"
owner = "anna"
[urls]
allow = ["https://images.example.com/photos/"]
)");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->s3.size(), 2u);
  const S3Source& s3 = config->s3[0];
  EXPECT_EQ(s3.endpoint.host, "minio.local");
  EXPECT_EQ(s3.prefix, "incoming/");
  EXPECT_EQ(s3.credentials->secret_key, "s3cr3t");
  EXPECT_EQ(s3.credentials->region, "eu-1");
  EXPECT_EQ(s3.networks.size(), 2u);
  EXPECT_TRUE(s3.owner_is_first_folder);
  EXPECT_EQ(s3.photos.job_class, JobClass::kBulk);
  EXPECT_FALSE(config->s3[1].credentials);
  EXPECT_EQ(config->tusd->folder, "/srv/tusd");
  EXPECT_EQ(config->tusd->photos.owner, "anna");
  EXPECT_EQ(config->url_prefixes[0].path, "/photos/");
  EXPECT_TRUE(read("")->s3.empty());
}

TEST_F(HooksFile, FaultsNameTheLineAndTheKey) {
  const std::string s3 = "[[s3]]\nbucket = \"b\"\nendpoint = \"https://x\"\n";
  const std::pair<std::string, std::string> cases[] = {
      {"[[s3]]\nendpoint = \"https://x\"\n", "line 1: s3 1: bucket is missing"},
      {"[[s3]]\nbucket = \"b\"\n", "endpoint is missing"},
      {"[[s3]]\nbucket = 1\nendpoint = \"https://x\"\n", "line 2: s3 1: bucket must be a text"},
      {"[[s3]]\nbucket = \"b\"\nendpoint = \"ftp://x\"\n", "line 3: s3 1: endpoint"},
      {s3 + "colour = 1\n", "line 4: s3 1: colour is unknown"},
      {s3 + "access_key = \"a\"\n", "go together"},
      {s3 + "access_key = \"a:b\"\nsecret_key = \"c\"\n", "must not hold a ':'"},
      {s3 + "secret_key_file = \"/none\"\n", "/none cannot be read"},
      {s3 + "allow_networks = [\"10.0.0.0/99\"]\n", "line 4: s3 1: allow_networks"},
      {s3 + "allow_networks = \"10.0.0.0/8\"\n", "must be a list"},
      {s3 + "owner = \"_transient\"\n", "owner must be"},
      {s3 + "class = \"slow\"\n", "line 4: s3 1: class must be"},
      {"s3 = 1\n", "s3 must be tables"},
      {"[web]\n", "line 1: web is unknown"},
      {"[[s3]\n", "line 1"},
      {"[urls]\nallow = [\"/x\"]\n", "line 2: urls: allow"},
      {"# \xc3\xa4\n", "not ASCII"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string said = fault(text);
    EXPECT_TRUE(said.contains(expected)) << text << said;
    EXPECT_TRUE(said.contains("hooks.toml") || said.contains("/none")) << said;
  }
  EXPECT_FALSE(read_hooks_file(folder_ + "/none"));
}

}  // namespace
}  // namespace tintype
