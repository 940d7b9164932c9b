// /v1/uploads: resumable uploads by tus 1.0, cut, resumed, across restarts.
#include <filesystem>
#include <format>
#include <fstream>
#include <thread>

#include "core/base/sha1.h"
#include "storage_client/failing_store.h"
#include "tests/gateway/store_decorators.h"
#include "tests/gateway/upload_fixture.h"

namespace tintype {
namespace {

constexpr std::string_view kTus = "Tus-Resumable: 1.0.0\r\n";
constexpr std::string_view kBytes = "Content-Type: application/offset+octet-stream\r\n";

class Tus : public Upload {
 protected:
  Tus() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    config.staging_folder = folder_ + "/uploads";
  }
  ~Tus() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }

  Answer tus(const std::string& method, const std::string& target, const std::string& headers = "",
             const std::string& body = "") {
    return ask({.method = method, .target = target, .headers = std::string(kTus) + headers, .body = body});
  }
  Answer create(std::size_t length, const std::string& headers = "") {
    return tus("POST", "/v1/uploads", std::format("Upload-Length: {}\r\n{}", length, headers));
  }
  // The path of a new upload.
  std::string created(std::size_t length, const std::string& headers = "") {
    const Answer answer = create(length, headers);
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.header("tus-resumable"), "1.0.0");
    EXPECT_NE(answer.header("upload-expires"), "");
    return answer.header("location");
  }
  Answer patch(const std::string& path, std::size_t offset, const std::string& bytes, const std::string& headers = "") {
    return tus("PATCH", path, std::format("{}Upload-Offset: {}\r\n{}", kBytes, offset, headers), bytes);
  }
  // A PATCH that is cut after `sent` bytes of its body.
  void cut_patch(const std::string& path, std::size_t offset, const std::string& bytes, std::size_t sent,
                 const std::string& headers = "") {
    const std::string text =
        to_text({.method = "PATCH",
                 .target = path,
                 .headers = std::format("{}{}Upload-Offset: {}\r\n{}", kTus, kBytes, offset, headers),
                 .body = bytes},
                port);
    SocketClient client(port);
    client.send(std::string_view(text).substr(0, text.size() - bytes.size() + sent));
    client.finish_sending();
    EXPECT_TRUE(client.closes_within(std::chrono::seconds(5)));
  }
  std::size_t offset_of(const std::string& path) { return get_json(path)["offset"]; }
  std::size_t staged_files() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(config.staging_folder), {}));
  }
  void restart() {
    gateway.reset();
    start();
  }
  std::string checksum(const std::string& bytes) {
    Sha1Stream sha;
    sha.update(as_bytes(bytes));
    return std::format("Upload-Checksum: sha1 {}\r\n", encode_base64(sha.finish()));
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / "tintype-tus-XXXXXX").string();
};

TEST_F(Tus, AnOwnerAndAllTogetherHaveSoManyUnderWay) {
  config.staging = {.bytes = 1000, .uploads = 100, .owner_bytes = 500, .owner_uploads = 2};
  start();
  const std::string anna = "Tintype-Owner: anna\r\n", bert = "Tintype-Owner: bert\r\n";
  const std::string first = created(100, anna);
  expect_problem(create(401, anna), 429, "rate_limited");
  created(400, anna);
  const Answer third = create(0, anna);
  expect_problem(third, 429, "rate_limited");
  EXPECT_NE(third.header("retry-after"), "");
  created(500, bert);
  expect_problem(create(1), 507, "storage_full");
  restart();
  expect_problem(create(1), 507, "storage_full");
  expect_problem(create(1, anna), 429, "rate_limited");
  EXPECT_EQ(tus("DELETE", first, anna).status, 204);
  const std::string last = created(100, anna);
  EXPECT_EQ(patch(last, 0, noise(100), anna).status, 204);
  EXPECT_EQ(create(100, anna).status, 201) << "a photo is not under way any more";
}

TEST_F(Tus, ASweepDuringACreationCountsItOnce) {
  config.staging = {.bytes = 1000, .uploads = 100, .owner_bytes = 500, .owner_uploads = 2};
  config.sweep_period = std::chrono::milliseconds(1);
  start();
  for (int i = 0; i < 200; ++i) {
    const Answer made = create(1);
    ASSERT_EQ(made.status, 201) << "after " << i << ": " << made.body;
    ASSERT_EQ(tus("DELETE", made.header("location")).status, 204);
  }
}

