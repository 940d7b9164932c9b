// The API as curl, an HTTP client that is not ours, sees it.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>

#include "core/base/digest.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

class Curl : public GatewayTest {
 protected:
  Curl() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~Curl() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }
  // What curl prints; a test fails where curl does.
  std::string curl(const std::string& arguments) {
    const std::string command = std::format("curl -sS --fail-with-body --noproxy '*' {} 2>&1", arguments);
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string out;
    std::array<char, 4096> buffer;
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), size);
    EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << out;
    return out;
  }
  std::string file(const std::string& name, const std::string& bytes) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string read(const std::string& name) {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  std::string url(const std::string& path) { return "'" + gateway->url() + path + "'"; }

  std::string folder_ = (std::filesystem::temp_directory_path() / "tintype-curl-XXXXXX").string();
};

TEST_F(Curl, UploadsListsDownloadsResumesAndDeletes) {
  start();
  const std::string bytes = noise(5'000'000);
  const std::string path = file("in.jpg", bytes);
  // With Expect: 100-continue, as curl does by itself for a body of this size.
  const TestJson receipt = TestJson::parse(curl(std::format(
      "--expect100-timeout 10 -H 'Expect: 100-continue' -T {} -X POST {}", path, url("/v1/photos?name=in.jpg"))));
  const std::string id = receipt["photo_id"];
  EXPECT_EQ(receipt["sha256"], to_hex(sha256(as_bytes(bytes))));
  EXPECT_TRUE(curl(url("/v1/photos")).contains(id));

  const std::string original = url("/v1/photos/" + id + "/original");
  curl(std::format("-o {0}/out.jpg --etag-save {0}/etag {1}", folder_, original));
  EXPECT_TRUE(read("out.jpg") == bytes);
  EXPECT_EQ(curl(std::format("-o /dev/null -w '%{{http_code}}' --etag-compare {}/etag {}", folder_, original)), "304");
  file("half.jpg", bytes.substr(0, 2'000'000));
  EXPECT_EQ(curl(std::format("-C - -o {}/half.jpg -w '%{{http_code}}' {}", folder_, original)), "206");
  EXPECT_TRUE(read("half.jpg") == bytes);
  EXPECT_TRUE(curl("-I " + original).contains("Content-Length: 5000000"));
  EXPECT_EQ(curl("-X DELETE -w '%{http_code}' " + url("/v1/photos/" + id)), "204");
}

TEST_F(Curl, UploadsWithoutKnowingTheLength) {
  start();
  const std::string bytes = noise(1'000'000);
  const std::string path = file("in.jpg", bytes);
  const TestJson receipt = TestJson::parse(curl(std::format("-X POST -T - {} < {}", url("/v1/photos"), path)));
  EXPECT_EQ(receipt["bytes"], bytes.size());
  EXPECT_TRUE(blob_text(stored(receipt["photo_id"]).heavy.original_key) == bytes);
}

TEST_F(Curl, ReusesItsConnection) {
  start();
  const std::string path = file("in.jpg", noise(100'000));
  const std::string connects =
      curl(std::format("-o /dev/null -w '%{{num_connects}}' --data-binary @{} {} --next -sS -o /dev/null -w "
                       "'%{{num_connects}}' {} --next -sS -o /dev/null -w '%{{num_connects}}' {}",
                       path, url("/v1/photos"), url("/v1/photos"), url("/healthz")));
  EXPECT_EQ(connects, "100");
}

TEST_F(Curl, SpeaksHttp10) {
  start();
  EXPECT_EQ(curl("--http1.0 " + url("/healthz")), "{\"ok\":true}");
}

TEST_F(Curl, FollowsEvents) {
  start();
  const TestJson receipt = upload("abc");
  std::jthread canceller([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      (void)fetch(port, {.method = "POST", .target = "/v1/jobs/" + receipt["job_id"].get<std::string>() + "/cancel"});
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  const std::string command = std::format("curl -sN --noproxy '*' --max-time 20 {} | head -n 3", url("/v1/events"));
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  const std::size_t size = std::fread(buffer.data(), 1, buffer.size() - 1, pipe);
  ::pclose(pipe);
  EXPECT_TRUE(std::string_view(buffer.data(), size).starts_with(":\n\nid: "));
}

}  // namespace
}  // namespace tintype
