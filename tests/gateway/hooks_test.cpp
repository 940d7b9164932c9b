// POST /hooks/s3, POST /hooks/tus and POST /v1/jobs of a URL, against a server of the test's own for a
// bucket.
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "gateway/jobs/transients.h"
#include "tests/cli/http_listener.h"
#include "tests/gateway/hook_samples.h"
#include "tests/gateway/upload_fixture.h"

namespace tintype {
namespace {

using testing::HttpCall;
using testing::HttpReply;

class Hooks : public Upload {
 protected:
  Hooks() : server_(0, [this](const HttpCall& call) { return serve(call); }) {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    S3Source source;
    source.bucket = "camera";
    source.endpoint = FetchUrl::parse(base()).value();
    source.networks = {Network::parse("127.0.0.1").value()};
    source.credentials = AwsCredentials{"AKID", "secret", "eu-1"};
    source.photos.batch = "bucket";
    config.hooks.s3.push_back(source);
    config.hooks.tusd.emplace().folder = folder_ + "/tusd";
    config.hooks.url_prefixes = {FetchUrl::parse(base() + "/allowed/").value()};
    config.hooks.url_networks = source.networks;
    std::filesystem::create_directory(folder_ + "/tusd");
  }
  ~Hooks() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string base() const { return std::format("http://127.0.0.1:{}", server_.port()); }

