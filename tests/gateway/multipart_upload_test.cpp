// POST /v1/photos with a form.
#include "gateway/photos/multipart_upload.h"

#include "tests/gateway/store_decorators.h"
#include "tests/gateway/upload_fixture.h"

namespace tintype {
namespace {

constexpr std::string_view kForm = "Content-Type: multipart/form-data; boundary=XyZ\r\n";

std::string file_part(const std::string& name, const std::string& bytes, const std::string& more = "") {
  return std::format(
      "--XyZ\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"{}\"\r\nContent-Type: "
      "image/jpeg\r\n{}\r\n{}\r\n",
      name, more, bytes);
}
std::string text_part(const std::string& name, const std::string& text) {
  return std::format("--XyZ\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name, text);
}
const std::string kEnd = "--XyZ--\r\n";

class Form : public Upload {
 protected:
  Answer send(const std::string& body, const std::string& headers = "", const std::string& query = "") {
    return post(query, std::string(kForm) + headers, body);
  }
  TestJson photos_in(const Answer& answer) { return TestJson::parse(answer.body)["photos"]; }
};

TEST_F(Form, MakesAPhotoOfEachFile) {
  start();
  const std::string first = noise(700'000, 1), second = noise(3, 2);
  const Answer answer = send(text_part("batch", "album") + file_part("a.jpg", first) + text_part("recipe", "web-webp") +
                             file_part("C:\\pictures\\b.jpg", second) + kEnd);
  ASSERT_EQ(answer.status, 201) << answer.body;
  const TestJson photos = photos_in(answer);
  ASSERT_EQ(photos.size(), 2u);
  EXPECT_EQ(photos[0]["name"], "a.jpg");
  EXPECT_EQ(photos[1]["name"], "b.jpg");
  EXPECT_EQ(photos[1]["status"], 201);
  const Photo a = stored(photos[0]["photo_id"]), b = stored(photos[1]["photo_id"]);
  EXPECT_TRUE(blob_text(a.heavy.original_key) == first);
  EXPECT_TRUE(blob_text(b.heavy.original_key) == second);
  EXPECT_EQ(a.heavy.job.recipe.name, "web");
  EXPECT_EQ(b.heavy.job.recipe.name, "web-webp");
  EXPECT_EQ(b.heavy.job.batch, "album");
  EXPECT_EQ(a.heavy.content_type, "image/jpeg");
  EXPECT_EQ(take_jobs().size(), 2u);
}

TEST_F(Form, ARetryGivesTheSamePhotos) {
  start();
  const std::string body = file_part("a.jpg", "one") + file_part("b.jpg", "two") + kEnd;
  const TestJson first = photos_in(send(body, "Idempotency-Key: k\r\n"));
  const Answer answer = send(body, "Idempotency-Key: k\r\n");
  EXPECT_EQ(answer.status, 200);
  const TestJson again = photos_in(answer);
  for (int i : {0, 1}) {
    EXPECT_EQ(again[i]["photo_id"], first[i]["photo_id"]);
    EXPECT_EQ(again[i]["existed"], true);
  }
  EXPECT_EQ(photos_of(), 2u);
  EXPECT_TRUE(soon([&] { return blob_keys().size() == 2; }));
}

TEST_F(Form, OneBadFileDoesNotHarmTheOthers) {
  start();
  const Answer answer =
      send(file_part("a.jpg", "one", digest_header("other")) + file_part("b.jpg", "two", digest_header("two")) + kEnd);
  ASSERT_EQ(answer.status, 207) << answer.body;
  const TestJson photos = photos_in(answer);
  EXPECT_EQ(photos[0]["status"], 422);
  EXPECT_EQ(photos[0]["problem"]["code"], "invalid_argument");
  EXPECT_EQ(photos[1]["status"], 201);
  EXPECT_EQ(photos_of(), 1u);
  expect_problem(send(file_part("a.jpg", "one", digest_header("other")) + kEnd), 422, "invalid_argument");
}

TEST_F(Form, ADigestOfTheWholeBodyIsVerified) {
  start();
  const std::string body = file_part("a.jpg", "one") + kEnd;
  std::string header = digest_header(body + "x");
  header.replace(0, 4, "Content");
  expect_problem(send(body, header), 400, "invalid_argument");
  expect_nothing();
  header = digest_header(body);
  header.replace(0, 4, "Content");
  EXPECT_EQ(send(body, header).status, 201);
}

TEST_F(Form, RefusesWhatItDoesNotUnderstandAndLeavesNothing) {
  start();
  const std::string good = file_part("a.jpg", noise(300'000));
  for (const std::string& body :
       {good + text_part("colour", "red") + kEnd, good + text_part("recipe", "none-of-this-name") + kEnd,
        good + text_part("batch", std::string(300, 'a')) + kEnd, good + text_part("class", "slow") + kEnd,
        good + "--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n" + kEnd, good + "--XyZ\r\nrubbish\r\n\r\n" + kEnd, good,
        kEnd}) {
    expect_problem(send(body), 400, "invalid_argument");
  }
  expect_problem(post("", "Content-Type: multipart/form-data\r\n", good + kEnd), 400, "invalid_argument");
  expect_problem(send(good + kEnd, "", "?name=x"), 400, "invalid_argument");
  expect_problem(send(good + kEnd, "Content-Encoding: gzip\r\n"), 501, "unsupported");
  std::string many;
  for (std::size_t i = 0; i <= kMaxFilesOfABody; ++i) many += file_part("a", "b");
  expect_problem(send(many + kEnd), 400, "invalid_argument");
  expect_nothing();
}

TEST_F(Form, CutAnywhereItLeavesNothing) {
  start();
  const std::string text = to_text({.method = "POST",
                                    .target = "/v1/photos",
                                    .headers = std::string(kForm),
                                    .body = file_part("a.jpg", noise(2000)) + file_part("b.jpg", noise(300)) + kEnd},
                                   port);
  for (std::size_t size = 0; size < text.size(); size += size < 300 ? 37 : 131) {
    SocketClient client(port);
    client.send(std::string_view(text).substr(0, size));
    if (size % 2 == 0) client.reset();
  }
  expect_nothing();
}

TEST_F(Form, SaysWhenTheDiskIsFull) {
  FillingBlobs filling(*store.blobs, 1000);
  blobs = &filling;
  start();
  const Answer answer = send(file_part("a.jpg", noise(900)) + file_part("b.jpg", noise(900)) + kEnd);
  EXPECT_EQ(answer.status, 207);
  EXPECT_EQ(photos_in(answer)[1]["problem"]["code"], "storage_full");
  gateway.reset();
}

}  // namespace
}  // namespace tintype