TEST_F(Tus, NoBytesComeWhileTheDiskIsFull) {
  start();
  const std::string path = created(100);
  EXPECT_EQ(patch(path, 0, noise(50)).status, 204);
  config.min_free_bytes = 1ull << 60;
  restart();
  const Answer full = patch(path, 50, noise(50));
  expect_problem(full, 507, "storage_full");
  EXPECT_EQ(offset_of(path), 50u);
  config.min_free_bytes = 0;
  restart();
  EXPECT_EQ(patch(path, 50, noise(50)).status, 204);
}

TEST_F(Tus, SaysWhatItCan) {
  config.max_upload_bytes = 12345;
  start();
  const Answer answer = ask({.method = "OPTIONS", .target = "/v1/uploads"});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("tus-version"), "1.0.0");
  EXPECT_EQ(answer.header("tus-max-size"), "12345");
  EXPECT_TRUE(answer.header("tus-checksum-algorithm").contains("sha1"));
  for (const char* extension : {"creation", "creation-with-upload", "expiration", "termination", "checksum"}) {
    EXPECT_TRUE(answer.header("tus-extension").contains(extension));
  }
}

TEST_F(Tus, MakesAPhotoOfSeveralPieces) {
  start();
  const std::string bytes = noise(700'000);
  const std::string path =
      created(bytes.size(), "Upload-Metadata: filename YS5qcGc=,filetype aW1hZ2UvanBlZw==,recipe d2ViLXdlYnA=\r\n");
  std::size_t offset = 0;
  for (const std::size_t size : {std::size_t{1}, std::size_t{300'000}, std::size_t{399'999}}) {
    const Answer answer = patch(path, offset, bytes.substr(offset, size));
    ASSERT_EQ(answer.status, 204) << answer.body;
    offset += size;
    EXPECT_EQ(answer.header("upload-offset"), std::to_string(offset));
    EXPECT_EQ(answer.header("tintype-photo").empty(), offset < bytes.size());
  }
  const std::string id = get_json(path)["photo_id"];
  const Photo photo = stored(id);
  EXPECT_TRUE(blob_text(photo.heavy.original_key) == bytes);
  EXPECT_EQ(photo.heavy.file_name, "a.jpg");
  EXPECT_EQ(photo.heavy.content_type, "image/jpeg");
  EXPECT_EQ(photo.heavy.job.recipe.name, "web-webp");
  EXPECT_EQ(take_jobs().size(), 1u);
  EXPECT_EQ(staged_files(), 1u);  // the note alone

  const Answer head = tus("HEAD", path);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("upload-offset"), "700000");
  EXPECT_EQ(head.header("upload-length"), "700000");
  EXPECT_EQ(head.header("cache-control"), "no-store");
  EXPECT_EQ(patch(path, bytes.size(), "").header("tintype-photo"), id);
  expect_problem(patch(path, bytes.size(), "x"), 409, "conflict");
}

TEST_F(Tus, TakesTheFirstBytesWithTheCreation) {
  start();
  const std::string bytes = noise(5000);
  const Answer whole = tus("POST", "/v1/uploads", std::format("{}Upload-Length: 5000\r\n", kBytes), bytes);
  EXPECT_EQ(whole.status, 201);
  EXPECT_EQ(whole.header("upload-offset"), "5000");
  EXPECT_TRUE(blob_text(stored(whole.header("tintype-photo")).heavy.original_key) == bytes);
  const Answer half =
      tus("POST", "/v1/uploads", std::format("{}Upload-Length: 5000\r\n", kBytes), bytes.substr(0, 2000));
  EXPECT_EQ(half.header("upload-offset"), "2000");
  EXPECT_EQ(patch(half.header("location"), 2000, bytes.substr(2000)).status, 204);
  EXPECT_EQ(photos_of(), 2u);
  EXPECT_EQ(create(0).header("upload-offset"), "0");
  EXPECT_EQ(photos_of(), 3u);  // of no bytes
}

