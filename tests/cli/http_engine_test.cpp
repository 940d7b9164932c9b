#include "cli/http/http_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "cli/compress/farm_requests.h"
#include "cli/compress/source_reader.h"
#include "cli/http/farm_client.h"
#include "tests/cli/fake_farm.h"
#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using testing::FakeFarm;
using ::testing::HasSubstr;
using testing::TempFolder;

class HttpEngineTest : public ::testing::Test {
 protected:
  Result<HttpAnswer> call(HttpRequest request) {
    std::optional<Result<HttpAnswer>> answer;
    engine_->start(std::move(request), [&](Result<HttpAnswer> got) { answer = std::move(got); });
    for (int i = 0; i < 200 && !answer; ++i) engine_->poll(milliseconds(100));
    return answer ? *std::move(answer) : fail(ErrorCode::kTimedOut, "no answer");
  }

  FakeFarm farm_{{}};
  std::unique_ptr<HttpEngine> engine_ = *HttpEngine::create();
};

TEST_F(HttpEngineTest, AnswersOfEveryStatusAreAnswers) {
  HttpRequest request;
  request.url = farm_.url() + "/readyz";
  const auto ready = call(std::move(request));
  ASSERT_TRUE(ready) << ready.error().message;
  EXPECT_EQ(ready->status, 200);
  EXPECT_THAT(ready->body, HasSubstr("\"ready\":true"));
  HttpRequest absent;
  absent.url = farm_.url() + "/nothing";
  const auto answer = call(std::move(absent));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
}

TEST_F(HttpEngineTest, NobodyThereIsUnavailable) {
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  EXPECT_EQ(call(std::move(request)).error().code, ErrorCode::kUnavailable);
  HttpRequest wrong;
  wrong.url = "file:///etc/passwd";
  EXPECT_EQ(call(std::move(wrong)).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(HttpEngineTest, AProxyOfTheEnvironmentIsNotAsked) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpRequest request;
  request.url = farm_.url() + "/readyz";
  EXPECT_TRUE(call(std::move(request)));
  ::unsetenv("http_proxy");
}

TEST_F(HttpEngineTest, AnErrorOfACallbackEndsItsRequest) {
  HttpRequest request;
  request.url = farm_.url() + "/readyz";
  request.on_piece = [](ByteView) -> Status { return fail(ErrorCode::kStorageFull, "full"); };
  EXPECT_EQ(call(std::move(request)).error().code, ErrorCode::kStorageFull);
  HttpRequest upload;
  upload.method = "POST";
  upload.url = farm_.url() + "/v1/photos?name=a&batch=b";
  upload.upload = HttpUpload{
      1 << 20, [](std::span<std::uint8_t>) -> Result<std::size_t> { return fail(ErrorCode::kIo, "bad disk"); }};
  EXPECT_EQ(call(std::move(upload)).error().code, ErrorCode::kIo);
}

TEST_F(HttpEngineTest, ManyAtOnceAndSomeCancelled) {
  int ended = 0;
  std::vector<HttpEngine::RequestId> ids;
  for (int i = 0; i < 40; ++i) {
    HttpRequest request;
    request.url = farm_.url() + "/readyz";
    ids.push_back(engine_->start(std::move(request), [&](Result<HttpAnswer> answer) { ended += answer.has_value(); }));
  }
  for (int i = 0; i < 10; ++i) engine_->cancel(ids[static_cast<std::size_t>(i)]);
  engine_->cancel(999'999);
  for (int i = 0; i < 100 && ended < 30; ++i) engine_->poll(milliseconds(100));
  EXPECT_EQ(ended, 30);
}

TEST_F(HttpEngineTest, PollReturnsWhenAFileCanBeRead) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  ASSERT_EQ(::write(pipe[1], "x", 1), 1);
  const auto begin = std::chrono::steady_clock::now();
  const int fds[] = {-1, pipe[0]};
  engine_->poll(milliseconds(60'000), fds);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(30'000));
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_F(HttpEngineTest, ClientsGetTheFarmsOwnError) {
  FarmClient client(*engine_, farm_.url());
  EXPECT_TRUE(client.get_json("/readyz"));
  const auto none = client.get_json("/v1/jobs/none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  FarmClient nobody(*engine_, "http://127.0.0.1:1");
  EXPECT_THAT(nobody.get_json("/readyz").error().message, HasSubstr("no farm answers at http://127.0.0.1:1"));
}

TEST(UrlEncoded, LeavesNothingToChance) { EXPECT_EQ(url_encoded("a b/ä?&#%.jpg"), "a%20b%2F%C3%A4%3F%26%23%25.jpg"); }

TEST(SourceReaderTest, SeesThatAFileChanged) {
  TempFolder temp;
  const std::string path = temp.write("a.jpg", "12345");
  const auto walked = walk_folders({path}, "/nowhere");
  ASSERT_TRUE(walked);
  const SourceFile source = walked->pictures[0];
  auto reader = SourceReader::open(source);
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->check_unchanged());
  temp.write("a.jpg", "1234567");
  EXPECT_EQ(reader->check_unchanged().error().code, ErrorCode::kConflict);
  EXPECT_EQ(SourceReader::open(source).error().code, ErrorCode::kConflict);
  std::filesystem::remove(path);
  EXPECT_EQ(SourceReader::open(source).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tintype