  HttpReply serve(const HttpCall& call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    if (const auto to = redirects_.find(call.path); to != redirects_.end())
      return {.status = 302, .body = "moved", .type = "text/plain\r\nLocation: " + to->second};
    const auto found = objects_.find(call.path);
    if (found == objects_.end()) return {.status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>"};
    const auto match = call.headers.find("if-match");
    if (match != call.headers.end() && match->second != "\"" + found->second.second + "\"")
      return {.status = 412, .body = ""};
    return {.status = 200, .body = found->second.first, .type = "image/jpeg"};
  }
  void put(const std::string& path, const std::string& bytes, const std::string& etag = "e1") {
    const std::lock_guard lock(mutex_);
    objects_[path] = {bytes, etag};
  }
  std::vector<HttpCall> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  Answer s3(const std::string& body) {
    return ask(
        {.method = "POST", .target = "/hooks/s3", .headers = "Content-Type: application/json\r\n", .body = body});
  }
  Answer tusd(const std::string& body) { return ask({.method = "POST", .target = "/hooks/tus", .body = body}); }
  Answer url_job(const std::string& url) {
    return ask({.method = "POST",
                .target = "/v1/jobs",
                .headers = "Content-Type: application/json\r\n",
                .body = TestJson{{"url", url}}.dump()});
  }
  TestJson first_record(const Answer& answer) { return TestJson::parse(answer.body)["records"][0]; }

  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, std::string>> objects_;
  std::map<std::string, std::string> redirects_;
  std::vector<HttpCall> calls_;
  testing::HttpListener server_;
  std::string folder_ = (std::filesystem::temp_directory_path() / "tintype-hooks-XXXXXX").string();
};

TEST_F(Hooks, AnObjectBecomesAPhoto) {
  const std::string bytes = noise(600'000);
  put("/camera/summer day/ä.jpg", bytes);
  start();
  const Answer answer = s3(minio_event("summer+day%2F%C3%A4.jpg", "e1"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const TestJson record = first_record(answer);
  EXPECT_EQ(record["status"], 201);
  const Photo photo = stored(record["photo_id"]);
  EXPECT_TRUE(blob_text(photo.heavy.original_key) == bytes);
  EXPECT_EQ(photo.heavy.file_name, "ä.jpg");
  EXPECT_EQ(photo.heavy.job.batch, "bucket");
  ASSERT_EQ(calls().size(), 1u);
  const std::string signature = calls()[0].headers["authorization"];
  EXPECT_TRUE(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/")) << signature;
  EXPECT_TRUE(signature.contains("/eu-1/s3/aws4_request")) << signature;
}

TEST_F(Hooks, AnEventThatComesAgainIsThatPhoto) {
  put("/camera/a.jpg", "abc");
  start();
  const TestJson first = first_record(s3(rgw_event("a.jpg", "e1")));
  EXPECT_EQ(first["status"], 201);
  const TestJson again = first_record(s3(rgw_event("a.jpg", "e1")));
  EXPECT_EQ(again["status"], 200);
  EXPECT_EQ(again["photo_id"], first["photo_id"]);
  EXPECT_EQ(calls().size(), 1u);
  put("/camera/a.jpg", "xyz", "e2");
  EXPECT_EQ(first_record(s3(rgw_event("a.jpg", "e2")))["status"], 201);
  EXPECT_EQ(photos_of(), 2u);
}

TEST_F(Hooks, WhatIsGoneOrReplacedMakesNoPhoto) {
  put("/camera/new.jpg", "abc", "e2");
  start();
  for (const std::string& event : {rgw_event("gone.jpg", "e1"), rgw_event("new.jpg", "e1"),
                                   minio_event("a.jpg", "e1", "s3:ObjectRemoved:Delete")}) {
    EXPECT_EQ(first_record(s3(event))["status"], 204);
  }
  expect_nothing();
}

TEST_F(Hooks, TheSenderComesAgainWhereThatHelps) {
  config.hooks.s3[0].endpoint = FetchUrl::parse("http://127.0.0.1:1").value();  // nobody listens there
  start();
  const Answer answer = s3(rgw_event("a.jpg", "e1"));
  expect_problem(answer, 503, "unavailable");
  EXPECT_EQ(answer.header("retry-after"), "1");
  const TestJson other = first_record(s3(rgw_event("a.jpg", "e1", "of-others")));
  EXPECT_EQ(other["status"], 403);
  EXPECT_EQ(other["problem"]["code"], "denied");
  EXPECT_EQ(first_record(s3(rgw_event("../a.jpg", "e1")))["problem"]["code"], "denied");
  expect_nothing();
}

TEST_F(Hooks, ANameThatLeadsInsideIsNotFollowed) {
  put("/camera/a.jpg", "abc");
  config.hooks.s3[0].networks.clear();
  config.hooks.url_networks.clear();
  config.hooks.url_prefixes.push_back(FetchUrl::parse(std::format("http://localhost:{}/", server_.port())).value());
  config.hooks.url_prefixes.push_back(
      FetchUrl::parse(std::format("http://[::ffff:127.0.0.1]:{}/", server_.port())).value());
  start();
  EXPECT_EQ(first_record(s3(rgw_event("a.jpg", "e1")))["problem"]["code"], "denied");
  for (const char* host : {"localhost", "[::ffff:127.0.0.1]"}) {
    expect_problem(url_job(std::format("http://{}:{}/camera/a.jpg", host, server_.port())), 403, "denied");
  }
  EXPECT_TRUE(calls().empty());
  expect_nothing();
}

TEST_F(Hooks, AnOwnerMayStandInTheKey) {
  put("/camera/anna/a.jpg", "abc");
  config.hooks.s3[0].owner_is_first_folder = true;
  start();
  EXPECT_EQ(first_record(s3(rgw_event("anna/a.jpg", "e1")))["status"], 201);
  EXPECT_EQ(photos_of("anna"), 1u);
  for (const char* key : {"_transient/a.jpg", "an na/a.jpg"})
    EXPECT_EQ(first_record(s3(rgw_event(key, "e1")))["problem"]["code"], "invalid_argument") << key;
}

TEST_F(Hooks, AllowedUrlsBecomeJobs) {
  put("/allowed/a.jpg", "abc");
  redirects_["/allowed/moved.jpg"] = base() + "/allowed/a.jpg";
  redirects_["/allowed/away.jpg"] = base() + "/secret/a.jpg";
  redirects_["/allowed/inside.jpg"] = "http://169.254.169.254/latest/meta-data/";
  redirects_["/allowed/round.jpg"] = base() + "/allowed/round.jpg";
  put("/secret/a.jpg", "secret");
  start();
  for (const char* path : {"/allowed/a.jpg", "/allowed/moved.jpg"}) {
    const Answer answer = url_job(base() + path);
    ASSERT_EQ(answer.status, 202) << answer.body;
    const TestJson job = get_json(TestJson::parse(answer.body)["results"]);
    EXPECT_EQ(job["state"], "queued");
  }
  EXPECT_EQ(photos_of(std::string(kTransientOwner)), 2u);
  expect_problem(url_job(base() + "/allowed/away.jpg"), 403, "denied");
  expect_problem(url_job(base() + "/allowed/inside.jpg"), 403, "denied");
  expect_problem(url_job(base() + "/allowed/round.jpg"), 503, "unavailable");
  expect_problem(url_job(base() + "/allowed/none.jpg"), 404, "not_found");
  expect_problem(url_job(base() + "/secret/a.jpg"), 403, "denied");
  expect_problem(url_job("http://127.0.0.1:22/"), 403, "denied");
  expect_problem(url_job("file:///etc/passwd"), 400, "invalid_argument");
  expect_problem(
      ask({.method = "POST", .target = "/v1/jobs", .headers = "Content-Type: application/json\r\n", .body = "{}"}), 400,
      "invalid_argument");
  for (const HttpCall& call : calls()) EXPECT_FALSE(call.path.starts_with("/secret")) << call.path;
}

TEST_F(Hooks, WhatIsTooLargeIsNotTaken) {
  config.max_upload_bytes = 1000;
  put("/camera/a.jpg", noise(5000));
  start();
  EXPECT_EQ(first_record(s3(rgw_event("a.jpg", "e1")))["problem"]["code"], "image_too_large");
  expect_nothing();
}

TEST_F(Hooks, TusdIsAnsweredBeforeAnUpload) {
  config.max_upload_bytes = 1000;
  start();
  const Answer fine = tusd(tusd_hook("pre-create", "", 7, "null"));
  EXPECT_EQ(fine.status, 200);
  EXPECT_EQ(fine.body, "{}");
  for (const std::string& hook :
       {tusd_hook("pre-create", "", 1001, "null"), tusd_hook("pre-create", "", 7, "null", R"({"recipe":"none"})")}) {
    const TestJson reply = TestJson::parse(tusd(hook).body);
    EXPECT_EQ(reply["RejectUpload"], true);
    EXPECT_GE(reply["HTTPResponse"]["StatusCode"], 400);
    EXPECT_TRUE(TestJson::parse(reply["HTTPResponse"]["Body"].get<std::string>()).contains("code"));
  }
}

TEST_F(Hooks, WhatTusdReceivedBecomesAPhoto) {
  std::ofstream(folder_ + "/tusd/abc") << "bytes";
  start();
  const std::string storage = TestJson{{"Type", "filestore"}, {"Path", folder_ + "/tusd/abc"}}.dump();
  const Answer answer = tusd(tusd_hook("pre-finish", "abc", 5, storage));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const TestJson told = TestJson::parse(answer.body)["HTTPResponse"];
  EXPECT_EQ(told["StatusCode"], 200);
  const std::string id = TestJson::parse(told["Body"].get<std::string>())["photo_id"];
  EXPECT_EQ(blob_text(stored(id).heavy.original_key), "bytes");
  EXPECT_EQ(stored(id).heavy.file_name, "a.jpg");
  EXPECT_EQ(tusd(tusd_hook("post-finish", "abc", 5, storage)).status, 200);
  EXPECT_EQ(tusd(tusd_hook("post-terminate", "abc", 5, storage)).body, "{}");
  EXPECT_EQ(photos_of(), 1u);
  put("/camera/tus/abc", "from s3");
  EXPECT_EQ(tusd(tusd_hook("post-finish", "xyz", 7, R"({"Type":"s3store","Bucket":"camera","Key":"tus/abc"})")).status,
            200);
  EXPECT_EQ(photos_of(), 2u);
}

TEST_F(Hooks, TusdsFolderIsNotLeft) {
  std::ofstream(folder_ + "/secret") << "secret";
  std::filesystem::create_symlink(folder_ + "/secret", folder_ + "/tusd/link");
  start();
  for (const std::string& path : {folder_ + "/secret", folder_ + "/tusd/../secret", folder_ + "/tusd/link",
                                  std::string("/etc/passwd"), folder_ + "/tusd"}) {
    const Answer answer =
        tusd(tusd_hook("post-finish", "abc", 5, TestJson{{"Type", "filestore"}, {"Path", path}}.dump()));
    EXPECT_EQ(answer.status, 403) << path << answer.body;
  }
  expect_problem(tusd(tusd_hook("post-finish", "abc", 5, R"({"Type":"gcsstore","Bucket":"b","Key":"k"})")), 403,
                 "denied");
  expect_nothing();
}

TEST_F(Hooks, AreRefusedWhereNothingIsNamed) {
  config.hooks = {};
  start();
  expect_problem(s3(rgw_event("a.jpg", "e1")), 501, "unsupported");
  expect_problem(tusd(tusd_hook("pre-create", "", 7, "null")), 501, "unsupported");
  expect_problem(url_job("https://example.com/a.jpg"), 403, "denied");
}

TEST_F(Hooks, RefuseWhatIsNone) {
  start();
  expect_problem(s3("{}"), 400, "invalid_argument");
  expect_problem(tusd("[]"), 400, "invalid_argument");
  expect_problem(s3(std::string(2 << 20, ' ')), 413, "invalid_argument");
}

}  // namespace
}  // namespace tintype