// Its client was not told where it is.
TEST_F(Tus, ACreationThatIsRefusedWithItsFirstBytesLeavesNothing) {
  config.staging = {.bytes = 1000, .uploads = 100, .owner_bytes = 500, .owner_uploads = 1};
  start();
  const std::string headers = std::format("{}Upload-Length: 3\r\n", kBytes);
  expect_problem(tus("POST", "/v1/uploads", headers + checksum("xyz"), "abc"), 460, "invalid_argument");
  expect_problem(tus("POST", "/v1/uploads", headers + digest_header("xyz"), "abc"), 422, "invalid_argument");
  SocketClient client(port);
  client.send(std::format("POST /v1/uploads HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}{}Transfer-Encoding: chunked\r\n\r\n",
                          port, kTus, headers) +
              "4\r\nabcd\r\n0\r\n\r\n");
  expect_problem(client.receive().value(), 413, "image_too_large");
  EXPECT_EQ(staged_files(), 0u);
  expect_nothing();
  EXPECT_EQ(create(3).status, 201) << "none of them is under way";
}

TEST_F(Tus, CutAnywhereItCanBeResumed) {
  start();
  const std::string bytes = noise(600'000);
  for (const std::size_t sent :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1023}, std::size_t{65'537}, std::size_t{262'143},
        std::size_t{262'144}, std::size_t{262'145}, std::size_t{524'288}, std::size_t{599'998}, std::size_t{599'999}}) {
    const std::string path = created(bytes.size());
    cut_patch(path, 0, bytes, sent);
    EXPECT_TRUE(soon([&] { return offset_of(path) == sent; })) << sent << " " << offset_of(path);
    EXPECT_EQ(photos_of(), 0u);
    if (sent % 2 == 1) restart();
    ASSERT_EQ(offset_of(path), sent);
    ASSERT_EQ(patch(path, sent, bytes.substr(sent)).status, 204);
    const std::string id = get_json(path)["photo_id"];
    EXPECT_TRUE(blob_text(stored(id).heavy.original_key) == bytes) << sent;
    EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/photos/" + id}).status, 204);
  }
}

TEST_F(Tus, CutWithTheFirstBytesItLeavesNothing) {
  start();
  const std::string text = to_text({.method = "POST",
                                    .target = "/v1/uploads",
                                    .headers = std::format("{}{}Upload-Length: 400000\r\n", kTus, kBytes),
                                    .body = noise(400'000)},
                                   port);
  for (std::size_t size = 0; size < text.size(); size += size < 400 ? 61 : 70'001) {
    SocketClient client(port);
    client.send(std::string_view(text).substr(0, size));
  }
  EXPECT_TRUE(soon([&] { return staged_files() == 0; }));
  expect_nothing();
}

TEST_F(Tus, BytesThatWereNotDurableAreSentAgain) {
  start();
  const std::string path = created(1000);
  ASSERT_EQ(patch(path, 0, noise(400)).status, 204);
  gateway.reset();
  // As a power cut leaves it: longer than what was synced, with other bytes.
  std::ofstream(config.staging_folder + "/" + path.substr(path.rfind('/') + 1) + ".bytes", std::ios::app) << "rubbish";
  start();
  EXPECT_EQ(offset_of(path), 400u);
  ASSERT_EQ(patch(path, 400, noise(1000).substr(400)).status, 204);
  EXPECT_TRUE(blob_text(stored(get_json(path)["photo_id"]).heavy.original_key) == noise(1000));
}

TEST_F(Tus, ACrashBetweenPhotoAndNoteMakesOnePhoto) {
  start();
  const std::string path = created(1000);
  ASSERT_EQ(patch(path, 0, noise(1000).substr(0, 400)).status, 204);
  const std::string id = path.substr(path.rfind('/') + 1);
  std::filesystem::copy_file(config.staging_folder + "/" + id + ".note", folder_ + "/note");
  std::filesystem::copy_file(config.staging_folder + "/" + id + ".bytes", folder_ + "/bytes");
  ASSERT_EQ(patch(path, 400, noise(1000).substr(400)).status, 204);
  const std::string photo = get_json(path)["photo_id"];
  gateway.reset();
  const auto replace = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(folder_ + "/note", config.staging_folder + "/" + id + ".note", replace);
  std::filesystem::copy_file(folder_ + "/bytes", config.staging_folder + "/" + id + ".bytes", replace);
  start();
  const Answer again = patch(path, 400, noise(1000).substr(400));
  EXPECT_EQ(again.status, 204);
  EXPECT_EQ(again.header("tintype-photo"), photo);
  EXPECT_EQ(photos_of(), 1u);
}

TEST_F(Tus, AnIdempotencyKeyNamesOnePhoto) {
  start();
  const std::string key = "Idempotency-Key: k\r\n";
  const std::string photo = upload("abc", "", key)["photo_id"];
  const std::string path = created(3, key);
  EXPECT_EQ(patch(path, 0, "abc").header("tintype-photo"), photo);
  const std::string other = created(3, key);
  expect_problem(patch(other, 0, "xyz"), 409, "conflict");
  EXPECT_EQ(tus("HEAD", other).status, 404);
  EXPECT_EQ(photos_of(), 1u);
}

TEST_F(Tus, ChecksumsAreVerified) {
  start();
  const std::string path = created(6);
  EXPECT_EQ(patch(path, 0, "abc", checksum("abc")).status, 204);
  expect_problem(patch(path, 3, "def", checksum("xyz")), 460, "invalid_argument");
  EXPECT_EQ(offset_of(path), 3u);
  expect_problem(patch(path, 3, "def", "Upload-Checksum: md5 AAAA\r\n"), 400, "invalid_argument");
  cut_patch(path, 3, "def", 2, checksum("def"));
  EXPECT_EQ(patch(path, 3, "def", checksum("def")).status, 204);
  EXPECT_EQ(blob_text(stored(get_json(path)["photo_id"]).heavy.original_key), "abcdef");
}

TEST_F(Tus, ADigestOfTheWholeIsVerified) {
  start();
  const std::string path = created(3, digest_header("xyz"));
  expect_problem(patch(path, 0, "abc"), 422, "invalid_argument");
  EXPECT_EQ(tus("HEAD", path).status, 404);
  expect_nothing();
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(Tus, TheLatestRequestWins) {
  start();
  const std::string bytes = noise(900'000);
  const std::string path = created(bytes.size());
  const std::string text = to_text({.method = "PATCH",
                                    .target = path,
                                    .headers = std::format("{}{}Upload-Offset: 0\r\n", kTus, kBytes),
                                    .body = bytes},
                                   port);
  SocketClient stale(port);
  stale.send(std::string_view(text).substr(0, 400'000));
  EXPECT_TRUE(soon([&] { return offset_of(path) == 262'144; }));
  EXPECT_EQ(patch(path, 262'144, bytes.substr(262'144)).status, 204);
  stale.send(std::string_view(text).substr(400'000));
  const auto answer = stale.receive();
  ASSERT_TRUE(answer);
  expect_problem(*answer, 409, "conflict");
  EXPECT_TRUE(blob_text(stored(get_json(path)["photo_id"]).heavy.original_key) == bytes);
  EXPECT_EQ(photos_of(), 1u);
}

TEST_F(Tus, RefusesWhatTheProtocolForbids) {
  start();
  const Answer old = ask({.method = "POST", .target = "/v1/uploads", .headers = "Upload-Length: 3\r\n"});
  expect_problem(old, 412, "unsupported");
  EXPECT_EQ(old.header("tus-version"), "1.0.0");
  expect_problem(tus("POST", "/v1/uploads"), 400, "invalid_argument");
  expect_problem(create(3, "Upload-Metadata: filename ???\r\n"), 400, "invalid_argument");
  expect_problem(create(3, "Upload-Metadata: recipe bm9uZQ==\r\n"), 400, "invalid_argument");
  expect_problem(create(config.max_upload_bytes + 1), 413, "image_too_large");
  const std::string path = created(3);
  expect_problem(tus("PATCH", path, "Upload-Offset: 0\r\nContent-Type: image/jpeg\r\n", "abc"), 415, "unsupported");
  expect_problem(tus("PATCH", path, std::string(kBytes), "abc"), 400, "invalid_argument");
  const Answer elsewhere = patch(path, 1, "bc");
  expect_problem(elsewhere, 409, "conflict");
  EXPECT_EQ(elsewhere.header("upload-offset"), "0");
  EXPECT_EQ(elsewhere.header("tus-resumable"), "1.0.0");
  expect_problem(patch(path, 0, "abcd"), 413, "image_too_large");
  EXPECT_EQ(offset_of(path), 0u);
  EXPECT_EQ(patch("/v1/uploads/0000000000000", 0, "a").status, 404);
  EXPECT_EQ(patch("/v1/uploads/..%2fx", 0, "a").status, 400);
  EXPECT_EQ(ask({.method = "PATCH",
                 .target = path,
                 .headers = std::format("{}{}Upload-Offset: 0\r\nTintype-Owner: eve\r\n", kTus, kBytes),
                 .body = "abc"})
                .status,
            404);
}

TEST_F(Tus, ABodyThatIsTooSlowIsKeptAsFarAsItCame) {
  config.idle_timeout = std::chrono::milliseconds(100);
  start();
  const std::string path = created(1000);
  const std::string text = to_text({.method = "PATCH",
                                    .target = path,
                                    .headers = std::format("{}{}Upload-Offset: 0\r\n", kTus, kBytes),
                                    .body = noise(1000)},
                                   port);
  SocketClient client(port);
  client.send(std::string_view(text).substr(0, text.size() - 600));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  expect_problem(*answer, 408, "timed_out");
  EXPECT_TRUE(soon([&] { return offset_of(path) == 400; }));
  EXPECT_EQ(patch(path, 400, noise(1000).substr(400)).status, 204);
  EXPECT_TRUE(blob_text(stored(get_json(path)["photo_id"]).heavy.original_key) == noise(1000));
}

TEST_F(Tus, MoreThanTheLengthIsNotTaken) {
  start();
  const std::string path = created(5);
  const std::string head = std::format(
      "PATCH {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}{}Upload-Offset: 0\r\nTransfer-Encoding: chunked\r\n\r\n", path,
      port, kTus, kBytes);
  SocketClient client(port);
  client.send(head + "6\r\nabcdef\r\n0\r\n\r\n");
  expect_problem(client.receive().value(), 413, "image_too_large");
  EXPECT_EQ(offset_of(path), 0u);
  SocketClient other(port);
  other.send(head + "5\r\nabcde\r\n0\r\n\r\n");
  EXPECT_EQ(other.receive()->status, 204);
}

TEST_F(Tus, FilesOfNobodyAreRemovedAtTheStart) {
  start();
  const std::string path = created(5);
  ASSERT_EQ(patch(path, 0, "abc").status, 204);
  gateway.reset();
  std::ofstream(config.staging_folder + "/0000000000000.bytes") << "x";
  std::ofstream(config.staging_folder + "/0000000000000.note.new") << "x";
  start();
  EXPECT_EQ(staged_files(), 2u);
  EXPECT_EQ(offset_of(path), 3u);
}

TEST_F(Tus, TerminatesAndForgets) {
  start();
  const std::string path = created(3);
  ASSERT_EQ(patch(path, 0, "a").status, 204);
  EXPECT_EQ(tus("DELETE", path).status, 204);
  EXPECT_EQ(tus("HEAD", path).status, 404);
  EXPECT_EQ(tus("DELETE", path).status, 404);
  const std::string other = created(3);
  EXPECT_EQ(
      tus("POST", other, std::format("{}Upload-Offset: 0\r\nX-HTTP-Method-Override: PATCH\r\n", kBytes), "ab").status,
      204);
  EXPECT_EQ(tus("POST", other, "X-HTTP-Method-Override: DELETE\r\n").status, 204);
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(Tus, WhatNobodyGoesOnWithIsSwept) {
  config.upload_ttl = std::chrono::seconds(2);  // counted from each piece: time enough for the next one
  config.sweep_period = std::chrono::milliseconds(20);
  start();
  const std::string path = created(3);
  EXPECT_EQ(patch(path, 0, "a").status, 204);
  gateway.reset();
  start();
  EXPECT_TRUE(soon([&] { return staged_files() == 0; }));
  EXPECT_EQ(tus("HEAD", path).status, 404);
}

TEST_F(Tus, WhatTheStoreCannotTakeIsSentAgain) {
  bool broken = true;
  AskedIndex asked(*store.index, [&](const Photo&) { return broken ? fail(ErrorCode::kIo, "broken") : Status(); });
  index = &asked;
  start();
  const std::string path = created(6);
  ASSERT_EQ(patch(path, 0, "abc").status, 204);
  expect_problem(patch(path, 3, "def"), 500, "io");
  EXPECT_EQ(offset_of(path), 3u);
  broken = false;
  EXPECT_EQ(patch(path, 3, "def").status, 204);
  EXPECT_EQ(photos_of(), 1u);
  gateway.reset();
}

TEST_F(Tus, IsRefusedWhereThereIsNoFolder) {
  config.staging_folder = "";
  start();
  expect_problem(create(3), 501, "unsupported");
}

}  // namespace
}  // namespace tintype
